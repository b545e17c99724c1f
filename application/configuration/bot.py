"""Bots and their charts, read from their sections."""

from application.configuration.limits import BOT, read_limits
from application.configuration.rules import read_rules
from application.configuration.scalar import (
    label,
    matching,
    name,
    optional,
    switch,
    timeframe,
)
from application.configuration.section import Section
from application.configuration.values import BotConfig, Chart
from domain.instrument import Symbol
from domain.rules import OnTimeout, OrderRules

_NOTHING = Chart(name="?")

_exchange = matching(
    r"[A-Za-z0-9_]{1,32}", "an exchange as TradingView writes it such as BINANCE"
)
_ticker = matching(
    r"[A-Za-z0-9._!&+-]{1,64}", "a ticker as TradingView writes it such as BTCUSDT.P"
)
_symbol = matching(
    r"[^\s/:]{1,32}/[^\s/:]{1,32}(:[^\s/:]{1,32})?",
    "a symbol as CCXT writes it such as BTC/USDT or BTC/USDT:USDT",
)


def read_bot(section: Section) -> BotConfig:
    """Read one bot. Whether its account, feed and market exist is checked elsewhere."""
    with section:
        chart = _chart(section.child("chart"), given=section.has("chart"))
        symbol = section.read("symbol", optional(_symbol), None)
        bot = BotConfig(
            name=section.require("name", name, "?"),
            account=section.require("account", name, "?"),
            feed=section.require("feed", name, "?"),
            chart=chart,
            symbol=None if symbol is None else Symbol(symbol),
            rules=read_rules(section, chart.timeframe),
            limits=read_limits(section.child("limits"), BOT),
            enabled=section.read("enabled", switch, default=True),
        )
        _check_timeout(section, bot.rules.order, bot.limits.max_age_seconds)
        return bot


def _check_timeout(section: Section, order: OrderRules, max_age: int | None) -> None:
    """Refuse a market order after the time limit that would always come too late."""
    seconds = order.timeout_seconds
    late = max_age is not None and seconds >= max_age
    if late and order.on_timeout is OnTimeout.MARKET and section.is_sound("order"):
        section.refuse(
            "order.timeout_seconds",
            f"must be below limits.max_age_seconds ({max_age}) with on_timeout market, was "
            f"{seconds}: the alert would be too old for the market order",
        )


def _chart(section: Section, *, given: bool) -> Chart:
    with section:
        named = section.read("name", optional(label), None)
        exchange = section.read("exchange", optional(_exchange), None)
        ticker = section.read("ticker", optional(_ticker), None)
        interval = section.read("interval", optional(timeframe), None)
        if not section.is_sound(""):
            return _NOTHING
        if named is not None and exchange is None and ticker is None:
            return Chart(name=named, timeframe=interval)
        if named is None and exchange and ticker and interval:
            return Chart(
                exchange=exchange.upper(), ticker=ticker.upper(), timeframe=interval
            )
        if not given:
            section.refuse("", "is missing")
        elif named is not None:
            section.refuse("name", "cannot stand beside an exchange and a ticker")
        else:
            section.refuse("", "needs exchange, ticker and interval, or a name")
        return _NOTHING
