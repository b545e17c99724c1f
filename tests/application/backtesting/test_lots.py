from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.indicators.talib import TaLibIndicators
from application.backtesting.curve import equity_at, equity_column, excursion
from application.backtesting.lots import closed_lots, open_lots
from application.backtesting.request import FillMode
from application.backtesting.result import BacktestResult
from application.backtesting.run import run
from domain.rules import ExitRules
from domain.signal import Direction
from tests.application.backtesting.histories import REVERSING, random_walk, request

BARS = random_walk(2000)
RULES = replace(REVERSING, exits=ExitRules(stop_loss_percent=Decimal("0.4")))


@pytest.fixture(params=list(FillMode), ids=lambda mode: mode.value)
def result(request: pytest.FixtureRequest) -> BacktestResult:
    return ran(request.param)


def ran(mode: FillMode) -> BacktestResult:
    return run(request(RULES, fill=mode), BARS, TaLibIndicators())


def test_every_entry_is_a_closed_lot_or_an_open_one(result: BacktestResult) -> None:
    entries = [one for one in result.executions if one.fill.number]

    assert len(closed_lots(result)) + len(open_lots(result)) == len(entries) > 20


def test_what_lots_earned_is_what_trades_earned(result: BacktestResult) -> None:
    lots = sum((lot.pnl for lot in closed_lots(result)), Decimal(0))

    assert lots == sum((trade.pnl for trade in result.trades), Decimal(0))


def test_the_curve_ends_with_the_equity_of_the_result(result: BacktestResult) -> None:
    last = len(BARS) - 1

    assert equity_at(result, [last]) == ((BARS.closed_at(last), result.equity),)


def test_the_column_of_floats_is_the_exact_curve(result: BacktestResult) -> None:
    column = equity_column(result)

    exact = [float(equity) for _, equity in equity_at(result, range(len(BARS)))]
    assert column.tolist() == pytest.approx(exact, rel=1e-12)
    assert len(column) == len(BARS)


def test_an_excursion_is_at_least_what_leaving_brought(result: BacktestResult) -> None:
    for lot in closed_lots(result):
        gross = lot.pnl + lot.entry_fee + lot.exit_fee
        found = excursion(result, lot)
        assert -found.adverse <= gross <= found.favorable
        assert found.adverse >= 0 <= found.favorable


def test_an_excursion_reaches_the_extremes_of_the_bars_in_between() -> None:
    result = ran(FillMode.NEXT_OPEN)
    lot = next(
        lot
        for lot in closed_lots(result)
        if lot.side is Direction.LONG and lot.exit_bar - lot.entry_bar > 10
    )

    highest = BARS.price(int(BARS.highs[lot.entry_bar : lot.exit_bar].max()))
    found = excursion(result, lot)
    assert found.favorable == lot.quantity * (highest - lot.entry_price) > 0
