"""The audit's chain on PostgreSQL: what it names when somebody has been at the tables."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.anchors.file import AnchorFile
from adapters.clock.fixed import FixedClock
from adapters.clock.system import SystemClock
from adapters.store.postgres.audit import PostgresAuditChain
from adapters.store.postgres.engine import create_engine
from adapters.store.postgres.journal import PostgresJournal
from application.audit import (
    ANCHOR_EVERY,
    BATCH,
    ROUNDS_MAX,
    KeepAudit,
    Problem,
    RebuildPositions,
    Verdict,
    VerifyAudit,
)
from application.notice import Kind
from application.ports.audit import Head
from application.ports.configuration import Scope
from domain.risk import TradingState
from tests.adapters.store.stores import (
    AUTHOR,
    Store,
    bot_config,
    deploy,
    postgres_store,
)


@dataclass(frozen=True, slots=True)
class Books:
    """A store that has traded, its chain, and a way to tamper with it."""

    store: Store
    engine: AsyncEngine
    chain: PostgresAuditChain
    keep: KeepAudit
    verify: VerifyAudit
    anchors: AnchorFile
    clock: FixedClock

    async def tamper(self, *statements: str) -> None:
        """Change rows behind the program's back."""
        async with self.engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))

    async def problem(self) -> Problem:
        """Verify, and return what must be wrong."""
        verdict = await self.verify()
        assert verdict.problem is not None
        return verdict.problem


@pytest.fixture
async def books(database_url: str, tmp_path: Path) -> AsyncIterator[Books]:
    engine = create_engine(database_url)
    chain, anchors = PostgresAuditChain(engine), AnchorFile(tmp_path)
    clock = FixedClock(SystemClock().now())
    async with postgres_store(database_url) as store:
        await deploy(store, bot_config(), bot_config("eth", "ETH"))
        for rsi in (20, 25, 80, 20):
            await store.send(rsi=rsi)
        await store.send(rsi=20, ticker="ETHUSDT.P")
        await store.configuration.change_state(
            Scope.GLOBAL, "", TradingState.REDUCING, AUTHOR
        )
        keep = KeepAudit(chain, anchors, store.outbox, clock)
        await keep()
        verify = VerifyAudit(chain, anchors)
        yield Books(store, engine, chain, keep, verify, anchors, clock)
    await engine.dispose()


async def test_everything_is_in_the_chain_and_holds(books: Books) -> None:
    verdict = await books.verify()

    async with books.engine.begin() as connection:
        rows = await connection.execute(
            text(
                "SELECT (SELECT count(*) FROM revisions) + (SELECT count(*) FROM fills)"
                " + (SELECT count(*) FROM decisions)"
                " + (SELECT count(*) FROM operator_actions)"
                " + (SELECT count(*) FROM order_transitions)"
            )
        )
    assert verdict == Verdict(head=await books.chain.head(), anchors=1)
    assert verdict.head.position == rows.scalar_one() > 20


async def test_doing_it_again_chains_nothing_twice(books: Books) -> None:
    before = await books.chain.head()

    await asyncio.gather(*(books.keep() for _ in range(5)))

    assert await books.chain.head() == before


async def test_small_bites_lead_to_the_same_end(books: Books) -> None:
    await books.store.send(rsi=80)
    while await books.chain.extend(3):
        pass

    verdict = await books.verify()

    assert verdict.problem is None
    assert verdict.waiting == 0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE fills SET price = price + 0.1 WHERE id = 3", "Fill 3 was changed."),
        ("UPDATE fills SET fee = 1 WHERE id = 1", "Fill 1 was changed."),
        ("UPDATE revisions SET author = 'eve' WHERE id = 2", "Revision 2 was changed."),
        ("UPDATE operator_actions SET reason = ''", "Operator action 1 was changed."),
        (
            "UPDATE decisions SET findings = '[]' WHERE job = 1",
            "Decision 0 of job 1 was changed.",
        ),
        ("DELETE FROM fills WHERE id = 2", "Fill 2 was deleted."),
    ],
)
async def test_the_first_bad_row_is_named(books: Books, change: str, named: str) -> None:
    await books.tamper(change)

    problem = await books.problem()

    assert problem.sentence == named
    entry = await books.chain.entries(problem.position - 1, 1)
    assert entry[0][0].position == problem.position


async def test_an_order_and_its_evidence_are_bound_to_its_steps(books: Books) -> None:
    await books.tamper("UPDATE orders SET quantity = quantity * 2, filled = filled * 2")

    assert "Step 1 of order" in (await books.problem()).sentence


async def test_two_links_that_changed_places_are_found(books: Books) -> None:
    await books.tamper(
        "UPDATE audit_log SET position = 1000 WHERE position = 5",
        "UPDATE audit_log SET position = 5 WHERE position = 6",
        "UPDATE audit_log SET position = 6 WHERE position = 1000",
    )

    problem = await books.problem()

    assert problem.position == 5
    assert problem.sentence.endswith("was changed or moved.")


async def test_a_missing_link_is_found(books: Books) -> None:
    await books.tamper("DELETE FROM audit_log WHERE position = 7")

    assert (await books.problem()).sentence.startswith("Place 7 of the chain is missing")


async def test_a_tail_that_was_cut_off_is_missed(books: Books) -> None:
    end = (await books.chain.head()).position
    await books.tamper(
        "DELETE FROM audit_log WHERE position > (SELECT max(position) - 3 FROM audit_log)"
    )

    problem = await books.problem()

    assert problem.position == end - 2
    assert "3 at its end are gone" in problem.sentence


