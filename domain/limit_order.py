"""A limit entry against one price: it takes the market, goes on without it, or waits."""

from decimal import Decimal

from domain.fills import Costs, fill_price, limit_fill_price
from domain.instrument import Instrument
from domain.reasons import Finding, Reason, refusal
from domain.risk import within_collar
from domain.rules import OnTimeout, OrderRules
from domain.signal import Direction
from domain.sizing import Sized


def limit_of(sized: Sized, instrument: Instrument) -> Decimal:
    """Return an entry's limit on the venue's tick, never worse than its price."""
    return instrument.round_price(sized.price, up=sized.side is Direction.SHORT)


def goes_on(limit: Decimal, market: Decimal, rules: OrderRules) -> bool:
    """Say whether what a limit did not get in time is taken at the market's price."""
    if rules.on_timeout is not OnTimeout.MARKET:
        return False
    collar = rules.collar_percent
    return collar is None or within_collar(limit, market, collar)


def met_once(
    sized: Sized, market: Decimal, rules: OrderRules, instrument: Instrument, costs: Costs
) -> Decimal | Finding:
    """Return where a limit entry fills that meets the market once, or that it does not.

    That is all a bar tells: what happens within the time limit stands in no column.
    """
    limit, buys = limit_of(sized, instrument), sized.side is Direction.LONG
    price = limit_fill_price((market, limit), instrument, costs, buys=buys)
    if price is not None:
        return price
    if goes_on(limit, market, rules):
        return fill_price(market, instrument, costs, buys=buys)
    return refusal(Reason.ENTRY_NOT_REACHED, market, limit)
