"""What is traded at a venue, with its tick, step and minimums."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import NewType

from domain.money import ZERO, multiply, round_down, round_up

Symbol = NewType("Symbol", str)


class Kind(Enum):
    """The two markets we trade: spot never goes short."""

    SPOT = "spot"
    PERPETUAL = "perpetual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One market of one exchange. Quantities are in the base currency."""

    exchange: str
    symbol: Symbol
    kind: Kind
    base: str
    quote: str
    settle: str
    price_tick: Decimal
    quantity_step: Decimal
    quantity_min: Decimal
    notional_min: Decimal
    contract_size: Decimal
    taker_fee: Decimal

    def __post_init__(self) -> None:
        """Refuse steps that nothing could be rounded to."""
        for name in ("price_tick", "quantity_step", "contract_size"):
            if getattr(self, name) <= ZERO:
                message = f"{name} must be positive, was {getattr(self, name)}"
                raise ValueError(message)

    @property
    def can_short(self) -> bool:
        """Say whether selling what one does not own is possible here."""
        return self.kind is Kind.PERPETUAL

    def round_quantity(self, quantity: Decimal) -> Decimal:
        """Round down to the venue's step, never up."""
        return round_down(quantity, self.quantity_step)

    def round_price(self, price: Decimal, *, up: bool) -> Decimal:
        """Round to the venue's tick, in the direction that is named."""
        return (
            round_up(price, self.price_tick) if up else round_down(price, self.price_tick)
        )

    def is_dust(self, quantity: Decimal, price: Decimal) -> bool:
        """Say whether so little is left that the venue would not take an order for it."""
        return self.is_below(quantity, multiply(quantity, price))

    def is_below(self, quantity: Decimal, notional: Decimal) -> bool:
        """Say whether a quantity worth ``notional`` is less than the venue's minimum."""
        return quantity < self.quantity_min or notional < self.notional_min
