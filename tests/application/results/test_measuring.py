"""A backtest measured at its turns alone, against one measured at every bar."""

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from adapters.indicators.talib import TaLibIndicators
from application.backtesting.curve import equity_at
from application.backtesting.request import FillMode
from application.backtesting.result import BacktestResult
from application.backtesting.run import run
from application.results.measuring import digest, measured_run
from application.results.summary import summarize
from application.runs import Run
from domain.equity import EquityPoint, drawdowns, max_run_up
from domain.fills import Costs
from domain.returns import daily_returns, monthly_returns
from domain.rules import ExitRules, Rules
from domain.signal import Direction
from tests.application.backtesting.histories import REVERSING, random_walk, request

STOPPED = Rules(
    timeframe=REVERSING.timeframe,
    reverse=True,
    sizing=REVERSING.sizing,
    scaling=REVERSING.scaling,
    exits=ExitRules(stop_loss_percent=Decimal("0.3"), take_profit_percent=Decimal(1)),
)


def backtested(
    rules: Rules = REVERSING, bars: int = 6_000, fill: FillMode = FillMode.NEXT_OPEN
) -> BacktestResult:
    return run(request(rules, fill=fill), random_walk(bars), TaLibIndicators())


def measured(result: BacktestResult) -> Run:
    return measured_run(result, "walk.csv", {})


@pytest.mark.parametrize("rules", [REVERSING, STOPPED], ids=["reversing", "stopped"])
def test_the_turns_alone_tell_what_every_bar_tells(rules: Rules) -> None:
    result = backtested(rules)
    told = measured(result).curve
    every = [told[0], *(EquityPoint(*p) for p in equity_at(result, range(6_000)))]

    assert len(told) < len(every)
    assert drawdowns(told) == drawdowns(every)
    assert max_run_up(told) == max_run_up(every)
    assert daily_returns(told) == daily_returns(every)
    assert monthly_returns(told) == monthly_returns(every)


def test_the_curve_ends_with_the_result_and_begins_with_the_capital() -> None:
    result = backtested()
    curve = measured(result).curve

    assert curve[0].equity == result.request.settings.initial_capital
    assert curve[-1].equity == result.equity
    assert all(one.at < then.at for one, then in pairwise(curve))


@pytest.mark.parametrize("fill", FillMode)
@pytest.mark.parametrize("rules", [REVERSING, STOPPED], ids=["reversing", "stopped"])
def test_excursions_are_what_walking_bar_by_bar_finds(rules: Rules, fill: FillMode) -> None:
    result = backtested(rules, 2_000, fill)
    run = measured(result)

    for one in run.trades:
        earned = one.trade.pnl + one.trade.fees
        assert one.favorable is not None
        assert one.adverse is not None
        assert -one.adverse <= earned <= one.favorable
        assert min(one.favorable, one.adverse) >= 0


@pytest.mark.parametrize("fill", FillMode)
def test_the_excursion_of_a_single_entry_is_its_best_and_worst_price(
    fill: FillMode,
) -> None:
    single = Rules(timeframe=REVERSING.timeframe, reverse=True, sizing=REVERSING.sizing)
    result = backtested(single, 3_000, fill)
    run, bars = measured(result), result.bars
    late = int(fill is FillMode.CLOSE)

    for number, found in enumerate(run.trades):
        entry, leave = result.executions[2 * number : 2 * number + 2]
        seen = slice(entry.bar + late, leave.bar + late)
        high = bars.price(int(bars.highs[seen].max()))
        low = bars.price(int(bars.lows[seen].min()))
        best, worst = max(high, leave.fill.price), min(low, leave.fill.price)
        up = (best - entry.fill.price) * entry.fill.quantity
        down = (entry.fill.price - worst) * entry.fill.quantity
        long = entry.fill.side is Direction.LONG
        ways = (up, down) if long else (down, up)
        assert (found.favorable, found.adverse) == tuple(max(one, 0) for one in ways)
        assert found.bars == leave.bar - entry.bar


def test_the_turns_tell_when_a_fall_was_over() -> None:
    free = request(REVERSING, costs=Costs())
    result = run(free, random_walk(6_000, 3), TaLibIndicators())
    told = measured(result).curve
    every = [told[0], *(EquityPoint(*p) for p in equity_at(result, range(6_000)))]

    assert drawdowns(told) == drawdowns(every)
    assert len(drawdowns(told)) > 20


def test_what_is_open_at_the_end_is_told_and_adds_up() -> None:
    result = backtested()
    figures = summarize(measured(result)).figures

    closed, open_ = figures["net_profit"], figures["open_pnl"]
    assert isinstance(closed, Decimal)
    assert isinstance(open_, Decimal)
    assert closed + open_ == figures["total_pnl"]
    assert not result.position.is_flat


def test_holding_begins_with_the_first_entry() -> None:
    result = backtested()
    hold = measured(result).hold
    entry = result.executions[0]

    assert hold[0].equity == hold[1].equity == result.request.settings.initial_capital
    assert hold[1].at == entry.fill.at
    assert hold[-1].equity == pytest.approx(
        Decimal(1_000_000) * result.last_close / entry.fill.price
    )


def test_the_digest_is_of_the_bars_and_of_nothing_else() -> None:
    bars = random_walk(100)
    other = random_walk(100)
    other.closes[50] += 1

    assert digest(bars) == digest(random_walk(100)) != digest(other)
    assert np.array_equal(bars.opens, other.opens)


def test_a_run_without_an_entry_is_measured() -> None:
    run = measured(backtested(bars=10))

    assert (run.trades, run.hold) == ((), ())
    assert run.curve[-1].equity == run.balance
    assert summarize(run).figures["buy_and_hold"] is None
