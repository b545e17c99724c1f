"""What every test may ask for: hypothesis profiles and real PostgreSQL databases."""

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from hypothesis import settings

from adapters.embedded.postgres import running_postgres

settings.register_profile("dev", max_examples=100, deadline=None, print_blob=True)
settings.register_profile("ci", max_examples=500, deadline=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

MEMORY = Path("/dev/shm")  # noqa: S108 - only private directories are made in it
MEMORY_NEEDED = 2 * 1024**3


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make test-crash` ask for every crash there is."""
    parser.addoption(
        "--every-crash",
        action="store_true",
        help="let processes die at every checkpoint several times over (tests/crash)",
    )


@pytest.fixture
def cluster_directory() -> Iterator[Path]:
    """Give an empty directory for a PostgreSQL of this test's own."""
    with tempfile.TemporaryDirectory(prefix="signalman-", dir=fast_place()) as directory:
        yield Path(directory)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Give the URL of a PostgreSQL in which the tests may create databases."""
    given = os.environ.get("SIGNALMAN_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with (
        tempfile.TemporaryDirectory(prefix="signalman-", dir=fast_place()) as directory,
        running_postgres(Path(directory), durable=False) as url,
    ):
        yield url


@pytest.fixture(scope="session")
def migrated_template(postgres_url: str) -> Iterator[str]:
    """Give the name of a database with every table and no row, made once a session."""
    # Here, so that the tests of the domain do not wait for SQLAlchemy.
    from adapters.store.postgres.migrate import upgrade  # noqa: PLC0415

    name = f"template_{secrets.token_hex(4)}"
    execute(postgres_url, f"CREATE DATABASE {name}")
    upgrade(database(postgres_url, name))
    yield name
    execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(postgres_url: str, migrated_template: str) -> Iterator[str]:
    """Give the URL of a database of this test's own, with every table and no row."""
    with fresh_database(postgres_url, migrated_template) as url:
        yield url


@pytest.fixture
def other_database_url(postgres_url: str, migrated_template: str) -> Iterator[str]:
    """Give the URL of a second one, to compare with."""
    with fresh_database(postgres_url, migrated_template) as url:
        yield url


@contextmanager
def fresh_database(server: str, template: str) -> Iterator[str]:
    """Yield the URL of a new copy of the template, and drop it at the end."""
    name = f"test_{secrets.token_hex(4)}"
    execute(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield database(server, name)
    execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def fast_place() -> Path | None:
    """Return a file system in memory with room for the databases, or None for the usual.

    A database is 300 files: on a disk they may take ten times as long to make and remove.
    """
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED
    return MEMORY if roomy else None


def database(url: str, name: str) -> str:
    """Return the URL of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def execute(url: str, statement: str) -> None:
    """Run one statement outside any transaction."""

    async def connect_and_execute() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(connect_and_execute())
