"""The native alert body, version 1: one JSON object with Signalman's own field names."""

from dataclasses import replace
from itertools import islice

from adapters.alert.body import JsonObject, leaves
from adapters.alert.fields import (
    amount,
    choice,
    identifier,
    indicator,
    label,
    moment,
    timeframe,
    token,
    whole,
)
from adapters.alert.further import ENTRIES_MAX, further_fields, hints_about
from adapters.alert.malformed import MalformedAlert, described, out_of_range
from adapters.alert.message import AlertMessage
from domain.reasons import Reason
from domain.signal import POSITIONS, Direction

NAMES = frozenset(
    {
        "v",
        "id",
        "token",
        "signal",
        "closes",
        "bot",
        "chart",
        "exchange",
        "ticker",
        "interval",
    }
    | {"rsi", "rsi_length", "price", "high", "low", "bar_time", "sent_at"}
)
_VERSION = "1"
_RSI_LENGTH_MAX = 5000
_NOTHING = AlertMessage()
_DELAYED_ENDINGS = ("_DLY", "_DL")


def read(fields: JsonObject) -> AlertMessage:
    """Return what the fields say.

    Every field may be missing; what is there is right. All texts can be stored.

    Raises:
        MalformedAlert: With the first thing that is wrong.
    """
    further = further_fields(leaves(fields, but=NAMES), NAMES, token=token(fields, "token"))
    _refuse_other_versions(fields)
    found = message(fields, further)
    hints = _hints(found, further)
    return replace(found, hints=hints) if hints else found


def message(fields: JsonObject, further: dict[str, str]) -> AlertMessage:
    """Return the message of fields that have their native names.

    Raises:
        MalformedAlert: With the first thing that is wrong.
    """
    _refuse_high_below_low(fields)
    return _message(fields, further)


def _message(fields: JsonObject, further: dict[str, str]) -> AlertMessage:
    return AlertMessage(
        id=identifier(fields, "id"),
        token=token(fields, "token"),
        action=choice(fields, "signal", POSITIONS),
        closes=choice(fields, "closes", Direction),
        rsi=indicator(fields, "rsi"),
        rsi_length=whole(fields, "rsi_length", at_most=_RSI_LENGTH_MAX),
        price=amount(fields, "price"),
        high=amount(fields, "high"),
        low=amount(fields, "low"),
        bar_time=moment(fields, "bar_time"),
        sent_at=moment(fields, "sent_at"),
        timeframe=timeframe(fields, "interval"),
        exchange=_exchange(fields),
        ticker=_upper(label(fields, "ticker")),
        chart=label(fields, "chart"),
        bot=label(fields, "bot"),
        extra=dict(islice(further.items(), ENTRIES_MAX)),
    )


def _refuse_other_versions(fields: JsonObject) -> None:
    version = fields.get("v", _VERSION)
    if version != _VERSION:
        raise MalformedAlert(
            Reason.BODY_VERSION_UNKNOWN,
            f"v must be {_VERSION} or left out, was {described(version)}.",
        )


def _refuse_high_below_low(fields: JsonObject) -> None:
    high, low = amount(fields, "high"), amount(fields, "low")
    if high is not None and low is not None and high < low:
        raise out_of_range("high", f"at or above low, which was {low}", high)


def _exchange(fields: JsonObject) -> str | None:
    """Return the exchange without the ending that TradingView adds to a delayed feed."""
    exchange = _upper(label(fields, "exchange")) or ""
    for ending in _DELAYED_ENDINGS:
        exchange = exchange.removesuffix(ending)
    return exchange or None


def _upper(text: str | None) -> str | None:
    return None if text is None else text.upper()


def _hints(found: AlertMessage, further: dict[str, str]) -> tuple[str, ...]:
    hints = hints_about(islice(further, ENTRIES_MAX), NAMES)
    if (
        0 < len(further) <= ENTRIES_MAX
        and not hints
        and replace(found, token=None, extra={}) == _NOTHING
    ):
        return ("No field of this message is one that Signalman reads.",)
    if len(further) > ENTRIES_MAX:
        dropped = f"Only the first {ENTRIES_MAX} of {len(further)} further fields are kept."
        return (*hints, dropped)
    return hints
