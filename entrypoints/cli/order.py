"""`signalman order settle`: say what became of an order that the venue cannot tell of."""

from decimal import Decimal

import rich_click as click

from application import wording
from application.ports.settling import SettledOrder
from application.settle_order import CannotSettle, Fate, Settlement
from domain.money import ZERO
from domain.order import OrderStatus
from entrypoints.cli.asking import Parts, ask, author
from entrypoints.cli.backtest_options import Number
from entrypoints.cli.failure import Exit, Failure
from entrypoints.cli.state import required_reason
from entrypoints.cli.terminal import hint, json_option, print_json, say
from entrypoints.web.settling import settled_out


@click.group()
def order() -> None:
    """Settle an order whose fate the venue cannot tell."""


@order.command()
@click.argument("id")
@click.option("--not-placed", is_flag=True, help="The venue has no such order.")
@click.option("--placed", is_flag=True, help="It is there and open; the venue is asked on.")
@click.option(
    "--filled",
    type=Number(),
    metavar="QUANTITY",
    help="So much of it was executed, in base, and the rest is over.",
)
@click.option("--price", type=Number(), help="The average price of what was executed.")
@click.option("--fee", type=Number(), help="What it cost; none unless it is said.")
@click.option("--fee-currency", help="In which currency; the settlement currency if not.")
@click.option(
    "--trade-id",
    help="The venue's id of the execution; needed for a second one that is alike.",
)
@click.option("--venue-order-id", help="What the venue calls the order.")
@click.option("--reason", default="", help="How you know; it is kept as evidence.")
@json_option
def settle(id: str, reason: str, *, as_json: bool, **said: object) -> None:
    """Say what became of an order that needs you, by its id or the beginning of it.

    Look at the venue first. Nothing is sent again: if a position should be closed or
    opened, the next alert does it, or `signalman flatten`. Entries of the market go on once
    nothing there is in doubt.
    """
    settlement = _settlement(said)
    why = required_reason(reason, f"signalman order settle {id}")

    async def work(parts: Parts) -> SettledOrder:
        return await parts.settle_order()(id, settlement, author(why))

    try:
        found = ask(work)
    except CannotSettle as error:
        raise Failure(Exit.REFUSED, str(error), "Nothing was changed.", error.fix) from None
    if as_json:
        print_json(settled_out(found))
        return
    _tell(found)


def _settlement(said: dict[str, object]) -> Settlement:
    filled, price = said["filled"], said["price"]
    chosen = [bool(said["not_placed"]), bool(said["placed"]), filled is not None]
    if sum(chosen) != 1:
        raise click.UsageError("Say one of --not-placed, --placed and --filled QUANTITY.")
    if (filled is None) is not (price is None):
        raise click.UsageError("--filled QUANTITY and --price go together.")
    fate = (Fate.NOT_PLACED, Fate.PLACED, Fate.FILLED)[chosen.index(True)]
    return Settlement(
        fate=fate,
        quantity=_number(filled),
        price=_number(price),
        fee=_number(said["fee"]),
        venue_order_id=_text(said["venue_order_id"]),
        fee_currency=_text(said["fee_currency"]),
        trade_id=_text(said["trade_id"]),
    )


def _number(value: object) -> Decimal:
    return ZERO if value is None else Decimal(str(value))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _tell(found: SettledOrder) -> None:
    order, base = found.order, found.instrument.base
    filled = f"{wording.number(order.filled)} of {wording.number(order.quantity)} {base}"
    where = f"{order.symbol} of {found.bot} on {found.account}"
    say(f"✓ {where}: {order.status.value}, {filled} filled.")
    if order.status is OrderStatus.OPEN:
        hint("signalman orders   shows what the venue says of it from now on")
    else:
        hint("signalman positions   shows what the bot holds now")
