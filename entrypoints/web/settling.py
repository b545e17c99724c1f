"""What the API is told of an order that needs a person, and what it answers."""

from decimal import Decimal
from typing import Literal

import msgspec

from application.ports.settling import SettledOrder
from application.settle_order import CannotSettle, Fate, Settlement
from entrypoints.web.requests import Amount, Reason, Sent, Text


class SettleRequest(Sent, kw_only=True):
    """What became of the order, and how that is known. Numbers are text, exactly."""

    fate: Literal["placed", "not_placed", "filled"]
    reason: Reason
    quantity: Amount | None = None
    price: Amount | None = None
    fee: Amount = "0"
    fee_currency: Text | None = None
    trade_id: Text | None = None
    venue_order_id: Text | None = None


class SettledOut(msgspec.Struct, kw_only=True):
    """The order as it stands now."""

    id: str
    account: str
    bot: str
    symbol: str
    status: str
    quantity: str
    filled: str
    venue_order_id: str | None


def settlement(data: SettleRequest) -> Settlement:
    """Return what was said.

    Raises:
        CannotSettle: If what was filled is not said whole.
    """
    fate = Fate(data.fate.replace("_", " "))
    whole = data.quantity is not None and data.price is not None
    if whole is not (fate is Fate.FILLED):
        raise CannotSettle("quantity and price belong to the fate filled, both of them.")
    return Settlement(
        fate=fate,
        quantity=Decimal(data.quantity or 0),
        price=Decimal(data.price or 0),
        fee=Decimal(data.fee),
        fee_currency=data.fee_currency,
        trade_id=data.trade_id,
        venue_order_id=data.venue_order_id,
    )


def settled_out(found: SettledOrder) -> SettledOut:
    """Return the order as the API writes it."""
    order = found.order
    return SettledOut(
        id=order.id,
        account=found.account,
        bot=found.bot,
        symbol=order.symbol,
        status=order.status.value,
        quantity=f"{order.quantity:f}",
        filled=f"{order.filled:f}",
        venue_order_id=order.venue_order_id,
    )
