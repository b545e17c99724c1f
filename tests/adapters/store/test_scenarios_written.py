"""A case that was traded, written as a scenario, leads the domain to the same outcome."""

from dataclasses import replace
from decimal import Decimal

import pytest

from application.configuration.values import PaperConfig
from application.scenario.sayings import day_of
from application.scenario.writing import CannotBeTold
from application.write_scenario import WriteScenario
from domain.risk import Limits
from domain.rules import ExitRules, RsiRules, Scaling, Sizing, StepDirection, Trigger
from tests.adapters.store.stores import (
    LISTINGS,
    RULES,
    Store,
    account_config,
    bot_config,
    deploy,
)
from tests.domain.test_scenarios import tidy, written

WAY = (
    *((50, 100), (28, 99), (25, 96), (22, 93), (45, 95), (29, 94), (72, 104), (75, 108)),
    *((80, 120), (55, 110), (20, 101), (31, 99), (29, 90), (71, 97), (50, 96), (69, 95)),
)
"""RSI and price of a stretch that enters, adds, reverses, and is stopped."""
SLIPPING = account_config(
    paper=PaperConfig(
        balance=Decimal(10_000), fee_rate=Decimal("0.001"), slippage_bps=Decimal(7)
    )
)
BOTS = {
    "reversing": RULES,
    "adding": replace(
        RULES,
        reverse=False,
        scaling=Scaling(
            max_entries=4,
            min_bars=2,
            price_step_percent=Decimal("1.5"),
            price_step_direction=StepDirection.AGAINST,
            size_curve=(Decimal(1), Decimal("1.5"), Decimal(2)),
        ),
    ),
    "leaving": replace(
        RULES,
        rearm=True,
        sizing=Sizing(amount=Decimal(500), reserve=True),
        exits=ExitRules(
            stop_loss_percent=Decimal(3), take_profit_percent=Decimal(9), max_bars=5
        ),
    ),
    "crossing": replace(
        RULES, rsi=RsiRules(oversold=32, overbought=68.5, trigger=Trigger.CROSS_OUT)
    ),
}


def writer(store: Store) -> WriteScenario:
    return WriteScenario(store.views, store.configuration, LISTINGS)


def run(text: str) -> tuple[list[str], list[str]]:
    """Return a scenario's lines as the domain's tests would write them, and as they are."""
    first, *lines = [line for line in text.splitlines() if line]
    day = day_of(first)
    return [written(day, line) for line in lines], [tidy(line) for line in lines]


@pytest.mark.parametrize("name", BOTS)
async def test_every_alert_of_a_stretch_can_be_told_and_comes_to_the_same(
    store: Store, name: str
) -> None:
    await deploy(store, bot_config(rules=BOTS[name]), accounts=[SLIPPING])
    ids = [await store.send(rsi=rsi, price=str(price)) for rsi, price in WAY]

    for id in ids:
        text = await writer(store)(id, "bot")
        told, kept = run(text)
        trace = await store.trace(id)
        assert told == kept, text
        reasons = {one.reason.value for one in trace.jobs[0].decisions}
        assert any(f"({reason})" in kept[-1] for reason in reasons), text


async def test_a_case_is_as_short_as_what_led_to_it(store: Store) -> None:
    await deploy(store)
    ids = [await store.send(rsi=rsi) for rsi in (50, 50, 50, 28)]

    text = await writer(store)(ids[-1], "bot")

    assert text.count("rsi ") == 1
    assert text.startswith("rules   perpetual, 4h bars, ")
    assert "enter 10 (entry.opened) | long 10 @ 100" in text


async def test_what_a_limit_refused_is_no_bots_day_and_says_so(store: Store) -> None:
    tight = replace(bot_config(), limits=Limits(position_notional=Decimal(10)))
    await deploy(store, tight)
    denied = await store.send(rsi=25)

    with pytest.raises(CannotBeTold, match=r"limit\.position_notional\. A scenario is one"):
        await writer(store)(denied, "bot")


async def test_a_bot_that_was_not_reached_has_no_case(store: Store) -> None:
    await deploy(store)
    sent = await store.send(rsi=25)

    with pytest.raises(CannotBeTold, match="did not reach bot other"):
        await writer(store)(sent, "other")
