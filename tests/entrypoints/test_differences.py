"""What an account's policy does about a difference between the venue and our books."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from application.ports.comparisons import Comparison
from domain.reasons import Reason
from tests.entrypoints.rehearsal import PATIENCE, rehearsing
from tests.entrypoints.stack import Stack, alert
from tests.venue.venues import Venues, running_venues

EXCHANGE = "binanceusdm"


@pytest.fixture
async def venues(tmp_path: Path) -> AsyncIterator[Venues]:
    async with running_venues(tmp_path) as running:
        yield running


async def compare(stack: Stack) -> Comparison:
    """Compare until a difference has lasted, and work what comes of it."""
    await stack.container.reconcile()()
    await stack.execute("UPDATE comparisons SET differs_since = now() - interval '6 s'")
    await stack.container.reconcile()()
    await stack.settle()
    (seen,) = await stack.container.reconcile()()
    return seen


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
