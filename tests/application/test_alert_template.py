import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adapters.alert.reading import parse
from application.alert_template import actions_of, alert_template
from application.configuration.values import BotConfig, Chart
from application.sample_alert import Wish, last_closed_bar, sample_alert
from domain.rules import ExitRules, Rules
from domain.signal import POSITIONS, Action
from domain.timeframe import Timeframe

H4 = Timeframe.parse("4h")
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
BOT = BotConfig(
    name="herenya",
    account="paper",
    feed="tradingview",
    chart=Chart(exchange="BINANCE", ticker="BTCUSDT.P", timeframe=H4),
)
NAMED = replace(BOT, chart=Chart(name='Herenya "Capital"'))
RESOLVED = {
    "exchange": "BINANCE",
    "ticker": "BTCUSDT.P",
    "interval": "240",
    "time": "2026-11-23T04:00:00Z",
    "timenow": "2026-11-23T08:00:00Z",
    "close": "43250.1",
    "high": "43300",
    "low": "43000",
    'plot("RSI")': "27.4",
}


def as_tradingview_sends(template: str) -> bytes:
    """Fill the placeholders in, as TradingView does."""
    return re.sub(r"\{\{(.*?)\}\}", lambda found: RESOLVED[found[1]], template).encode()


def test_the_message_is_understood_once_tradingview_has_filled_it_in() -> None:
    message = parse(as_tradingview_sends(alert_template(BOT)))

    assert (message.rsi, message.rsi_length, message.price) == (
        27.4,
        14,
        Decimal("43250.1"),
    )
    assert (message.ticker, message.timeframe) == ("BTCUSDT.P", H4)
    assert message.bar_time == datetime(2026, 11, 23, 4, tzinfo=UTC)
    assert not message.extra


def test_a_chart_with_a_free_name_is_named_in_the_message() -> None:
    message = parse(as_tradingview_sends(alert_template(NAMED)))

    assert message.chart == 'Herenya "Capital"'
    assert message.ticker is None


def test_alerts_for_two_sides_of_one_bar_have_two_ids() -> None:
    sent = [as_tradingview_sends(alert_template(BOT, action)) for action in POSITIONS]
    ids = {parse(body).id for body in sent}

    assert len(ids) == 3


def test_a_bot_that_follows_is_told_each_action() -> None:
    follows = replace(BOT, rules=Rules(strategy="follow"))

    assert actions_of(follows) == (Action.LONG, Action.SHORT, Action.CLOSE)
    assert actions_of(BOT) == (None,)


def test_a_bot_with_stops_is_told_the_range_of_the_bar() -> None:
    stops = replace(BOT, rules=Rules(exits=ExitRules(stop_loss_percent=Decimal(2))))

    message = parse(as_tradingview_sends(alert_template(stops)))

    assert (message.high, message.low) == (Decimal(43300), Decimal(43000))


@pytest.mark.parametrize(
    ("timeframe", "bar"),
    [
        ("15", datetime(2026, 11, 23, 9, 15, tzinfo=UTC)),
        ("4h", datetime(2026, 11, 23, 4, tzinfo=UTC)),
        ("1D", datetime(2026, 11, 22, tzinfo=UTC)),
        ("1W", datetime(2026, 11, 16, tzinfo=UTC)),
        ("1M", datetime(2026, 10, 1, tzinfo=UTC)),
        ("3M", datetime(2026, 7, 1, tzinfo=UTC)),
    ],
)
def test_the_bar_that_closed_last_is_known_for_every_timeframe(
    timeframe: str, bar: datetime
) -> None:
    assert last_closed_bar(Timeframe.parse(timeframe), NOW) == bar


def test_a_sample_alert_is_for_one_bot_on_the_bar_that_closed_last() -> None:
    body = sample_alert(BOT, Wish(rsi=25.0, price=Decimal("0.00001")), NOW)

    assert body["bot"] == "herenya"
    assert body["bar_time"] == "2026-11-23T04:00:00Z"
    assert body["sent_at"] == "2026-11-23T09:30:00Z"
    assert (body["rsi"], body["rsi_length"], body["price"]) == (25.0, 14, "0.00001")
    assert "signal" not in body
