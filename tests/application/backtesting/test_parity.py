"""TradingView's own trades and RSI, reproduced."""

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from adapters.bars.chart_export import read_chart_export
from adapters.indicators.talib import TaLibIndicators
from adapters.trade_list.reading import read_trade_list
from application.backtesting.candidates import exact_rsi
from application.backtesting.comparing import Differs, compare
from application.backtesting.listing import listed
from application.backtesting.request import FillMode
from application.backtesting.result import BacktestResult
from application.backtesting.run import run
from application.ports.bars import Bars
from application.ports.trade_list import ListedTrade
from domain.fills import Costs
from domain.rules import RsiRules, Rules, Sizing, SizingMode, Trigger
from domain.timeframe import Timeframe
from tests.application.backtesting.histories import WHOLE_UNITS, request

DATA = Path(__file__).parents[2] / "data"
FX = replace(WHOLE_UNITS, price_tick=Decimal("0.00001"))
RSI_STRATEGY = Rules(
    timeframe=Timeframe.parse("1h"),
    reverse=True,
    rsi=RsiRules(length=14, oversold=30, overbought=70, trigger=Trigger.CROSS_OUT),
    sizing=Sizing(mode=SizingMode.BASE, amount=Decimal(1)),
)


@cache
def bars() -> Bars:
    return read_chart_export(DATA / "FX_EURUSD, 60.csv")


def ran(rules: Rules = RSI_STRATEGY, **settings: object) -> BacktestResult:
    asked = request(rules, **{"costs": Costs()} | settings)
    return run(replace(asked, instrument=FX), bars(), TaLibIndicators())


def theirs() -> tuple[ListedTrade, ...]:
    return read_trade_list(DATA / "RSI Strategy_FX_EURUSD_60_List_of_Trades.csv", UTC)


def test_rsi_is_tradingviews_column_to_the_ninth_decimal() -> None:
    export = read_chart_export(DATA / "FX_EURUSD_30_rsi.csv")
    column = export.plots["ta.rsi(close, 14)"]

    ours = TaLibIndicators().rsi(export.close_values(), 14)

    assert np.isnan(ours).tolist() == np.isnan(column).tolist()
    assert ours[14:].tolist() == pytest.approx(column[14:].tolist(), rel=0, abs=1e-9)


@pytest.mark.parametrize("length", [1, 2, 5, 14, 50])
def test_the_vectorized_rsi_says_what_the_domains_says(length: int) -> None:
    closes = bars().close_values()[:3000]

    ours, exact = TaLibIndicators().rsi(closes, length), exact_rsi(closes, length)

    assert np.isnan(ours).tolist() == np.isnan(exact).tolist()
    assert np.nanmax(np.abs(ours - exact)) < 1e-12


@pytest.mark.parametrize(
    "closes",
    [
        [1.0] * 40,
        [1.0] * 30 + [0.9] * 2000,
        [1.0] * 30 + [0.9] * 1500 + [1.1] * 2000,
        [1e-9 * (10 + step % 3) for step in range(100)],
    ],
    ids=["never moved", "fell once", "fell and rose, then froze", "tiny prices"],
)
def test_prices_that_stand_still_have_the_domains_rsi(closes: list[float]) -> None:
    column = np.array(closes)

    ours, exact = TaLibIndicators().rsi(column, 14), exact_rsi(column, 14)

    assert np.isnan(ours).tolist() == np.isnan(exact).tolist()
    assert ours.tolist() == pytest.approx(exact.tolist(), abs=1e-12, nan_ok=True)


def test_all_194_trades_of_tradingviews_rsi_strategy_are_ours() -> None:
    result = ran()

    found = compare(theirs(), listed(result), result)

    assert found.is_equal, found.differences[:3]
    assert (found.theirs, found.ours, found.same) == (194, 194, 194)


def test_another_fill_mode_is_named_as_the_cause() -> None:
    result = ran(fill=FillMode.CLOSE)

    found = compare(theirs(), listed(result), result)

    assert found.pairs == 194
    assert any("--fill next_open" in cause for cause in found.causes)


def test_slippage_is_named_as_the_cause() -> None:
    result = ran(costs=Costs(slippage_ticks=Decimal(3)))

    found = compare(theirs(), listed(result), result)

    assert any("-3 ticks worse" in cause for cause in found.causes)
    assert {one.what for one in found.differences} == {
        *(Differs.ENTRY_PRICE, Differs.EXIT_PRICE)
    }


def test_another_size_is_named_as_the_cause() -> None:
    sizing = Sizing(mode=SizingMode.BASE, amount=Decimal(4))
    result = ran(replace(RSI_STRATEGY, sizing=sizing))

    found = compare(theirs(), listed(result), result)

    assert any("0.25" in cause for cause in found.causes)
    assert {one.what for one in found.differences} == {Differs.QUANTITY}


def test_trades_that_only_one_list_has_are_told() -> None:
    rsi = replace(RSI_STRATEGY.rsi, oversold=25.0)
    result = ran(replace(RSI_STRATEGY, rsi=rsi))

    found = compare(theirs(), listed(result), result)

    kinds = {one.what for one in found.differences}
    assert Differs.ONLY_THEIRS in kinds
    assert all(one.cause for one in found.differences)
