"""Our lots against PyneCore's: bars, quantities and prices are the same."""

from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.indicators.talib import TaLibIndicators
from application.backtesting.lots import closed_lots
from application.backtesting.result import ClosedLot
from application.backtesting.run import run
from domain.fills import Costs
from domain.rules import ExitRules, RsiRules, Rules, Scaling, Sizing, SizingMode, Trigger
from domain.signal import Direction
from tests.application.backtesting.histories import (
    REVERSING,
    WHOLE_UNITS,
    random_walk,
    request,
)
from tests.application.backtesting.oracle import OracleLot, Pine, oracle_lots

ONE_UNIT = replace(REVERSING, sizing=Sizing(mode=SizingMode.BASE, amount=Decimal(1)))
PERCENT = replace(
    REVERSING, sizing=Sizing(mode=SizingMode.EQUITY_PERCENT, amount=Decimal(10))
)
STOPS = """
    if strategy.position_size > 0:
        average = strategy.position_avg_price
        strategy.exit("XL", "L", stop=average * 0.995, limit=average * 1.004)
    if strategy.position_size < 0:
        average = strategy.position_avg_price
        strategy.exit("XS", "S", stop=average * 1.005, limit=average * 0.996)
"""
CASES = {
    "scale-ins and reversals": (ONE_UNIT, Costs(), Decimal(1), Pine()),
    "one entry": (
        replace(ONE_UNIT, scaling=Scaling(max_entries=1)),
        Costs(),
        Decimal(1),
        Pine(pyramiding=1),
    ),
    "commission and slippage": (
        replace(ONE_UNIT, rsi=RsiRules(length=7, oversold=25, overbought=75)),
        Costs(fee_rate=Decimal("0.001"), slippage_ticks=Decimal(5)),
        Decimal(1),
        Pine(long="rsi <= 25", short="rsi >= 75", length=7, commission="0.1", slippage=5),
    ),
    "crossing out": (
        replace(ONE_UNIT, rsi=RsiRules(trigger=Trigger.CROSS_OUT)),
        Costs(),
        Decimal(1),
        Pine(long="ta.crossover(rsi, 30)", short="ta.crossunder(rsi, 70)"),
    ),
    "percent of equity": (
        PERCENT,
        Costs(fee_rate=Decimal("0.001"), slippage_ticks=Decimal(3)),
        Decimal("0.01"),
        Pine(
            quantity_type="percent_of_equity",
            quantity="10",
            commission="0.1",
            slippage=3,
            step="0.01",
        ),
    ),
}


@pytest.mark.parametrize("seed", [2])
@pytest.mark.parametrize("case", CASES)
def test_every_lot_is_the_oracles(case: str, seed: int) -> None:
    rules, costs, step, pine = CASES[case]

    ours, theirs = both(rules, costs, step, pine, seed)

    assert len(ours) > 10
    assert [told(lot) for lot in ours] == [rounded(lot) for lot in theirs]


@pytest.mark.parametrize("seed", [3])
def test_stops_and_targets_inside_bars_are_the_oracles(seed: int) -> None:
    """Pine knows the average price only after the bar of the entry, so entries are single,
    and neither level is within reach of that bar.
    """
    exits = ExitRules(stop_loss_percent=Decimal("0.5"), take_profit_percent=Decimal("0.4"))
    rules = replace(ONE_UNIT, scaling=Scaling(max_entries=1), exits=exits)

    ours, theirs = both(rules, Costs(), Decimal(1), Pine(pyramiding=1, exits=STOPS), seed)

    assert len({lot.exit_reason for lot in ours}) > 1
    assert all(lot.exit_bar > lot.entry_bar for lot in ours)
    assert [told(lot) for lot in ours] == [rounded(lot) for lot in theirs]


def both(
    rules: Rules, costs: Costs, step: Decimal, pine: Pine, seed: int
) -> tuple[list[ClosedLot], list[OracleLot]]:
    bars = random_walk(2500, seed)
    market = replace(WHOLE_UNITS, quantity_step=step, quantity_min=step)
    asked = replace(request(rules, costs=costs), instrument=market)
    return list(closed_lots(run(asked, bars, TaLibIndicators()))), oracle_lots(bars, pine)


def told(lot: ClosedLot) -> tuple[float, int, float, int, float]:
    sign = 1 if lot.side is Direction.LONG else -1
    return (
        float(lot.quantity) * sign,
        lot.entry_bar,
        float(lot.entry_price),
        lot.exit_bar,
        float(lot.exit_price),
    )


def rounded(lot: OracleLot) -> tuple[float, int, float, int, float]:
    """Take off what floats add beyond the tick and the step."""
    return (
        round(lot.quantity, 6),
        lot.entry_bar,
        round(lot.entry_price, 6),
        lot.exit_bar,
        round(lot.exit_price, 6),
    )
