"""What an account's policy does about a difference between the venue and our books."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from application.differences import Remedy
from application.ports.comparisons import Asked, Comparison, Reading
from application.records import AccountId
from domain.instrument import Symbol
from domain.reasons import Reason
from tests.entrypoints.rehearsal import PATIENCE, rehearsing
from tests.entrypoints.stack import AUTHOR, Stack, alert
from tests.venue.books import Trade
from tests.venue.faults import Way
from tests.venue.venues import Venues, client, running_venues

EXCHANGE = "binanceusdm"
SYMBOL = Symbol("BTC/USDT:USDT")


@pytest.fixture
async def venues(tmp_path: Path) -> AsyncIterator[Venues]:
    async with running_venues(tmp_path) as running:
        yield running


async def compare(stack: Stack) -> Comparison:
    """Compare until a difference has lasted, and work what comes of it."""
    await stack.container.reconcile()()
    await later(stack)
    await stack.container.reconcile()()
    await stack.settle()
    (seen,) = await stack.container.reconcile()()
    return seen


async def later(stack: Stack) -> None:
    """Let what was seen last be six seconds old."""
    ago = "clock_timestamp() - interval '6 s'"
    await stack.execute(
        f"UPDATE comparisons SET differs_since = {ago}, same_since = {ago}"  # noqa: S608
        " WHERE differs_since IS NOT NULL"
    )


async def enter(stack: Stack) -> None:
    await stack.outcome(alert(rsi=25))
    await stack.settled(PATIENCE)


async def test_a_liquidation_is_booked_once_as_an_exit_by_the_venue(
    database_url: str, venues: Venues
) -> None:
    account = {"on_difference": "adopt"}
    async with rehearsing(database_url, venues, EXCHANGE, account=account) as stack:
        await enter(stack)
        venues.matching(EXCHANGE).liquidate(venues.customer(EXCHANGE), "BTCUSDT")
        seen = await compare(stack)
        again = await compare(stack)
        trades = await stack.container.views().trades(limit=10)
        (newest, *_) = await stack.container.views().orders(limit=10)

    assert not seen.gates
    assert not again.gates
    assert seen.ours == Decimal(0)
    assert len(trades) == 1
    assert newest.order.id.startswith("venue:")
    assert newest.order.filled == Decimal("0.016")


async def test_ignoring_takes_the_rest_for_not_ours(
    database_url: str, venues: Venues
) -> None:
    account = {"on_difference": "ignore"}
    async with rehearsing(database_url, venues, EXCHANGE, account=account) as stack:
        await enter(stack)
        venues.customer(EXCHANGE).position("BTCUSDT").quantity += Decimal(1)
        seen = await compare(stack)

    assert not seen.gates
    assert seen.baseline == Decimal(1)


async def test_without_a_policy_entries_wait_and_nothing_is_booked(
    database_url: str, venues: Venues
) -> None:
    async with rehearsing(database_url, venues, EXCHANGE) as stack:
        await enter(stack)
        venues.matching(EXCHANGE).liquidate(venues.customer(EXCHANGE), "BTCUSDT")
        seen = await compare(stack)
        reason = await stack.outcome(alert(id="two", rsi=20))

    assert seen.gates
    assert seen.ours == Decimal("0.016")
    assert reason is not Reason.ENTRY_SCALED_IN


async def test_part_of_a_position_that_was_closed_there_is_booked_as_the_venue_did_it(
    database_url: str, venues: Venues
) -> None:
    account = {"on_difference": "adopt"}
    async with rehearsing(database_url, venues, EXCHANGE, account=account) as stack:
        await enter(stack)
        await stack.container.reconcile()()
        sold = await by_hand(venues, "sell", "0.006", price="61000")
        seen = await compare(stack)
        again = await compare(stack)
        (position,) = await stack.container.views().positions()
        (fill,) = await booked(stack)

    assert (seen.gates, again.gates) == (False, False)
    assert position.position.quantity == Decimal("0.010")
    assert fill == (str(sold.id), Decimal("0.006"), Decimal(61000), sold.fee)


async def test_a_difference_that_changed_between_two_reads_is_not_acted_on(
    database_url: str, venues: Venues
) -> None:
    account = {"on_difference": "ignore"}
    async with rehearsing(database_url, venues, EXCHANGE, account=account) as stack:
        await enter(stack)
        held = venues.customer(EXCHANGE).position("BTCUSDT")
        held.quantity += Decimal(1)
        await stack.container.reconcile()()
        await later(stack)
        held.quantity += Decimal(1)
        (seen,) = await stack.container.reconcile()()

    assert seen.gates
    assert seen.baseline == Decimal(0)


async def test_books_that_moved_while_a_venue_was_silent_make_another_difference(
    database_url: str, venues: Venues
) -> None:
    async with rehearsing(database_url, venues, EXCHANGE) as stack:
        await enter(stack)
        venues.customer(EXCHANGE).position("BTCUSDT").quantity += Decimal(1)
        await stack.container.reconcile()()
        comparisons = stack.container.comparisons()
        (seen,) = await comparisons.markets()
        silent = Reading(theirs=None, differs=True, gates=False)
        await comparisons.keep(seen, silent)
        (still,) = await comparisons.markets()
        await comparisons.keep(replace(seen, ours=seen.ours + 1), silent)
        (moved,) = await comparisons.markets()

    assert still.same_since == seen.same_since is not None
    assert moved.same_since is None


async def test_what_is_there_beyond_our_books_is_closed_by_one_reduce_only_order(
    database_url: str, venues: Venues
) -> None:
    account = {"on_difference": "close"}
    async with rehearsing(database_url, venues, EXCHANGE, account=account) as stack:
        await enter(stack)
        await by_hand(venues, "buy", "0.5")
        await compare(stack)
        (seen,) = await stack.container.reconcile()()
        said = await audited(stack)

    orders = venues.customer(EXCHANGE).orders
    ours = [(one.side, one.filled) for one in orders if one.reduce_only]
    assert ours == [("SELL", Decimal("0.5"))]
    assert (seen.gates, seen.theirs) == (False, Decimal("0.016"))
    assert [one["status"] for one in said if "status" in one] == ["FILLED"]


async def test_a_close_whose_answer_was_lost_is_found_and_not_sent_again(
    database_url: str, venues: Venues
) -> None:
    account = {"on_difference": "close"}
    async with rehearsing(database_url, venues, EXCHANGE, account=account) as stack:
        await enter(stack)
        await by_hand(venues, "buy", "0.5")
        venues.simulator.plan(Way.DROP_AFTER, "/fapi/v1/order")
        await compare(stack)
        await stack.container.reconcile()()
        (seen,) = await stack.container.reconcile()()
        said = await audited(stack)

    orders = venues.customer(EXCHANGE).orders
    assert len([one for one in orders if one.reduce_only]) == 1
    assert not seen.gates
    assert [one["status"] for one in said if "status" in one] == ["UNKNOWN", "FILLED"]


async def test_what_was_there_before_us_is_never_closed(
    database_url: str, venues: Venues
) -> None:
    account = {"on_difference": "close"}
    async with rehearsing(database_url, venues, EXCHANGE, account=account) as stack:
        await enter(stack)
        await by_hand(venues, "buy", "0.5")
        await stack.container.reconcile()()
        await stack.container.comparisons().ignore(AccountId(1), SYMBOL, AUTHOR)
        await by_hand(venues, "sell", "0.2")
        seen = await compare(stack)

    assert seen.gates
    assert not [one for one in venues.customer(EXCHANGE).orders if one.reduce_only]


async def test_a_person_asks_and_the_next_comparison_does_it(
    database_url: str, venues: Venues
) -> None:
    async with rehearsing(database_url, venues, EXCHANGE) as stack:
        await enter(stack)
        await by_hand(venues, "buy", "0.5")
        await compare(stack)
        wish = Asked(Remedy.CLOSE, AUTHOR)
        await stack.container.comparisons().ask(AccountId(1), SYMBOL, wish)
        await stack.container.reconcile()()
        (seen,) = await stack.container.reconcile()()
        waiting = await stack.container.outbox().waiting(10)

    assert (seen.gates, seen.asked) == (False, None)
    assert [one.notice.kind.value for one in waiting].count("differs") == 1


async def by_hand(venues: Venues, side: str, amount: str, price: str = "60000") -> Trade:
    """Trade at the venue as somebody does who is not Signalman."""
    venues.matching(EXCHANGE).prices["BTCUSDT"] = Decimal(price)
    async with client(venues, EXCHANGE) as other:
        await other.create_order("BTC/USDT:USDT", "market", side, float(amount))
    return venues.customer(EXCHANGE).orders[-1].trades[-1]


async def booked(stack: Stack) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    """Return the executions that were booked as exits."""
    async with stack.container.engine().connect() as connection:
        rows = await connection.execute(
            text("SELECT trade_id, quantity, price, fee FROM fills WHERE reduces")
        )
        return [(row[0], row[1], row[2], row[3]) for row in rows]


async def audited(stack: Stack) -> list[dict[str, str]]:
    """Return what was kept of closing differences."""
    async with stack.container.engine().connect() as connection:
        rows = await connection.execute(
            text(
                "SELECT detail FROM operator_actions"
                " WHERE action = 'close_difference' ORDER BY id"
            )
        )
        return [dict(row[0]) for row in rows]
