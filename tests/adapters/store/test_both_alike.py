"""Whatever comes, both stores end with the same book and the same reasons."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from application.configuration.values import BotConfig, PaperConfig
from application.ports.configuration import Scope
from domain.risk import Limits, TradingState
from domain.rules import ExitRules, Rules, Scaling, Sizing, SizingMode
from domain.signal import Action
from tests.adapters.store.stores import (
    AUTHOR,
    BAR,
    FOUR_HOURS,
    Store,
    account_config,
    bot_config,
    deploy,
    memory_store,
    postgres_store,
)

RULES = Rules(timeframe=FOUR_HOURS, reverse=True, sizing=Sizing(amount=Decimal(500)))
BOTS = (
    bot_config("reversing", rules=RULES),
    bot_config(
        "scaling",
        rules=replace(
            RULES,
            reverse=False,
            sizing=Sizing(amount=Decimal(300), reserve=True),
            scaling=Scaling(max_entries=3, size_curve=(Decimal(1), Decimal(2))),
        ),
    ),
    bot_config(
        "careful",
        "ETH",
        rules=replace(
            RULES,
            sizing=Sizing(mode=SizingMode.EQUITY_PERCENT, amount=Decimal(20)),
            scaling=Scaling(max_entries=2, price_step_percent=Decimal(1)),
            exits=ExitRules(
                stop_loss_percent=Decimal(4),
                take_profit_percent=Decimal(6),
                max_bars=6,
            ),
        ),
    ),
    bot_config(
        "trailing",
        "ETH",
        rules=replace(RULES, exits=ExitRules(trailing_percent=Decimal(3))),
    ),
)
FIRST_BAR = datetime(2025, 12, 1, tzinfo=UTC)
"""The same for both, so that their days begin with the same bars."""
LIMITS = Limits(
    open_positions=3,
    position_notional=Decimal(4_000),
    daily_loss=Decimal(120),
    drawdown_percent=Decimal(6),
    losses_in_row=4,
    entries_per_minute=3,
)


def alerts(seed: int) -> list[dict[str, Any]]:
    """Return a repeatable stretch of two markets, with everything that alerts may say."""
    chance = random.Random(seed)  # noqa: S311 - a workload, not a secret
    prices = {"BTC": Decimal(100), "ETH": Decimal(50)}
    found: list[dict[str, Any]] = []
    for bar in range(60):
        base = chance.choice(("BTC", "ETH"))
        prices[base] *= Decimal(chance.randint(965, 1035)) / 1000
        prices[base] = prices[base].quantize(Decimal("0.1"))
        found.append(
            {
                "bar": bar,
                "ticker": f"{base}USDT.P",
                "rsi": chance.choice((15, 22, 28, 29.5, 50, 55, 71, 78.25, 90)),
                "price": str(prices[base]),
                "action": chance.choice((None, None, None, Action.CLOSE)),
                "bot": chance.choice((None, None, None, "scaling", "careful")),
            }
        )
    return found


async def story(store: Store, seed: int) -> dict[str, Any]:
    """Live through the alerts, resuming now and then, and return all that is left of it."""
    paper = PaperConfig(
        balance=Decimal(10_000),
        fee_rate=Decimal("0.0005"),
        slippage_bps=Decimal(2),
        clock="bar",
    )
    bots: tuple[BotConfig, ...] = BOTS
    await deploy(store, *bots, accounts=(account_config(paper=paper, limits=LIMITS),))
    for alert in alerts(seed):
        bar = alert.pop("bar")
        await store.send(**alert, bar_time=FIRST_BAR + bar * BAR)
        if bar % 20 == 19:
            await store.configuration.change_state(
                Scope.ACCOUNT, "paper", TradingState.ACTIVE, AUTHOR
            )
    states = await store.configuration.states()
    return {
        "counted": await store.views.accounted(),
        "outcomes": [row.outcomes for row in await store.views.alerts(limit=100)],
        "positions": [
            (row.bot, row.position.side, row.position.lots, row.position.best, row.mark)
            for row in await store.views.positions()
        ],
        "trades": [
            (row.bot, row.alert, row.trade.side, row.trade.entries, row.trade.pnl)
            for row in sorted(await store.views.trades(limit=100), key=lambda row: row.id)
        ],
        "states": [(one.scope, one.name, one.state, one.author) for one in states],
    }


@pytest.mark.parametrize("seed", range(6))
async def test_both_stores_tell_the_same_story(seed: int, database_url: str) -> None:
    async with memory_store() as memory:
        one = await story(memory, seed)
    async with postgres_store(database_url) as postgres:
        other = await story(postgres, seed)

    assert one == other
    assert one["counted"].lost == one["counted"].doubled == one["counted"].unmatched == 0
    assert one["trades"]
