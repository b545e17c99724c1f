"""Conditions, windows and strategies of one's own, as a configuration file says them."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from application.configuration.reader import read_bot
from application.configuration.writer import bot_tree
from domain.decision import decide
from domain.reasons import Reason
from domain.signal import Direction
from domain.state import BotState
from tests.architecture.sources import ROOT
from tests.domain.examples import signal

BOT: dict[str, Any] = {
    "name": "bot",
    "account": "paper",
    "feed": "feed",
    "chart": {"exchange": "BINANCE", "ticker": "BTCUSDT.P", "interval": "1h"},
    "sizing": {"amount": "1000"},
}
OWN = {
    "strategy": "trend_pullback:TrendPullback",
    "parameters": {"dip": "30", "trend": "plots.ema200"},
}


@pytest.fixture(autouse=True)
def examples() -> Iterator[None]:
    """Let Python find the example of the documents, as PYTHONPATH would."""
    sys.path.insert(0, str(ROOT / "docs" / "examples"))
    yield
    sys.path.remove(str(ROOT / "docs" / "examples"))


def problems(**settings: Any) -> list[str]:
    return [str(problem) for problem in read_bot(BOT | settings).problems]


def test_conditions_and_windows_come_back_as_they_were_written() -> None:
    tree = BOT | {
        "strategy": "rules",
        "conditions": {
            "long": "rsi < 30 and plots.ema200 < price",
            "exit_long": "rsi > 50",
        },
        "windows": ["mon,tue 08:00-16:00"],
        "cooldown_bars": "3",
    }

    config = read_bot(tree).value

    assert config is not None
    assert read_bot(bot_tree(config)).value == config
    written = bot_tree(config)
    assert written["windows"] == ["mon,tue 08:00-16:00"]
    assert "plots.ema200" in str(written["conditions"])


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            {"strategy": "rules", "conditions": {"long": "rsi <"}},
            "conditions.long column 6: a number or the name of a field was expected",
        ),
        ({"strategy": "rules"}, "conditions needs long, short or both"),
        (
            {"strategy": "rules", "conditions": {"longs": "rsi < 3", "long": "rsi < 3"}},
            "conditions.longs is not a known setting",
        ),
        ({"conditions": {"long": "rsi < 3"}}, "does nothing with strategy rsi"),
        ({"parameters": {"a": "b"}}, "does nothing with strategy rsi"),
        ({"windows": ["monday 8-9"]}, "windows[0] 'monday 8-9' is no window"),
        ({"strategy": "rulse"}, "did you mean 'rules'?"),
        (
            {"strategy": "nowhere:Nothing"},
            "names nowhere:Nothing, which cannot be imported",
        ),
        ({"strategy": "trend_pullback:Other"}, "which cannot be imported"),
        (OWN | {"parameters": {"dip": "70"}}, "dip must be between 0 and 50, was 70"),
        (OWN | {"conditions": {"long": "rsi < 3"}}, "does nothing with strategy trend"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(settings: dict[str, Any], told: str) -> None:
    assert any(told in problem for problem in problems(**settings)), problems(**settings)


def test_a_class_of_ones_own_decides_by_its_parameters() -> None:
    config = read_bot(BOT | OWN).value
    assert config is not None
    extra = {"plots.ema200": "90"}

    dip = decide(BotState(), signal(25.0, extra=extra), config.rules)
    none = decide(BotState(), signal(33.0, extra=extra), config.rules)

    assert dip.intents[0].side is Direction.LONG
    assert none.reason is Reason.RULE_NOT_MET
    assert read_bot(bot_tree(config)).value == config


def test_a_class_that_fails_is_an_outcome_and_no_exception(tmp_path: Path) -> None:
    (tmp_path / "broken_strategy.py").write_text(
        "class Broken:\n"
        "    def __init__(self, parameters): pass\n"
        "    def decide(self, state, signal, rules): return 1 / 0\n"
        "class Silent(Broken):\n"
        "    def decide(self, state, signal, rules): return None\n",
        encoding="utf-8",
    )
    sys.path.insert(0, str(tmp_path))
    try:
        for name in ("Broken", "Silent"):
            config = read_bot(BOT | {"strategy": f"broken_strategy:{name}"}).value
            assert config is not None
            decision = decide(BotState(), signal(25.0), config.rules)
            assert decision.reason is Reason.STRATEGY_FAILED
            assert "broken_strategy" in str(decision.findings[0].limit)
    finally:
        sys.path.remove(str(tmp_path))
