"""The indicator that is printed for a bot: its settings, and what its alert says."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.alert.reading import parse
from application.configuration.values import BotConfig, Chart
from application.pine import pine
from application.routing import chart_keys
from domain.expression import Condition
from domain.rules import Conditions, RsiRules, Rules
from domain.signal import AlertId, Signal
from domain.timeframe import Timeframe

OPENED = datetime(2026, 11, 23, 4, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 8, 0, 1, tzinfo=UTC)
BOT = BotConfig(
    name="herenya",
    account="paper",
    feed="tradingview",
    chart=Chart(exchange="BINANCE", ticker="BTCUSDT.P", timeframe=Timeframe.parse("4h")),
    rules=Rules(rsi=RsiRules(length=9, oversold=25.5, overbought=74)),
)


def said(script: str, **values: Any) -> Signal:
    """Put the message together as Pine does, and read it as the webhook does."""
    found = re.search(r"string message = (.*?)\n\n", script, re.DOTALL)
    assert found is not None
    known = {
        "syminfo": SimpleNamespace(prefix="BINANCE", ticker="BTCUSDT.P"),
        "timeframe": SimpleNamespace(period="240"),
        "str": SimpleNamespace(tostring=lambda value, _format: str(value)),
        "number": lambda value: "null" if value is None else str(value),
        "time": int(OPENED.timestamp() * 1000),
        "timenow": int(NOW.timestamp() * 1000),
        "rsi": 24.9,
        "close": 43250.1,
        "high": 43300,
        "low": 43000,
        **values,
    }
    expression = "".join(line.strip() for line in found[1].splitlines())
    body = eval(expression, {"__builtins__": {}}, known)  # noqa: S307 - our own text
    return parse(body.encode()).signal(AlertId(1), NOW)


def test_it_has_the_bots_own_settings() -> None:
    script = pine(BOT, revision=7)

    assert script.startswith("//@version=6\n")
    assert "int length = 9\nfloat oversold = 25.5\nfloat overbought = 74\n" in script
    assert "at its revision 7" in script
    assert "alert.freq_once_per_bar_close" in script


def test_its_alert_is_read_and_finds_the_bot() -> None:
    signal = said(pine(BOT, 1))

    assert chart_keys(signal) == (BOT.chart.key,)
    assert (signal.rsi, signal.rsi_length, str(signal.price)) == (24.9, 9, "43250.1")
    assert (signal.bar_time, signal.sent_at) == (OPENED, NOW)
    assert signal.bot == "herenya"


def test_two_bots_on_one_chart_send_two_alerts() -> None:
    scripts = [pine(replace(BOT, name=name), 1) for name in ("one", "two")]

    ids = {re.findall(r"(-\w+)\", \"bot\"", script)[0] for script in scripts}
    assert ids == {"-one", "-two"}


def test_an_rsi_that_is_not_there_yet_is_said_to_be_missing() -> None:
    assert said(pine(BOT, 1), rsi=None).rsi is None


@pytest.mark.parametrize("name", ["Herenya Capital", 'it\'s "mine"', "back\\slash"])
def test_a_chart_with_a_free_name_is_carried_whatever_it_is(name: str) -> None:
    bot = replace(BOT, chart=Chart(name=name))

    assert chart_keys(said(pine(bot, 1))) == (bot.chart.key,)


def test_a_condition_finds_a_place_for_its_own_fields() -> None:
    conditions = Conditions(long=Condition.parse("plots.ema200 < price and low < 5"))
    bot = replace(BOT, rules=replace(BOT.rules, strategy="rules", conditions=conditions))
    script = pine(bot, 1)

    signal = said(script, field1=90.5)

    assert "float field1 = float(na) // plots.ema200: put your own" in script
    assert signal.extra == {"plots.ema200": "90.5"}
    assert str(signal.low) == "43000"
