from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest

from adapters.indicators.talib import TaLibIndicators
from application.backtesting.request import FillMode
from application.backtesting.run import run
from domain.fills import Costs
from domain.reasons import Reason
from domain.rules import Allowed, ExitRules, RsiRules, Rules, Scaling, Trigger
from domain.signal import Direction
from tests.application.backtesting.histories import (
    REVERSING,
    WHOLE_UNITS,
    random_walk,
    request,
)

BARS = random_walk(3000)
MODES = tuple(FillMode)
CASES = (
    REVERSING,
    replace(REVERSING, reverse=False),
    replace(REVERSING, reverse=False, rearm=True),
    replace(REVERSING, allowed=Allowed.LONG),
    replace(REVERSING, can_short=False),
    replace(REVERSING, scaling=Scaling(max_entries=5, min_bars=4, rsi_step=1.5)),
    replace(REVERSING, scaling=Scaling(max_entries=4, price_step_percent=Decimal("0.05"))),
    replace(REVERSING, rsi=RsiRules(length=9, trigger=Trigger.CROSS_INTO)),
    replace(REVERSING, rsi=RsiRules(length=5, trigger=Trigger.CROSS_OUT), rearm=True),
    replace(REVERSING, exits=ExitRules(stop_loss_percent=Decimal("0.3"))),
    replace(REVERSING, exits=ExitRules(trailing_percent=Decimal("0.25")), rearm=True),
    replace(REVERSING, exits=ExitRules(max_bars=7)),
    replace(
        REVERSING,
        exits=ExitRules(
            stop_loss_percent=Decimal("0.4"),
            take_profit_percent=Decimal("0.2"),
            trailing_percent=Decimal("0.35"),
            max_bars=40,
        ),
    ),
)


@pytest.mark.parametrize(("rules", "mode"), list(product(CASES, MODES)))
def test_leaving_out_bars_that_cannot_matter_changes_nothing(
    rules: Rules, mode: FillMode
) -> None:
    quick = run(request(rules, fill=mode), BARS, TaLibIndicators())
    slow = run(request(rules, fill=mode, skip=False), BARS, TaLibIndicators())

    assert slow.seen.asked == len(BARS)
    assert quick.seen.asked < slow.seen.asked
    assert len(quick.executions) > 10
    assert quick.executions == slow.executions
    assert quick.trades == slow.trades
    assert quick.balance == slow.balance


@pytest.mark.parametrize(("rules", "mode"), list(product(CASES, MODES)))
def test_money_counted_on_the_way_is_what_the_trades_made_afterwards_earned(
    rules: Rules, mode: FillMode
) -> None:
    result = run(request(rules, fill=mode), BARS, TaLibIndicators())

    assert result.log.earned == [trade.pnl for trade in result.trades]
    held = result.position
    paid = held.fees if held.lots else Decimal(0)
    capital = result.request.settings.initial_capital
    assert result.balance == capital + sum(result.log.earned, Decimal(0)) - paid


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("percent", ["0.1", "0.5", "2"])
def test_a_trailing_stop_off_the_grid_is_found_in_whole_gaps_as_bar_by_bar(
    mode: FillMode, percent: str
) -> None:
    rules = replace(REVERSING, exits=ExitRules(trailing_percent=Decimal(percent)))
    costs = Costs(slippage_bps=Decimal(3))
    known = replace(WHOLE_UNITS, price_tick=Decimal("0.00003"))

    quick, slow = (
        run(
            replace(request(rules, fill=mode, costs=costs, skip=skip), instrument=known),
            BARS,
            TaLibIndicators(),
        )
        for skip in (True, False)
    )

    assert quick.executions == slow.executions
    assert quick.balance == slow.balance


def test_an_order_fills_at_the_open_of_the_bar_after_its_signal() -> None:
    first = run(request(), BARS, TaLibIndicators()).executions[0]

    assert first.reason is Reason.ENTRY_OPENED
    assert first.fill.price == BARS.price(int(BARS.opens[first.bar]))
    assert first.fill.at == BARS.opened_at(first.bar)
    assert first.fill.bar_time == BARS.opened_at(first.bar - 1)


def test_an_order_on_the_close_fills_at_the_price_that_was_decided_on() -> None:
    first = run(request(fill=FillMode.CLOSE), BARS, TaLibIndicators()).executions[0]

    assert first.fill.price == BARS.price(int(BARS.closes[first.bar]))
    assert first.fill.at == BARS.closed_at(first.bar)


def test_both_sides_are_never_open_and_entries_never_exceed_their_maximum() -> None:
    held: dict[Direction, int] = {}

    for execution in run(request(), BARS, TaLibIndicators()).executions:
        if execution.fill.number == 0:
            held.clear()
        else:
            held[execution.fill.side] = execution.fill.number
        assert len(held) <= 1
        assert all(number <= 3 for number in held.values())


def test_what_is_left_at_the_end_is_the_money_that_moved() -> None:
    result = run(request(), BARS, TaLibIndicators())

    earned = sum((trade.pnl for trade in result.trades), Decimal(0))
    open_fees = result.position.fees if not result.position.is_flat else Decimal(0)
    assert result.balance == Decimal(1_000_000) + earned - open_fees
