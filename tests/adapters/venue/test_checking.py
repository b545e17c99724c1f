"""What an account's test finds at its venue, and what it says to do."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.clock.system import SystemClock
from adapters.venue.checking import CcxtVenueCheck
from adapters.venue.clients import Clients
from application.ports.venue_check import BotNeeds, Health, VenueFinding
from application.records import AccountId
from tests.adapters.broker.trading import ACCOUNT, OneAccount, instrument
from tests.venue.venues import Venues, running_venues

EXCHANGES = ("binance", "binanceusdm", "bybit")


@pytest.fixture
async def venues(tmp_path: Path) -> AsyncIterator[Venues]:
    async with running_venues(tmp_path) as running:
        yield running


async def found(
    venues: Venues, exchange: str, account: AccountId = ACCOUNT, **needs: Any
) -> dict[str, VenueFinding]:
    """Test the account with one bot; return the findings by name, the worst of each."""
    need: dict[str, Any] = {
        "bot": "trader",
        "instrument": instrument(exchange),
        "notional": Decimal(1000),
        "leverage": Decimal(1),
        "has_stop": False,
    }
    access = OneAccount(exchange, venues.simulator.options)
    check = CcxtVenueCheck(Clients(access), SystemClock())
    try:
        findings = await check.check(account, [BotNeeds(**need | needs)])
    finally:
        await check.close()
    order = (Health.GOOD, Health.WARN, Health.BAD)
    ranked = sorted(findings, key=lambda one: order.index(one.health))
    return {one.name: one for one in ranked}


@pytest.mark.parametrize("exchange", EXCHANGES)
async def test_an_account_that_is_fit_has_nothing_broken(
    venues: Venues, exchange: str
) -> None:
    findings = await found(venues, exchange)

    assert [one for one in findings.values() if one.health is Health.BAD] == []
    assert {"keys", "withdrawal", "clock", "lookup", "bot trader"} <= set(findings)


@pytest.mark.parametrize("exchange", EXCHANGES)
async def test_a_key_that_may_withdraw_is_refused(venues: Venues, exchange: str) -> None:
    for wire in (venues.spot, venues.usdm, venues.bybit):
        for customer in wire.customers.values():
            customer.may_withdraw = True

    assert (await found(venues, exchange))["withdrawal"].health is Health.BAD


@pytest.mark.parametrize("exchange", ["binanceusdm", "bybit"])
async def test_hedge_mode_is_refused_with_the_way_to_change_it(
    venues: Venues, exchange: str
) -> None:
    venues.customer(exchange).hedged = True

    mode = (await found(venues, exchange))["position mode"]

    assert mode.health is Health.BAD
    assert "one-way" in mode.fix


async def test_a_clock_that_is_a_second_off_is_broken(venues: Venues) -> None:
    venues.usdm.clock.skew_milliseconds = 1_500

    assert (await found(venues, "binanceusdm"))["clock"].health is Health.BAD


async def test_keys_that_the_venue_does_not_know_are_named(venues: Venues) -> None:
    venues.usdm.customers.clear()

    assert (await found(venues, "binanceusdm"))["keys"].health is Health.BAD


async def test_an_account_without_keys_says_how_to_give_them(venues: Venues) -> None:
    findings = await found(venues, "binanceusdm", AccountId(2))

    assert "set-keys" in findings["keys"].fix


async def test_an_entry_below_the_venue_s_minimum_is_told_before_it_trades(
    venues: Venues,
) -> None:
    findings = await found(venues, "binanceusdm", notional=Decimal(50))

    assert findings["bot trader"].health is Health.BAD


async def test_more_leverage_than_the_venue_gives_is_told(venues: Venues) -> None:
    findings = await found(venues, "bybit", leverage=Decimal(101))

    assert findings["bot trader"].health is Health.BAD
