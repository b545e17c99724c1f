"""What CCXT says of orders and executions, read exactly and without trust.

CCXT returns an order even for an answer it could not read: its id is None then, and nothing
is known. Quantities of contracts become base here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from application.ports.broker import FillReport
from domain.money import ZERO, add, multiply

OVER = frozenset(("closed", "canceled", "expired", "rejected"))


class Unreadable(Exception):
    """The venue's answer makes no sense; nothing may be concluded from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An order as the venue tells it. ``filled`` is in base, None if it was not told."""

    id: str
    client_id: str | None
    status: str | None
    filled: Decimal | None
    executions: tuple[Mapping[str, Any], ...]
    trades_of: str | None = None
    """The order that executions are kept under, where that is another one."""

    @property
    def over(self) -> bool:
        """Say whether the venue expects no more of it."""
        return self.status in OVER

    @property
    def complete(self) -> bool:
        """Say whether the answer tells how the order stands."""
        return self.status is not None and self.filled is not None


def read_order(raw: Any, contract_size: Decimal) -> Told:
    """Return the order in CCXT's answer.

    Raises:
        Unreadable: If it has no id.
    """
    if not isinstance(raw, Mapping) or not raw.get("id"):
        raise Unreadable("the answer holds no order id")
    filled = number(raw.get("filled"))
    return Told(
        id=str(raw["id"]),
        client_id=raw.get("clientOrderId"),
        status=raw.get("status"),
        filled=None if filled is None else multiply(filled, contract_size),
        executions=tuple(raw.get("trades") or ()),
    )


def read_executions(
    raws: Iterable[Mapping[str, Any]], contract_size: Decimal, currency: str
) -> tuple[FillReport, ...]:
    """Return the executions in the order of their time, each once.

    Raises:
        Unreadable: If one has no id, quantity or price.
    """
    reports = {
        one.trade_id: one for one in (_read(raw, contract_size, currency) for raw in raws)
    }
    return tuple(sorted(reports.values(), key=lambda one: (one.at, one.trade_id)))


def number(value: Any) -> Decimal | None:
    """Return a number that CCXT gave; None for none.

    Raises:
        Unreadable: If it is not a finite number.
    """
    if value is None:
        return None
    try:
        read = Decimal(str(value))
    except InvalidOperation as error:
        raise Unreadable(f"{value!r} is not a number") from error
    if not read.is_finite():
        raise Unreadable(f"{value!r} is not a number")
    return read


def _read(raw: Mapping[str, Any], contract_size: Decimal, currency: str) -> FillReport:
    quantity, price = number(raw.get("amount")), number(raw.get("price"))
    if not raw.get("id") or not quantity or not price:
        raise Unreadable("an execution without id, quantity or price")
    fee, fee_currency = _fee(raw, currency)
    moment = int(raw.get("timestamp") or 0) / 1000
    return FillReport(
        trade_id=str(raw["id"]),
        quantity=multiply(quantity, contract_size),
        price=price,
        fee=fee,
        fee_currency=fee_currency,
        at=datetime.fromtimestamp(moment, UTC),
    )


def _fee(raw: Mapping[str, Any], currency: str) -> tuple[Decimal, str]:
    """Return the fee and its currency; a rebate is negative. 0 where nothing is told."""
    told = [one for one in (raw.get("fees") or [raw.get("fee")]) if one and one.get("cost")]
    if not told:
        return ZERO, currency
    first = told[0].get("currency") or currency
    same = [one for one in told if (one.get("currency") or currency) == first]
    total = ZERO
    for one in same:
        total = add(total, number(one["cost"]) or ZERO)
    return total, first
