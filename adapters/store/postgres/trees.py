"""Values as JSON and back. Every number that must be exact is text."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from application.answers import FillReport
from domain.reasons import Finding, Reason
from domain.signal import Action, AlertId, Direction, Signal
from domain.sizing import Sized
from domain.state import BarMemory
from domain.timeframe import Timeframe

Json = dict[str, Any]

_MEMORY_MOMENTS = ("last_bar", "before_bar", "entry_bar")
_MEMORY_VALUES = ("last_values", "before_values")
_MEMORY_INDICATORS = ("last_rsi", "before_rsi", "entry_rsi")


def signal_json(signal: Signal) -> Json:
    """Return a signal without its number and time of receipt, which are columns."""
    found: Json = {
        "exchange": signal.exchange,
        "ticker": signal.ticker,
        "chart": signal.chart,
        "bot": signal.bot,
        "price": _plain(signal.price),
        "high": _plain(signal.high),
        "low": _plain(signal.low),
        "bar_time": _iso(signal.bar_time),
        "sent_at": _iso(signal.sent_at),
        "action": signal.action.value if signal.action else None,
        "closes": signal.closes.value if signal.closes else None,
        "rsi": None if signal.rsi is None else repr(signal.rsi),
        "rsi_length": signal.rsi_length,
        "timeframe": str(signal.timeframe) if signal.timeframe else None,
        "extra": dict(signal.extra) or None,
        "adds_to": signal.adds_to.value if signal.adds_to else None,
        "reduces": signal.reduces or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def signal(alert: int, received_at: datetime, tree: Json) -> Signal:
    """Return the signal of an alert's row."""
    get = tree.get
    return Signal(
        alert=AlertId(alert),
        received_at=received_at,
        action=Action(tree["action"]) if "action" in tree else None,
        closes=Direction(tree["closes"]) if "closes" in tree else None,
        rsi=float(tree["rsi"]) if "rsi" in tree else None,
        rsi_length=get("rsi_length"),
        price=_number(get("price")),
        high=_number(get("high")),
        low=_number(get("low")),
        bar_time=_moment(get("bar_time")),
        sent_at=_moment(get("sent_at")),
        timeframe=Timeframe.parse(tree["timeframe"]) if "timeframe" in tree else None,
        exchange=get("exchange"),
        ticker=get("ticker"),
        chart=get("chart"),
        bot=get("bot"),
        extra=get("extra", {}),
        adds_to=Direction(tree["adds_to"]) if "adds_to" in tree else None,
        reduces=get("reduces", False),
    )


def value_json(value: object) -> object:
    """Return a measured value as JSON that comes back showing the same text."""
    match value:
        case None | bool() | int() | str():
            return value
        case Enum():
            return value_json(value.value)
        case tuple() | list():
            return [value_json(one) for one in value]
        case Decimal() | float() | datetime():
            return _tagged(value)
        case _:
            return str(value)


def value(tree: Any) -> object:
    """Return the measured value that was kept; what had no kind of its own is text."""
    match tree:
        case list():
            return tuple(value(one) for one in tree)
        case {"decimal": str(text)}:
            return Decimal(text)
        case {"float": str(text)}:
            return float(text)
        case {"moment": str(text)}:
            return datetime.fromisoformat(text)
        case _:
            return tree


def findings_json(findings: Sequence[Finding]) -> list[Json]:
    """Return findings as JSON, in their order."""
    return [
        {
            "reason": one.reason.value,
            "passed": one.passed,
            "value": value_json(one.value),
            "limit": value_json(one.limit),
        }
        for one in findings
    ]


def findings(tree: Sequence[Json]) -> tuple[Finding, ...]:
    """Return the findings of a decision's row."""
    return tuple(
        Finding(
            Reason(one["reason"]), one["passed"], value(one["value"]), value(one["limit"])
        )
        for one in tree
    )


