"""The markets that the simulated venues list, with the filters that real ones had."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum


class Kind(Enum):
    """What is traded: coins, or perpetual contracts on them settled in the quote."""

    SPOT = "spot"
    PERPETUAL = "perpetual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """One market: quantities in base, prices in quote."""

    id: str
    base: str
    quote: str
    kind: Kind
    tick: Decimal
    step: Decimal
    minimum: Decimal
    maximum: Decimal
    notional_min: Decimal
    price: Decimal
    fee_rate: Decimal


def _market(id: str, kind: Kind, grid: tuple[str, str, str, str], price: str) -> Market:
    tick, step, maximum, notional = (Decimal(one) for one in grid)
    return Market(
        id=id,
        base=id.removesuffix("USDT"),
        quote="USDT",
        kind=kind,
        tick=tick,
        step=step,
        minimum=step,
        maximum=maximum,
        notional_min=notional,
        price=Decimal(price),
        fee_rate=Decimal("0.001" if kind is Kind.SPOT else "0.0005"),
    )


SPOT = (
    _market("BTCUSDT", Kind.SPOT, ("0.01", "0.00001", "9000", "5"), "60000"),
    _market("ETHUSDT", Kind.SPOT, ("0.01", "0.0001", "9000", "5"), "3000"),
    _market("DOGEUSDT", Kind.SPOT, ("0.00001", "1", "9000000", "5"), "0.125"),
)
PERPETUALS = (
    _market("BTCUSDT", Kind.PERPETUAL, ("0.1", "0.001", "1000", "100"), "60000"),
    _market("ETHUSDT", Kind.PERPETUAL, ("0.01", "0.001", "10000", "20"), "3000"),
    _market("DOGEUSDT", Kind.PERPETUAL, ("0.00001", "1", "5000000", "5"), "0.125"),
)
