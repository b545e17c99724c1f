"""An account that trades real money: what must be true before an entry leaves."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from application.records import AccountId
from domain.reasons import Reason
from tests.entrypoints.rehearsal import PATIENCE, rehearsing
from tests.entrypoints.stack import (
    AUTHOR,
    FOUR_HOURS,
    Stack,
    alert,
    last_closed_bar,
)
from tests.venue.faults import Way
from tests.venue.venues import Venues, running_venues

EXCHANGE = "binanceusdm"
ACCOUNT = AccountId(1)
LIVE = {"mode": "live", "limits": {"position_notional": "5000", "daily_loss": "500"}}


@pytest.fixture
async def venues(tmp_path: Path) -> AsyncIterator[Venues]:
    async with running_venues(tmp_path) as running:
        yield running


def trading(
    database_url: str, venues: Venues, *, live_trading: bool = True, mode: str = "live"
) -> AbstractAsyncContextManager[Stack]:
    account = LIVE | {"mode": mode}
    return rehearsing(
        database_url, venues, EXCHANGE, account=account, live_trading=live_trading
    )


async def passed(stack: Stack) -> None:
    """Test the account, whose keys and options are fit."""
    await stack.container.check_account()("rehearsal", AUTHOR)
    (kept,) = await stack.container.clearances().all()
    assert kept.vetting.failed == ""


async def cleared(stack: Stack) -> None:
    await passed(stack)
    assert await stack.container.clearances().confirm(ACCOUNT, AUTHOR)


async def test_without_a_kept_test_an_alert_makes_no_request_to_the_venue(
    database_url: str, venues: Venues
) -> None:
    async with trading(database_url, venues) as stack:
        assert await stack.container.clearances().confirm(ACCOUNT, AUTHOR)
        reason = await stack.outcome(alert(rsi=25))

    assert reason is Reason.ACCOUNT_UNTESTED
    assert venues.simulator.requests == []


async def test_without_a_confirmation_nothing_leaves(
    database_url: str, venues: Venues
) -> None:
    async with trading(database_url, venues) as stack:
        await passed(stack)
        reason = await stack.outcome(alert(rsi=25))

    assert reason is Reason.LIVE_NOT_CONFIRMED
    assert venues.customer(EXCHANGE).orders == []


async def test_where_live_trading_is_not_switched_on_nothing_leaves(
    database_url: str, venues: Venues
) -> None:
    async with trading(database_url, venues, live_trading=False) as stack:
        await cleared(stack)
        reason = await stack.outcome(alert(rsi=25))

    assert reason is Reason.LIVE_SWITCHED_OFF
    assert venues.customer(EXCHANGE).orders == []


async def test_an_account_that_is_cleared_trades_at_the_real_address(
    database_url: str, venues: Venues
) -> None:
    async with trading(database_url, venues) as stack:
        await cleared(stack)
        reason = await stack.outcome(alert(rsi=25))
        await stack.settled(PATIENCE)

    assert reason is Reason.ENTRY_OPENED
    assert len(venues.customer(EXCHANGE).orders) == 1
    (sent,) = venues.simulator.asked("/fapi/v1/order")
    assert sent.host == "fapi.binance.com"


async def test_other_keys_need_another_test_and_exits_go_on(
    database_url: str, venues: Venues
) -> None:
    bar = last_closed_bar()
    async with trading(database_url, venues) as stack:
        await cleared(stack)
        await stack.outcome(alert(id="one", rsi=25, bar=bar - FOUR_HOURS))
        await stack.settled(PATIENCE)
        await stack.execute("UPDATE sealed_secrets SET at = clock_timestamp()")
        await stack.outcome(alert(id="two", rsi=75, bar=bar))
        await stack.settled(PATIENCE)
        answer = await stack.client.get("/api/v1/accounts/rehearsal/clearance")

    sides = [(one.side, one.reduce_only) for one in venues.customer(EXCHANGE).orders]
    assert sides == [("BUY", False), ("SELL", True)]
    assert answer.json()["reason"] == "account.untested"
    assert answer.json()["test_counts"] is False


async def test_other_options_need_another_test(database_url: str, venues: Venues) -> None:
    async with trading(database_url, venues) as stack:
        await cleared(stack)
        await stack.execute(
            "UPDATE revisions SET tree = jsonb_set(tree, '{options,hostname}', '\"x.y\"')"
            " WHERE kind = 'account'"
        )
        reason = await stack.outcome(alert(rsi=25))

    assert reason is Reason.ACCOUNT_UNTESTED


@pytest.mark.parametrize("mode", ["live", "testnet"])
async def test_a_test_that_failed_stops_entries_in_either_mode(
    database_url: str, venues: Venues, mode: str
) -> None:
    venues.customer(EXCHANGE).hedged = True
    async with trading(database_url, venues, mode=mode) as stack:
        await stack.container.check_account()("rehearsal", AUTHOR)
        reason = await stack.outcome(alert(rsi=25))

    assert reason is Reason.ACCOUNT_TEST_FAILED
    assert venues.customer(EXCHANGE).orders == []


async def test_what_is_taken_back_between_planning_and_sending_does_not_leave(
    database_url: str, venues: Venues
) -> None:
    busy = '{"code": -1015, "msg": "Too many new orders."}'
    venues.simulator.plan(Way.ANSWER, "/fapi/v1/order", status=400, body=busy)
    async with trading(database_url, venues) as stack:
        await cleared(stack)
        await stack.outcome(alert(rsi=25))
        await stack.container.clearances().revoke(ACCOUNT, AUTHOR)
        await stack.settled(PATIENCE)
        rows = await stack.container.views().orders(limit=10)

    assert venues.customer(EXCHANGE).orders == []
    assert {one.order.status.value for one in rows} == {"NOT_PLACED", "DENIED"}


async def test_a_person_confirms_by_the_account_s_name(
    database_url: str, venues: Venues
) -> None:
    async with trading(database_url, venues) as stack:
        path = "/api/v1/accounts/rehearsal/live"
        wrong = await stack.client.post(path, json={"account": "other", "reason": "go"})
        right = await stack.client.post(path, json={"account": "rehearsal", "reason": "go"})
        again = await stack.client.post(path, json={"account": "rehearsal", "reason": "go"})

    assert (wrong.status_code, right.status_code, again.status_code) == (422, 200, 409)
    assert right.json()["confirmed_by"] == "local"
    assert right.json()["reason"] == "account.untested"