def sized_json(sized: Sized | None) -> Json | None:
    """Return a sized entry as JSON."""
    if sized is None:
        return None
    return {
        "side": sized.side.value,
        "number": sized.number,
        "quantity": str(sized.quantity),
        "price": str(sized.price),
        "raw": str(sized.raw),
        "factor": str(sized.factor),
        "equity": _plain(sized.equity),
        "planned": [str(one) for one in sized.planned],
    }


def sized(tree: Json | None) -> Sized | None:
    """Return the sized entry of a decision's row."""
    if tree is None:
        return None
    return Sized(
        Direction(tree["side"]),
        tree["number"],
        Decimal(tree["quantity"]),
        Decimal(tree["price"]),
        Decimal(tree["raw"]),
        Decimal(tree["factor"]),
        _number(tree["equity"]),
        tuple(Decimal(one) for one in tree["planned"]),
    )


def memory_json(memory: BarMemory) -> Json:
    """Return what a bot remembers of earlier bars as JSON."""
    found: Json = {name: _iso(getattr(memory, name)) for name in _MEMORY_MOMENTS}
    for name in _MEMORY_INDICATORS:
        indicator = getattr(memory, name)
        found[name] = None if indicator is None else repr(indicator)
    found["armed"] = memory.armed
    found["planned"] = [str(one) for one in memory.planned]
    for name in _MEMORY_VALUES:
        if getattr(memory, name):
            found[name] = {key: str(value) for key, value in getattr(memory, name)}
    if memory.closed_bar is not None:
        found["closed_bar"] = memory.closed_bar.isoformat()
    if memory.entered_bar != memory.entry_bar:
        found["entered_bar"] = _iso(memory.entered_bar)
    return found


def memory(tree: Json | None) -> BarMemory:
    """Return what a bot remembers; nothing of a bot without a row."""
    if tree is None:
        return BarMemory()
    moments = [_moment(tree[name]) for name in _MEMORY_MOMENTS]
    indicators = [_indicator(tree[name]) for name in _MEMORY_INDICATORS]
    return BarMemory(
        last_bar=moments[0],
        last_rsi=indicators[0],
        before_bar=moments[1],
        before_rsi=indicators[1],
        entry_bar=moments[2],
        entry_rsi=indicators[2],
        armed=tree["armed"],
        planned=tuple(Decimal(one) for one in tree["planned"]),
        last_values=_values(tree.get("last_values")),
        before_values=_values(tree.get("before_values")),
        closed_bar=_moment(tree.get("closed_bar")),
        entered_bar=_moment(tree.get("entered_bar", tree["entry_bar"])),
    )


def _values(tree: Json | None) -> tuple[tuple[str, Decimal], ...]:
    return tuple((name, Decimal(value)) for name, value in (tree or {}).items())


def _tagged(value: Decimal | float | datetime) -> Json:
    match value:
        case Decimal():
            return {"decimal": str(value)}
        case float():
            return {"float": repr(value)}
        case datetime():
            return {"moment": value.isoformat()}


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _indicator(text: str | None) -> float | None:
    return None if text is None else float(text)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def fill_reports_json(fills: Sequence[FillReport]) -> list[Json]:
    """Return executions as they are kept with the job that books them."""
    return [
        {
            "trade_id": one.trade_id,
            "quantity": f"{one.quantity:f}",
            "price": f"{one.price:f}",
            "fee": f"{one.fee:f}",
            "fee_currency": one.fee_currency,
            "at": _iso(one.at),
        }
        for one in fills
    ]


def fill_reports(tree: Sequence[Json]) -> tuple[FillReport, ...]:
    """Return executions that were kept."""
    return tuple(
        FillReport(
            trade_id=one["trade_id"],
            quantity=Decimal(one["quantity"]),
            price=Decimal(one["price"]),
            fee=Decimal(one["fee"]),
            fee_currency=one["fee_currency"],
            at=datetime.fromisoformat(one["at"]),
        )
        for one in tree
    )
