"""What only PostgreSQL can be asked: its schema, outages, and cost of the hot paths."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from asyncpg.connection import LoggedQuery
from asyncpg.exceptions import ForeignKeyViolationError
from sqlalchemy import Connection, event, text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres import migrate
from adapters.store.postgres.engine import create_engine, transaction
from adapters.store.postgres.inbox import PostgresInbox
from adapters.store.postgres.tables import metadata
from adapters.store.postgres.tables.intake import SAMPLE
from adapters.store.postgres.tables.metadata import Xid8
from adapters.store.postgres.workbench import PostgresWorkbench
from application.ports.inbox import Receipt, Refusal, StoreUnavailable
from application.ports.workbench import LEASE, ClaimLost
from application.records import FeedId
from domain.reasons import Reason
from domain.signal import Action
from tests.adapters.store.hands import Hands
from tests.adapters.store.stores import Store, arrival, deploy, postgres_store
from tests.conftest import database, execute

_CATALOG = text("""
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
    UNION ALL
    SELECT 'index', tablename, indexname, indexdef FROM pg_indexes
    WHERE schemaname = 'public'
    UNION ALL
    SELECT 'column', table_name, column_name,
           concat_ws(' ', data_type, is_nullable, column_default, identity_generation)
    FROM information_schema.columns WHERE table_schema = 'public'
    ORDER BY 1, 2, 3
