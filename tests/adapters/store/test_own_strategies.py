"""Conditions and classes of a trader's own, live on both stores."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adapters.indicators.talib import TaLibIndicators
from application.backtesting.request import FillMode
from application.backtesting.run import run
from application.configuration.own_strategy import find
from domain.expression import Condition
from domain.hours import Window
from domain.reasons import Reason
from domain.rules import Conditions, Rules
from domain.signal import AlertId
from tests.adapters.store.stores import RULES, Store, bot_config, deploy
from tests.application.backtesting.histories import random_walk, request
from tests.architecture.sources import ROOT


@pytest.fixture(autouse=True)
def examples() -> Iterator[None]:
    """Let Python find the example of the documents, as PYTHONPATH would."""
    sys.path.insert(0, str(ROOT / "docs" / "examples"))
    yield
    sys.path.remove(str(ROOT / "docs" / "examples"))


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Install the example as a package with an entry point; give the strategy's name."""
    text = (ROOT / "docs" / "examples" / "trend_pullback.py").read_text(encoding="utf-8")
    (tmp_path / "somebodys_pullback.py").write_text(text, encoding="utf-8")
    about = tmp_path / "somebodys_pullback-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: x\nVersion: 1.0\n")
    point = "[signalman.strategies]\npullback = somebodys_pullback:TrendPullback\n"
    (about / "entry_points.txt").write_text(point)
    monkeypatch.syspath_prepend(tmp_path)
    return "pullback"


def conditional(**written: str) -> Rules:
    parsed = {name: Condition.parse(text) for name, text in written.items()}
    return replace(RULES, strategy="rules", conditions=Conditions(**parsed))


async def reason(store: Store, alert: AlertId) -> Reason:
    return (await store.trace(alert)).jobs[0].decisions[-1].reason


async def test_a_cross_of_two_fields_is_remembered_from_alert_to_alert(
    store: Store,
) -> None:
    rules = conditional(long="plots.fast crosses above plots.slow", exit_long="rsi > 60")
    await deploy(store, bot_config(rules=rules))
    lines = [("9", 50.0), ("11", 50.0), ("12", 65.0)]

    sent = [
        await store.send(rsi=rsi, extra={"plots.fast": fast, "plots.slow": "10"})
        for fast, rsi in lines
    ]

    assert [await reason(store, one) for one in sent] == [
        Reason.RULE_PREVIOUS_UNKNOWN,
        Reason.ENTRY_OPENED,
        Reason.EXIT_CONDITION,
    ]
    assert await store.position() is None


async def test_a_class_of_ones_own_trades_live(store: Store) -> None:
    name = "trend_pullback:TrendPullback"
    parameters = (("dip", "30"),)
    own = find(name, parameters)
    rules = replace(RULES, strategy=name, parameters=parameters, own=own)
    await deploy(store, bot_config(rules=rules))
    trend = {"plots.ema200": "90"}

    sent = [await store.send(rsi=rsi, extra=trend) for rsi in (33.0, 25.0, 75.0)]

    assert [await reason(store, one) for one in sent] == [
        Reason.RULE_NOT_MET,
        Reason.ENTRY_OPENED,
        Reason.EXIT_CONDITION,
    ]


async def test_a_class_that_a_package_names_trades_live_and_in_a_backtest(
    store: Store, installed: str
) -> None:
    parameters = (("dip", "30"),)
    own = find(installed, parameters)
    rules = replace(RULES, strategy=installed, parameters=parameters, own=own)
    await deploy(store, bot_config(rules=rules))

    sent = await store.send(rsi=25.0, extra={"plots.ema200": "90"})
    bars = random_walk(3000)
    rising = replace(bars, plots={"ema200": np.ones(len(bars))})
    tested = run(request(rules, fill=FillMode.CLOSE), rising, TaLibIndicators())

    assert await reason(store, sent) is Reason.ENTRY_OPENED
    assert {one.reason for one in tested.executions} >= {Reason.EXIT_CONDITION}


async def test_a_bot_enters_within_its_hours_only_and_leaves_at_any(store: Store) -> None:
    now = store.clock.now()
    later = f"{(now.hour + 2) % 24:02}:00-{(now.hour + 3) % 24:02}:00"
    shut = replace(RULES, windows=(Window.parse(later),))
    await deploy(store, bot_config(rules=shut))

    refused = await store.send(rsi=20)

    assert await reason(store, refused) is Reason.ENTRY_OUTSIDE_WINDOW


async def test_a_bot_cools_down_after_a_close(store: Store) -> None:
    rules = replace(RULES, reverse=False, cooldown_bars=3)
    await deploy(store, bot_config(rules=rules))

    sent = [await store.send(rsi=rsi) for rsi in (20, 80, 20, 20, 20)]

    assert [await reason(store, one) for one in sent] == [
        Reason.ENTRY_OPENED,
        Reason.EXIT_OPPOSITE,
        Reason.ENTRY_COOLDOWN,
        Reason.ENTRY_COOLDOWN,
        Reason.ENTRY_OPENED,
    ]
