"""What an entry takes out of an account, and whether the account has it."""

from decimal import Decimal
from typing import NamedTuple

from domain.fills import Costs, fee_of
from domain.instrument import Instrument, Kind
from domain.money import ONE, ZERO, add, divide_down, multiply

_PERPETUAL = Kind.PERPETUAL


class Means(NamedTuple):
    """What an account can pay with, in the settlement currency.

    ``balance`` is cash: on spot without what was paid for holdings, on a perpetual with
    nothing taken off for margin. ``held_cost`` is the cost of what is held of the symbol,
    ``margin_used`` the cost of all other perpetuals.
    """

    balance: Decimal
    held_cost: Decimal = ZERO
    margin_used: Decimal = ZERO
    leverage: Decimal = ONE


def needed(
    quantity: Decimal, price: Decimal, instrument: Instrument, costs: Costs, means: Means
) -> Decimal:
    """Return the balance that an entry needs: price and fee, or all margins and the fee.

    It can be paid when this is not above ``means.balance``.
    """
    notional = multiply(quantity, price)
    exposure = add(notional, add(means.held_cost, means.margin_used))
    paid = fee_of(notional, costs)
    return needed_for(notional, paid, instrument, exposure, means.leverage)


def needed_for(
    notional: Decimal,
    paid: Decimal,
    instrument: Instrument,
    exposure: Decimal,
    leverage: Decimal,
) -> Decimal:
    """Return the balance that an entry of ``notional`` needs, ``paid`` being its fee.

    ``exposure`` is the cost of all perpetuals, this entry among them.
    """
    if instrument.kind is not _PERPETUAL:
        return add(notional, paid)
    if leverage != ONE:
        exposure = divide_down(exposure, leverage)
    return add(paid, exposure)