""")
AGAIN = (
    "INSERT INTO jobs (alert, bot, account, symbol, cause, status) "
    "SELECT alert, bot, account, symbol, cause, 'QUEUED' FROM jobs"
)
NEVER_COMMITS = (
    """
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the disk is full' USING ERRCODE = 'disk_full'; END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER fails AFTER INSERT ON alerts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()
    """,
)
FRAMES = ("BEGIN", "COMMIT", "BEGIN ISOLATION LEVEL READ COMMITTED")
REFUSAL = Refusal(
    reason=Reason.AUTH_BAD_TOKEN, detail="", source="203.0.113.9", size=3, body="abc"
)


GROWING = (
    *("jobs", "decisions", "intents", "orders", "order_transitions", "fills", "trades"),
    *("reservations", "paper_orders", "paper_fills"),
)


async def whole_reads(store: Store) -> dict[str, int]:
    """Say how often tables that grow were read from end to end so far."""
    async with engine_of(store).connect() as connection:
        found = await connection.execute(
            text(
                "SELECT relname, seq_scan FROM pg_stat_user_tables "
                "WHERE relname = ANY(:names)"
            ),
            {"names": list(GROWING)},
        )
        return {row.relname: row.seq_scan for row in found}


@pytest.fixture
def empty_database(postgres_url: str) -> Iterator[str]:
    name = f"empty_{secrets.token_hex(4)}"
    execute(postgres_url, f"CREATE DATABASE {name}")
    yield database(postgres_url, name)
    execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    one = create_engine(database_url)
    yield one
    await one.dispose()


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with postgres_store(database_url) as one:
        yield one


@asynccontextmanager
async def counted(engine: AsyncEngine) -> AsyncIterator[list[str]]:
    """Give the list of the statements that are executed meanwhile, by whatever way."""
    found: list[str] = []
    seen: list[Any] = []

    def note(query: LoggedQuery) -> None:
        if query.query.rstrip(";") not in FRAMES:
            found.append(query.query)

    def watch(connection: Any, *_: Any) -> None:
        if connection.driver_connection not in seen:
            connection.driver_connection.add_query_logger(note)
            seen.append(connection.driver_connection)

    event.listen(engine.sync_engine, "checkout", watch)
    try:
        yield found
        await asyncio.sleep(0)  # the driver tells of a query once the loop comes round
    finally:
        event.remove(engine.sync_engine, "checkout", watch)
        for connection in seen:
            connection.remove_query_logger(note)


def engine_of(store: Store) -> AsyncEngine:
    assert isinstance(store.inbox, PostgresInbox)
    return store.inbox.engine


def engine_for_work_of(store: Store) -> AsyncEngine:
    assert isinstance(store.workbench, PostgresWorkbench)
    return store.workbench.engine


async def test_the_tables_are_what_the_migrations_make(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ischema_names, "xid8", Xid8)

    def differences(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_every_constraint_and_index_is_in_both(
    engine: AsyncEngine, empty_database: str
) -> None:
    declared = create_engine(empty_database)
    async with declared.begin() as connection:
        await connection.run_sync(metadata.create_all)
        wanted = [tuple(row) for row in await connection.execute(_CATALOG)]
    await declared.dispose()

    async with engine.connect() as connection:
        made = [tuple(row) for row in await connection.execute(_CATALOG)]

    assert [row for row in made if row[1] != "alembic_version"] == wanted


def test_a_database_knows_how_far_it_was_migrated(empty_database: str) -> None:
    before = migrate.current(empty_database)
    migrate.upgrade(empty_database)
    migrate.upgrade(empty_database)

    assert before is None
    assert migrate.current(empty_database) == migrate.head()


def test_several_processes_may_migrate_at_once(empty_database: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(migrate.upgrade, [empty_database] * 4))

    assert migrate.current(empty_database) == migrate.head()


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    engine = create_engine(f"postgresql://u:p@/db?host={tmp_path}&port=5432")
    inbox = PostgresInbox(engine)

    with pytest.raises(StoreUnavailable):
        await inbox.feed("a" * 64)
    with pytest.raises(StoreUnavailable):
        await inbox.receive(arrival("one"))
    await engine.dispose()


async def test_a_database_that_is_not_there_is_unavailable(postgres_url: str) -> None:
    engine = create_engine(database(postgres_url, "nowhere"))

    with pytest.raises(StoreUnavailable):
        await PostgresInbox(engine).feed("a" * 64)
    await engine.dispose()


async def test_a_connection_that_breaks_is_unavailable_and_the_next_one_is_not(
    store: Store, engine: AsyncEngine
) -> None:
    await deploy(store)
    others = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    async with engine.connect() as connection:
        await connection.execute(others)

    with pytest.raises(StoreUnavailable):
        await store.inbox.receive(arrival("one", signal=store.signal()))

    receipt = await store.inbox.receive(arrival("one", signal=store.signal()))
    assert receipt.alert == 1


async def test_more_callers_than_connections_wait_their_turn(database_url: str) -> None:
    async with postgres_store(database_url) as store:
        await deploy(store)
    small = create_engine(database_url, pool_size=2)

    receipts = await asyncio.gather(
        *(
            PostgresInbox(small).receive(arrival(f"{number}", signal=store.signal()))
            for number in range(20)
        )
    )

    await small.dispose()
    assert len({receipt.alert for receipt in receipts}) == 20


async def test_a_mistake_of_ours_is_not_an_outage(store: Store) -> None:
    with pytest.raises(ForeignKeyViolationError):
        await store.inbox.receive(arrival("one", signal=store.signal()))


async def test_what_fails_in_a_transaction_is_undone(engine: AsyncEngine) -> None:
    change = text("UPDATE installation SET epoch = epoch + 1")

    async def fail() -> None:
        async with transaction(engine) as connection:
            await connection.execute(change)
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await fail()

    async with engine.connect() as connection:
        epoch = await connection.execute(text("SELECT epoch FROM installation"))
        assert epoch.scalar_one() == 1


async def test_the_sample_of_refused_requests_is_bounded(store: Store) -> None:
    for _ in range(SAMPLE // 50 + 1):
        await asyncio.gather(*(store.inbox.refuse(REFUSAL) for _ in range(50)))

    async with engine_of(store).connect() as connection:
        kept = await connection.execute(
            text("SELECT count(*), min(number), max(number) FROM refused_requests")
        )
        assert tuple(kept.one()) == (SAMPLE, 51, SAMPLE + 50)
    assert (await store.views.accounted()).refused == SAMPLE + 50


async def test_an_alert_is_kept_by_one_statement(store: Store) -> None:
    await deploy(store)
    await store.receive(store.signal())  # by which the driver learns the types

    async with counted(engine_of(store)) as statements:
        await store.receive(store.signal())

    assert len(statements) == 1


async def test_alerts_that_wait_at_the_same_moment_share_a_statement(store: Store) -> None:
    await deploy(store)
    await store.receive(store.signal())

    async with counted(engine_of(store)) as statements:
        receipts = await asyncio.gather(
            *(store.receive(store.signal()) for _ in range(100))
        )

    assert [one.alert for one in receipts] == list(range(2, 102))
    assert len(statements) <= 2


async def test_one_that_cannot_be_kept_fails_no_other(store: Store) -> None:
    await deploy(store)
    arrivals = [arrival(f"{number}", signal=store.signal()) for number in range(10)]
    arrivals[4] = replace(arrivals[4], feed=FeedId(99))

    found = await asyncio.gather(
        *map(store.inbox.receive, arrivals), return_exceptions=True
    )

    refused = [one for one in found if not isinstance(one, Receipt)]
    assert [type(one) for one in refused] == [ForeignKeyViolationError]
    assert found[4] is refused[0]


async def test_when_the_commit_fails_nobody_is_told_that_it_was_kept(
    store: Store,
) -> None:
    await deploy(store)
    async with engine_of(store).begin() as connection:
        for command in NEVER_COMMITS:
            await connection.execute(text(command))

    found = await asyncio.gather(
        *(store.receive(store.signal()) for _ in range(10)), return_exceptions=True
    )

    assert {type(one) for one in found} == {StoreUnavailable}
    assert await store.views.alerts(limit=10) == []


async def test_a_round_of_fan_out_costs_the_same_for_one_and_for_many(
    store: Store,
) -> None:
    await deploy(store)
    await store.receive(store.signal())
    async with counted(engine_of(store)) as for_one:
        await store.fan_out()
    for _ in range(100):
        await store.receive(store.signal())
    async with counted(engine_of(store)) as for_many:
        await store.fan_out()

    assert len(for_many) == len(for_one) <= 4


async def test_fifty_skips_cost_about_a_dozen_statements(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=50)
    for _ in range(50):
        await store.receive(store.signal())
    await store.fan_out()
    hands = await Hands.on(store)

    async with counted(engine_for_work_of(store)) as statements:
        planned = await hands.plan()

    assert len(planned.changes) == 50
    assert len(statements) <= 12


async def test_a_round_that_asks_for_no_limit_is_kept_by_one_statement(
    store: Store,
) -> None:
    await deploy(store)
    await store.send(rsi=20)
    await store.receive(store.signal(action=Action.CLOSE))
    await store.fan_out()
    hands = await Hands.on(store)
    await hands.look()

    async with counted(engine_for_work_of(store)) as statements:
        await hands.plan()

    assert sum("INTO decisions" in one for one in statements) == 1
    assert not any("FOR UPDATE" in one or "FOR KEY SHARE" in one for one in statements)


async def test_a_round_on_a_claim_that_is_lost_keeps_nothing(store: Store) -> None:
    await deploy(store)
    await store.receive(store.signal(rsi=50))
    await store.fan_out()
    hands = await Hands.on(store)
    await store.later(LEASE)
    await Hands.on(store, owner="heir")

    with pytest.raises(ClaimLost):
        await hands.plan()

    async with engine_of(store).connect() as connection:
        decided = await connection.execute(text("SELECT count(*) FROM decisions"))
        assert decided.scalar_one() == 0


async def test_work_reads_no_table_whole_that_grows(database_url: str) -> None:
    async with postgres_store(database_url) as store:
        await deploy(store)
        await store.send(rsi=20)
        before = await whole_reads(store)
        for number in range(4):
            await store.send(rsi=50, action=Action.CLOSE)
            await store.send(rsi=20, price=f"{100 + number}")

    async with postgres_store(database_url) as store:
        assert await whole_reads(store) == before


async def test_everything_that_happens_is_told_in_order(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20)
    await store.send(rsi=50, action=Action.CLOSE)
    await store.inbox.receive(arrival(None, reason=Reason.BODY_NOT_JSON))

    async with engine_of(store).connect() as connection:
        found = await connection.execute(
            text(
                "SELECT kind, alert FROM events "
                "WHERE xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY id"
            )
        )
        told = [tuple(row) for row in found]

    kinds = [kind for kind, _ in told]
    assert kinds[:4] == ["configuration"] * 4
    assert kinds[4:] == [
        *("alert.received", "alert.routed", "decision", "order", "order", "fill"),
        *("alert.received", "alert.routed", "decision", "order", "order", "fill"),
        "trade",
        "alert.refused",
    ]
    assert told[4][1] == 1
    assert told[-1][1] == 3


async def test_what_must_never_be_cannot_be_written(store: Store) -> None:
    await deploy(store)
    await store.send(rsi=20)

    for statement in (
        "INSERT INTO positions SELECT * FROM positions",
        AGAIN,
        "UPDATE orders SET filled = quantity + 1",
        "UPDATE orders SET status = 'LOST'",
        "UPDATE orders SET quantity = -1, filled = -1",
        "INSERT INTO fills SELECT * FROM fills",
        "UPDATE positions SET quantity = 0",
        "UPDATE jobs SET finished_at = NULL",
        "INSERT INTO installation (id) VALUES (2)",
    ):
        with pytest.raises(IntegrityError):
            async with engine_of(store).begin() as connection:
                await connection.execute(text(statement))
