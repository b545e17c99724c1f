"""The fill model that paper and backtest share: at which price, and with what fee."""

from decimal import Decimal
from typing import NamedTuple

from domain.instrument import Instrument
from domain.money import ONE, ZERO, add, multiply, subtract

BASIS_POINT = Decimal("0.0001")


class Costs(NamedTuple):
    """What an execution costs: a fee as a fraction of notional, and slippage.

    Slippage is in basis points of the price or, as TradingView counts it, in ticks.
    """

    fee_rate: Decimal = ZERO
    slippage_bps: Decimal = ZERO
    slippage_ticks: Decimal = ZERO

    @property
    def slips(self) -> bool:
        """Say whether a fill at the market is anywhere but at its price."""
        return bool(self.slippage_bps or self.slippage_ticks)


def fill_price(
    market: Decimal, instrument: Instrument, costs: Costs, *, buys: bool
) -> Decimal:
    """Return ``market`` moved against the trader by the slippage.

    Slippage in basis points ends on the venue's tick; whole ticks are added as they are.
    """
    if costs.slippage_ticks:
        slip = multiply(costs.slippage_ticks, instrument.price_tick)
        market = add(market, slip) if buys else subtract(market, slip)
    if not costs.slippage_bps:
        return market
    slip = multiply(market, multiply(costs.slippage_bps, BASIS_POINT))
    moved = add(market, slip) if buys else subtract(market, slip)
    return instrument.round_price(moved, up=buys)


def limit_fill_price(
    prices: tuple[Decimal, Decimal], instrument: Instrument, costs: Costs, *, buys: bool
) -> Decimal | None:
    """Return where a limit order fills at once, of (market, limit); None if it must wait.

    It takes the market with its slippage, and never pays more than its limit.
    """
    market, limit = prices
    if (market > limit) if buys else (market < limit):
        return None
    taken = fill_price(market, instrument, costs, buys=buys)
    return min(taken, limit) if buys else max(taken, limit)


def trigger_price(market: Decimal, level: Decimal, *, buys: bool, stop: bool) -> Decimal:
    """Return where an exit rule fills: a stop at its level or worse, a target at its level.

    ``market`` is the last price seen. A bar that touched the level and came back fills at
    the level; one that went through it without a range carried fills at the market.
    """
    if not stop:
        return level
    return max(market, level) if buys else min(market, level)


def rule_price(
    prices: tuple[Decimal, Decimal],
    instrument: Instrument,
    costs: Costs,
    *,
    buys: bool,
    stop: bool,
) -> Decimal:
    """Return where an exit rule fills, of (market, level): a stop slips, a target waits."""
    at = trigger_price(*prices, buys=buys, stop=stop)
    return fill_price(at, instrument, costs, buys=buys) if stop else at


def fee(quantity: Decimal, price: Decimal, costs: Costs) -> Decimal:
    """Return the fee of an execution, in quote."""
    return fee_of(multiply(quantity, price), costs)


def fee_of(notional: Decimal, costs: Costs) -> Decimal:
    """Return the fee of executing ``notional``, in quote."""
    return multiply(notional, costs.fee_rate)


def with_fee(notional: Decimal, costs: Costs) -> Decimal:
    """Return what a purchase of ``notional`` takes out of the balance."""
    return multiply(notional, add(ONE, costs.fee_rate))
