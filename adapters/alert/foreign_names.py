"""What other receivers call the fields that Signalman knows by its own names."""

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType

POSITIONS = ("sentiment", "marketposition", "position.side", "position")
"""Names of the position that the chart's strategy holds after its order."""

PREVIOUS = ("prevmarketposition", "previousmarketposition", "prevposition", "prevside")
SIZE, PREVIOUS_SIZE = "marketpositionsize", "prevmarketpositionsize"

ORDER_WORDS = (
    *("action", "side", "orderaction", "strategy.orderaction", "strategy.order.action"),
    *("strategyorderaction", "positiondirection", "direction", "data", "signal"),
)
"""Names of what is ordered, the likeliest first."""

LEADING = frozenset(
    {"sentiment", "marketposition", "action", "side", "orderaction", "positiondirection"}
    | {"direction", "data", "strategyorderaction"}
)
"""The last parts of names that make a message one for another receiver."""

UNCLEAR_TIMES = ("time", "timestamp", "date", "datetime")

_PLACES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "rsi": ("rsi",),
        "rsi_length": ("rsilength",),
        "price": (
            *("price", "close", "bar.close", "signalprice", "triggerprice"),
            *("marketprice", "strategy.orderprice", "strategy.order.price", "orderprice"),
        ),
        "high": ("high", "bar.high"),
        "low": ("low", "bar.low"),
        "exchange": ("exchange", "tvexchange"),
        "ticker": ("ticker", "symbol", "tvinstrument", "instrument"),
        "interval": ("interval", "timeframe", "bar.interval"),
        "chart": ("chart",),
        "bot": ("bot",),
        "bar_time": ("bartime", "bar.time"),
        "sent_at": ("sentat", "timenow"),
    }
)
_NOT_LETTER = re.compile(r"[^a-z]")


def plain_path(path: str) -> str:
    """Return a dotted name without case and signs: ``strategy.marketposition``."""
    return ".".join(_NOT_LETTER.sub("", part.lower()) for part in path.split("."))


def places_of(
    known: Collection[str], *, is_traderspost: bool
) -> Mapping[str, tuple[str, ...]]:
    """Return where each native name may stand, the best place first.

    ``time`` is the alert's where TradersPost or a bar's own time says so, and the bar's
    beside ``timenow``; ``timestamp`` is the alert's where it is held against ``max_lag``.
    """
    sent_at = _PLACES["sent_at"]
    bar_time = _PLACES["bar_time"]
    if "timenow" in known:
        bar_time = (*bar_time, "time")
    elif is_traderspost or any(place in known for place in bar_time):
        sent_at = (*sent_at, "time")
    if "maxlag" in known:
        sent_at = (*sent_at, "timestamp")
    return {**_PLACES, "bar_time": bar_time, "sent_at": sent_at}