async def cut_cleverly(books: Books) -> None:
    """Cut off the newest row, its link, and the chain's own account of its end."""
    await books.tamper(
        "DELETE FROM operator_actions WHERE id = (SELECT max(id) FROM operator_actions)",
        "DELETE FROM audit_log WHERE position = (SELECT max(position) FROM audit_log)",
        "UPDATE audit_state SET (position, hash) ="
        " (SELECT position, hash FROM audit_log ORDER BY position DESC LIMIT 1)",
    )


async def test_a_tail_that_was_cut_cleverly_is_missed_by_its_anchor(books: Books) -> None:
    await cut_cleverly(books)

    assert "1 at its end are gone" in (await books.problem()).sentence


async def test_an_anchor_from_elsewhere_is_enough(books: Books, tmp_path: Path) -> None:
    head = await books.chain.head()
    await cut_cleverly(books)
    verify = VerifyAudit(books.chain, AnchorFile(tmp_path / "lost"))

    alone, told = await verify(), await verify([head])

    assert alone.problem is None
    assert told.problem is not None


async def test_a_chain_that_was_computed_anew_differs_from_its_anchor(
    books: Books,
) -> None:
    await books.tamper(
        "UPDATE fills SET price = price + 1 WHERE id = 1",
        "DELETE FROM audit_log",
        "UPDATE audit_state SET next_xid = 0, position = 0,"
        " hash = decode(repeat('00', 32), 'hex')",
    )
    await books.chain.extend(1_000)

    problem = await books.problem()

    assert "is not the one that was anchored" in problem.sentence


async def test_a_row_that_is_slipped_in_later_is_found(books: Books) -> None:
    await books.tamper(
        "INSERT INTO operator_actions (action, scope, name, detail, author, source, xid)"
        " VALUES ('x', 'global', '', '{}', 'eve', 'psql', 5)"
    )

    assert "was put in later" in (await books.problem()).sentence


async def test_after_a_restore_the_chain_goes_on(books: Books) -> None:
    await books.tamper("UPDATE audit_state SET next_xid = 9000000000")

    await books.store.send(rsi=80)
    chained = await books.chain.extend(1_000)
    verdict = await books.verify()

    assert chained > 0
    assert (verdict.problem, verdict.waiting) == (None, 0)


async def test_a_transaction_that_commits_late_is_not_skipped(books: Books) -> None:
    late = (
        "INSERT INTO operator_actions (action, scope, name, detail, author, source)"
        " VALUES ('late', 'global', '', '{}', 'ada', 'test')"
    )
    async with books.engine.begin() as connection:
        await connection.execute(text(late))
        await books.store.send(rsi=80)
        meanwhile = await books.chain.extend(1_000)
    afterwards = await books.chain.extend(1_000)

    assert meanwhile == 0
    assert afterwards > 1
    assert (await books.verify()).problem is None


async def test_a_head_is_kept_outside_now_and_then(books: Books) -> None:
    await books.store.send(rsi=80)
    await books.keep()
    soon = len(books.anchors.all())
    books.clock.move(ANCHOR_EVERY + timedelta(seconds=1))
    await books.keep()

    assert (soon, len(books.anchors.all())) == (1, 2)
    assert books.anchors.all()[-1].head == await books.chain.head()


async def test_positions_are_what_their_executions_come_to(books: Books) -> None:
    rebuild = RebuildPositions(PostgresJournal(books.engine))

    assert await rebuild() == (2, [])

    await books.tamper("UPDATE positions SET cost = cost + 1, realized = 5 WHERE bot = 1")
    _, differences = await rebuild()
    assert [one.what for one in differences] == ["cost", "realized"]


async def test_turnovers_are_what_their_executions_come_to(books: Books) -> None:
    rebuild = RebuildPositions(PostgresJournal(books.engine))

    await books.tamper("UPDATE turnovers SET cash = cash + 1")

    _, differences = await rebuild()
    assert differences
    assert all(one.what.startswith("turnover of") for one in differences)


async def test_an_empty_chain_holds(database_url: str, tmp_path: Path) -> None:
    engine = create_engine(database_url)
    chain = PostgresAuditChain(engine)

    verdict = await VerifyAudit(chain, AnchorFile(tmp_path))()
    await engine.dispose()

    assert verdict == Verdict(head=Head(0, bytes(32)))


async def test_a_great_backlog_is_chained_a_little_at_a_time(books: Books) -> None:
    many = (
        "INSERT INTO operator_actions (action, scope, name, detail, author, source)"
        " SELECT 'x', 'global', '', '{}', 'ada', 'test' FROM generate_series(1, :count)"
    )
    first = BATCH * ROUNDS_MAX
    await books.tamper(many.replace(":count", str(first + 10)))

    once = await books.keep()
    waiting = await books.chain.waiting()
    await books.keep.all()

    assert (once, waiting) == (first, 10)
    assert (await books.verify()).problem is None


async def test_the_head_is_told_off_this_machine_once_a_day(books: Books) -> None:
    async def heads() -> list[str]:
        told = [one.notice for one in await books.store.outbox.waiting(100)]
        return [one.lines[-1] for one in told if one.kind is Kind.AUDIT_HEAD]

    await books.store.send(rsi=80)
    books.clock.move(ANCHOR_EVERY + timedelta(seconds=1))
    await books.keep()
    (told,) = await heads()
    anchor = told.rpartition(" ")[2]

    position, _, digest = anchor.partition(":")
    verdict = await books.verify([Head(int(position), bytes.fromhex(digest))])
    assert verdict.problem is None
    assert verdict.head.position > int(position)
