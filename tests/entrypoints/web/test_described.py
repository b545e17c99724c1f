"""The description of the API holds: schemathesis asks all of it and finds nothing."""

import asyncio
import subprocess
import sys
from pathlib import Path

from adapters.configuration.yaml_file import read_yaml
from application.logging_in import digest_of
from application.ports.access import Permission, Role
from application.proposal import Wishes
from entrypoints.session import opened
from entrypoints.settings import Settings
from tests.entrypoints.stack import AUTHOR, BOTS
from tests.entrypoints.test_processes import Servers, processes

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
TOKEN = "a-token-of-all-scopes"  # noqa: S105 - opens nothing but this test's database


async def _deploy(database_url: str) -> None:
    """Deploy two bots, and let a program with every scope in."""
    settings = Settings(database_url=database_url, queue="memory")
    async with opened(settings) as container:
        await container.apply()(read_yaml(BOTS), Wishes(), AUTHOR)
        await container.users().add("ada", Role.ADMIN, None, AUTHOR)
        scopes = frozenset(Permission)
        await container.api_tokens().add("all", digest_of(TOKEN), scopes, AUTHOR)


def test_the_api_answers_as_its_description_says(database_url: str, tmp_path: Path) -> None:
    asyncio.run(_deploy(database_url))

    with processes(Servers(database_url, "", "memory"), "web") as running:
        place = Path(sys.executable).with_name("schemathesis")
        asked: list[str | Path] = [place, "--config-file", CONFIGURATION, "run"]
        asked += [f"{running.address}/schema/openapi.json"]
        asked += ["--header", f"Authorization: Bearer {TOKEN}"]
        done = subprocess.run(
            asked, cwd=tmp_path, capture_output=True, text=True, check=False
        )

    assert done.returncode == 0, done.stdout[-20_000:]
