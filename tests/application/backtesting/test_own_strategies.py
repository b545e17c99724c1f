"""Conditions and classes of a trader's own, run over history by the same engine."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from adapters.indicators.talib import TaLibIndicators
from application.backtesting.request import FillMode
from application.backtesting.run import run
from application.configuration.own_strategy import OwnStrategy
from domain.expression import Condition
from domain.reasons import Finding, Reason
from domain.rules import Conditions, RsiRules, Rules, Trigger
from domain.signal import Direction, Signal
from domain.state import BotState
from domain.wish import View
from tests.application.backtesting.histories import REVERSING, random_walk, request

BARS = random_walk(3000)


def conditional(**written: str) -> Conditions:
    return Conditions(**{name: Condition.parse(text) for name, text in written.items()})


def executed(rules: Rules, mode: FillMode = FillMode.CLOSE) -> list[Any]:
    return list(run(request(rules, fill=mode), BARS, TaLibIndicators()).executions)


@pytest.mark.parametrize("mode", FillMode)
def test_the_rsi_strategy_written_as_conditions_trades_the_same(mode: FillMode) -> None:
    written = conditional(long="rsi <= 30", short="rsi >= 70")

    own = executed(replace(REVERSING, strategy="rules", conditions=written), mode)

    assert len(own) > 10
    assert own == executed(REVERSING, mode)


def test_a_cross_written_as_a_condition_trades_as_the_trigger() -> None:
    trigger = replace(REVERSING, rsi=RsiRules(trigger=Trigger.CROSS_OUT))
    written = conditional(long="rsi crosses above 30", short="rsi crosses below 70")

    own = executed(replace(REVERSING, strategy="rules", conditions=written))

    assert len(own) > 10
    assert own == executed(trigger)


def test_an_exit_condition_leaves_before_the_other_side_is_reached() -> None:
    written = conditional(long="rsi <= 30", exit_long="rsi > 50")

    found = executed(replace(REVERSING, strategy="rules", conditions=written))

    reasons = {one.reason for one in found}
    assert Reason.EXIT_CONDITION in reasons
    assert Reason.EXIT_REVERSED not in reasons


def test_a_column_of_the_export_is_the_field_that_an_alert_carries() -> None:
    trend = np.where(np.arange(len(BARS)) % 2, 0.0, np.nan)
    plotted = replace(BARS, plots={"EMA 200": trend})
    written = conditional(long="rsi <= 30 and plots.ema_200 < price", exit_long="rsi > 50")
    rules = replace(REVERSING, strategy="rules", conditions=written)

    found = run(request(rules, fill=FillMode.CLOSE), plotted, TaLibIndicators())
    without = run(request(rules, fill=FillMode.CLOSE), BARS, TaLibIndicators())

    assert any(one.fill.number for one in found.executions)
    assert not without.executions


def test_a_class_of_ones_own_trades_as_the_conditions_that_say_the_same() -> None:
    def dips(state: BotState, signal: Signal, rules: Rules) -> View:
        del state, rules
        side = Direction.LONG if signal.rsi is not None and signal.rsi <= 30 else None
        return side, Finding(Reason.RULE_MET, passed=True)

    own = replace(REVERSING, strategy="a:B", own=OwnStrategy("a:B", (), dips))
    written = conditional(long="rsi <= 30")

    assert executed(own) == executed(
        replace(REVERSING, strategy="rules", conditions=written)
    )


def test_a_cooldown_is_counted_in_bars_also_over_bars_that_say_nothing() -> None:
    cooled = executed(replace(REVERSING, reverse=False, cooldown_bars=200))
    at_once = executed(replace(REVERSING, reverse=False))

    assert 0 < len(cooled) < len(at_once)
