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
    held = add(means.held_cost, means.margin_used)
    return needed_for(notional, fee_of(notional, costs), instrument, held, means.leverage)


def needed_for(
    notional: Decimal,
    paid: Decimal,
    instrument: Instrument,
    held: Decimal,
    leverage: Decimal = ONE,
) -> Decimal:
    """Return the balance that an entry of ``notional`` needs, ``paid`` being its fee.

    ``held`` is the cost of all perpetuals that are open already.
    """
    if instrument.kind is not _PERPETUAL:
        return add(notional, paid)
    exposure = add(notional, held)
    if leverage != ONE:
        exposure = divide_down(exposure, leverage)
    return add(paid, exposure)
