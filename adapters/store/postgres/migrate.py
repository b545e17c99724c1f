"""Bringing a database to the schema of this version."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.store.postgres.locks import MIGRATING

T = TypeVar("T")


def upgrade(url: str) -> None:
    """Bring the database to the newest schema; nothing happens where it is there already.

    Safe when several processes start at once: one migrates, the others wait for it.
    """
    _alone(_upgraded(url))


def current(url: str) -> str | None:
    """Return the revision that the database is at; None before its first migration."""
    return _alone(_current(url))


def head() -> str:
    """Return the revision that this version needs."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    if newest is None:
        message = "this version has no migrations"
        raise LookupError(message)
    return newest


async def _upgraded(url: str) -> None:
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url)
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATING}
            )
            await connection.run_sync(_migrate)
    finally:
        await engine.dispose()


def _migrate(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def _current(url: str) -> str | None:
    connection = await asyncpg.connect(url)
    try:
        if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
            return None
        found = await connection.fetchval("SELECT version_num FROM alembic_version")
    finally:
        await connection.close()
    return None if found is None else str(found)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def _alone(work: Coroutine[Any, Any, T]) -> T:
    """Run on a loop of its own, wherever this is called from."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()
