"""A venue's markets as our instruments, exactly, or not at all."""

from decimal import Decimal, InvalidOperation
from typing import Any

from domain.instrument import Instrument, Kind, Symbol
from domain.money import ONE, ZERO, multiply


def limit(market: dict[str, Any], *path: str) -> Decimal | None:
    """Return a number within a market of CCXT; None where it has none."""
    value: Any = market
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if value is None:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def contract_size(market: dict[str, Any]) -> Decimal:
    """Return how much of the base one contract is; 1 on spot."""
    size = market.get("contractSize")
    return Decimal(str(size)) if size and market.get("contract") else ONE


def listed_instrument(exchange: str, market: dict[str, Any]) -> Instrument | None:
    """Return the instrument; None for what we do not trade or cannot round to."""
    spot = bool(market.get("spot"))
    perpetual = bool(market.get("swap")) and market.get("linear") is True
    tick, step = limit(market, "precision", "price"), limit(market, "precision", "amount")
    if not (spot or perpetual) or market.get("active") is False or not tick or not step:
        return None
    size = contract_size(market)
    least = limit(market, "limits", "amount", "min") or step
    return Instrument(
        exchange=exchange,
        symbol=Symbol(market["symbol"]),
        kind=Kind.SPOT if spot else Kind.PERPETUAL,
        base=market["base"],
        quote=market["quote"],
        settle=market["quote"] if spot else market["settle"],
        price_tick=tick,
        quantity_step=multiply(step, size),
        quantity_min=multiply(max(least, step), size),
        notional_min=limit(market, "limits", "cost", "min") or ZERO,
        contract_size=size,
        taker_fee=limit(market, "taker") or ZERO,
    )
