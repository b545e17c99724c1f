"""Connections to PostgreSQL, and what it means when there is none."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from types import MappingProxyType

import asyncpg
import msgspec
from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from adapters.store.postgres.locks import HELD_SECONDS, LIMITS_TRANSACTIONS
from application.ports.inbox import StoreUnavailable

POOL_SIZE = 20
CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 10
IDLE_IN_TRANSACTION_SECONDS = 5
"""No longer than a lease: a frozen process must not keep its key locked beyond it."""

WORK_SECONDS = 5
"""What a statement of work may take. No longer than a lease, too: a process that froze
between the two halves of a statement is silent, but PostgreSQL does not call it idle."""

STATEMENTS_PREPARED = 500

SETTINGS = {
    "application_name": "signalman",
    "timezone": "UTC",
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS}s",
    # Statements here are short: compiling one would take longer than running it.
    "jit": "off",
}

OUTAGES = ("08", "53", "57", "58")
"""Classes of errors that say nothing about the statement: connection, resources, shutdown.

Source: PostgreSQL documentation, appendix A, "PostgreSQL Error Codes".
"""
LOST_RACES = ("40001", "40P01", "55P03", "25P03", "25P04", "25006")
"""Rolled back for others' sake: serialization, deadlock, locks, a transaction idle or too
long, a standby."""


def create_engine_for_work(url: str) -> AsyncEngine:
    """Return an engine whose every statement finds its rows by an index.

    Plans are made once and kept, for a statement of twenty parts takes longer to plan than
    to run. One that was made while a table was small would read it whole, and go on doing
    so with a million rows, until its statistics are gathered anew.
    """
    return create_engine(
        url,
        settings={
            **SETTINGS,
            "plan_cache_mode": "force_generic_plan",
            "enable_seqscan": "off",
            "statement_timeout": f"{WORK_SECONDS}s",
        },
        limit_seconds=HELD_SECONDS,
    )


def create_engine(
    url: str,
    pool_size: int = POOL_SIZE,
    settings: Mapping[str, str] = MappingProxyType(SETTINGS),
    limit_seconds: int | None = None,
) -> AsyncEngine:
    """Return an engine for a ``postgresql://`` URL, as asyncpg and psql understand it.

    The directory of a Unix socket is given as ``postgresql://u:p@/db?host=/dir&port=5432``.
    Nothing is connected before it is used. ``limit_seconds`` is what any transaction may
    take, where the server knows that setting.
    """

    async def connect() -> "asyncpg.Connection[asyncpg.Record]":
        try:
            connection = await asyncpg.connect(
                url,
                timeout=CONNECT_SECONDS,
                command_timeout=STATEMENT_SECONDS + 1,
                server_settings=dict(settings),
                statement_cache_size=STATEMENTS_PREPARED,
            )
            if limit_seconds is not None:
                await _limit(connection, limit_seconds)
        except (
            TimeoutError,
            OSError,
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
        ) as error:
            raise _unreachable(error) from error
        return connection

    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        connect_args={"prepared_statement_cache_size": STATEMENTS_PREPARED},
        pool_size=pool_size,
        max_overflow=0,
        # The one used last has its statements prepared, and its plans made.
        pool_use_lifo=True,
        pool_timeout=CONNECT_SECONDS,
        json_serializer=_json,
        json_deserializer=msgspec.json.decode,
    )


async def _limit(connection: "asyncpg.Connection[asyncpg.Record]", seconds: int) -> None:
    if connection.get_server_version().major * 10_000 >= LIMITS_TRANSACTIONS:
        await connection.execute(f"SET transaction_timeout = '{seconds}s'")


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Yield a connection in a transaction: committed at the end, undone by any exception.

    Raises:
        StoreUnavailable: If it is not known to be committed.
    """
    with outages_named():
        async with engine.begin() as connection:
            yield connection


@asynccontextmanager
async def single_statement(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Yield a connection on which every statement commits by itself.

    Raises:
        StoreUnavailable: If a statement is not known to be committed.
    """
    alone = engine.execution_options(isolation_level="AUTOCOMMIT")
    with outages_named():
        async with alone.connect() as connection:
            yield connection


@contextmanager
def outages_named() -> Iterator[None]:
    """Raise ``StoreUnavailable`` for whatever means that nothing is known to be kept."""
    try:
        yield
    except exc.DBAPIError as error:
        if not _is_outage(error):
            raise
        raise StoreUnavailable(f"the database could not be used: {error.orig}") from error
    except asyncpg.PostgresError as error:
        if not _is_state_of_outage(error.sqlstate):
            raise
        raise StoreUnavailable(f"the database could not be used: {error}") from error
    except (
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
        TimeoutError,
        OSError,
        exc.TimeoutError,
    ) as error:
        raise _unreachable(error) from error


def _unreachable(error: Exception) -> StoreUnavailable:
    text = str(error) or type(error).__name__
    return StoreUnavailable(f"the database could not be reached: {text}")


def _is_outage(error: exc.DBAPIError) -> bool:
    if error.connection_invalidated or isinstance(error, exc.InterfaceError):
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return isinstance(error, exc.OperationalError)
    return _is_state_of_outage(state)


def _is_state_of_outage(state: str | None) -> bool:
    return state is not None and (state.startswith(OUTAGES) or state in LOST_RACES)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
