"""An alert as TradingView would send it for a bot now, to try out what it causes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from application.configuration.values import BotConfig
from domain.signal import Action
from domain.timeframe import Timeframe, Unit

_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the alert is to say; what is None is left out."""

    action: Action | None = None
    rsi: float | None = None
    price: Decimal | None = None


def sample_alert(bot: BotConfig, wish: Wish, now: datetime) -> dict[str, str | int | float]:
    """Return the native body of an alert on the bar that closed last, for this bot alone.

    Its id holds the moment: every one that is sent is an action of its own.
    """
    sent = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    body: dict[str, str | int | float] = {"v": 1, "bot": bot.name}
    if wish.action is not None:
        body["signal"] = wish.action.value
    if wish.rsi is not None:
        body |= {"rsi": wish.rsi, "rsi_length": bot.rules.rsi.length}
    if wish.price is not None:
        body["price"] = f"{wish.price:f}"
    body |= _chart(bot)
    timeframe = bot.chart.timeframe
    if timeframe is not None:
        body["bar_time"] = f"{last_closed_bar(timeframe, now):%Y-%m-%dT%H:%M:%SZ}"
    named = wish.action.value if wish.action else "RSI"
    milliseconds = int(now.timestamp() * 1000)
    body["id"] = f"{bot.chart.key}-{milliseconds}-{named}-{bot.name}"
    body["sent_at"] = sent
    return body


def last_closed_bar(timeframe: Timeframe, now: datetime) -> datetime:
    """Return the open of the bar that closed last, as TradingView lays bars on UTC."""
    now = now.astimezone(UTC)
    if timeframe.unit is Unit.MONTH:
        months = now.year * 12 + now.month - 1
        opened = months - months % timeframe.count - timeframe.count
        return datetime(opened // 12, opened % 12 + 1, 1, tzinfo=UTC)
    length = timeframe.close_of(_MONDAY) - _MONDAY
    start = _MONDAY if timeframe.unit is Unit.WEEK else _MONDAY - timedelta(days=4)
    return start + (now - start) // length * length - length


def _chart(bot: BotConfig) -> dict[str, str]:
    chart = bot.chart
    if chart.name is not None:
        return {"chart": chart.name}
    return {
        "exchange": chart.exchange or "",
        "ticker": chart.ticker or "",
        "interval": str(chart.timeframe),
    }
