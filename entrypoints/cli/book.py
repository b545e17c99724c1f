"""`signalman orders`, `positions` and `trades`: what was sent, is open, and is done."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import rich_click as click
from rich.text import Text

from application import wording
from application.ports.configuration import Deployed
from application.ports.views import AlertSummary, OrderRow, PositionRow, TradeRow
from domain.money import divide_down
from domain.order import OrderStatus
from domain.signal import Direction
from entrypoints.cli.asking import Parts, ask
from entrypoints.cli.known_bots import DEPLOY, known_bot
from entrypoints.cli.terminal import (
    NOTHING,
    Column,
    amount,
    hint,
    json_option,
    print_json,
    print_table,
    say,
    signed,
)
from entrypoints.web.render import order_out, position_out, trade_out

LIMIT_MAX = 10_000
_BAD = (OrderStatus.REJECTED, OrderStatus.NEEDS_OPERATOR, OrderStatus.UNKNOWN)

bot_option = click.option("--bot", help="Of this bot only.")


def limit_option(default: int) -> Callable[[Any], Any]:
    """Return the option that says how many rows to show."""
    return click.option(
        "--limit",
        type=click.IntRange(1, LIMIT_MAX),
        default=default,
        show_default=True,
        help="How many, the newest.",
    )


_ORDER_COLUMNS = (
    Column("made (UTC)"),
    Column("bot"),
    Column("symbol", extra=True),
    Column("order"),
    Column("quantity", right=True),
    Column("filled", right=True, extra=True),
    Column("average", right=True, extra=True),
    Column("status"),
    Column("alert", right=True),
)

_POSITION_COLUMNS = (
    Column("bot"),
    Column("account", extra=True),
    Column("symbol", extra=True),
    Column("side"),
    Column("entries", right=True, extra=True),
    Column("quantity", right=True),
    Column("average", right=True),
    Column("mark", right=True),
    Column("unrealized", right=True),
    Column("currency"),
    Column("open since (UTC)", extra=True),
)

_TRADE_COLUMNS = (
    Column("closed (UTC)"),
    Column("bot"),
    Column("symbol", extra=True),
    Column("side"),
    Column("entries", right=True, extra=True),
    Column("quantity", right=True, extra=True),
    Column("entry", right=True, extra=True),
    Column("exit", right=True, extra=True),
    Column("fees", right=True, extra=True),
    Column("P&L", right=True),
    Column("currency"),
    Column("held", right=True, extra=True),
    Column("alert", right=True, extra=True),
)


@click.command()
@bot_option
@limit_option(20)
@json_option
def orders(bot: str | None, limit: int, *, as_json: bool) -> None:
    """Show the newest orders and what became of them."""

    async def work(parts: Parts) -> Sequence[OrderRow]:
        await _refuse_unknown(parts, bot)
        return await parts.views().orders(limit=limit, bot=bot)

    rows = ask(work)
    if as_json:
        print_json([order_out(row) for row in rows])
        return
    if not rows:
        whose = f" by {bot}" if bot else ""
        say(f"No orders{whose} yet: no alert has called for one.")
        hint("signalman alert list   says what came and why it did not trade")
        return
    print_table(
        _ORDER_COLUMNS,
        [_order(row) for row in rows],
    )


@click.command()
@json_option
def positions(*, as_json: bool) -> None:
    """Show what is open now, valued at the latest price that an alert brought."""

    async def work(
        parts: Parts,
    ) -> tuple[Sequence[PositionRow], Deployed, Sequence[AlertSummary]]:
        views = parts.views()
        rows = await views.positions()
        if rows:
            return rows, await parts.configuration().deployed(), ()
        return (), await parts.configuration().deployed(), await views.alerts(limit=1)

    rows, deployed, newest = ask(work)
    if as_json:
        print_json([position_out(row) for row in rows])
        return
    if not rows:
        _flat(deployed, newest)
        return
    print_table(
        _POSITION_COLUMNS,
        [_position(row) for row in rows],
    )


@click.command()
@bot_option
@click.option("--account", help="Of this account only.")
@limit_option(20)
@json_option
def trades(bot: str | None, account: str | None, limit: int, *, as_json: bool) -> None:
    """Show completed trades, from flat to flat, the newest last."""

    async def work(parts: Parts) -> Sequence[TradeRow]:
        await _refuse_unknown(parts, bot)
        return await parts.views().trades(limit=limit, bot=bot, account=account)

    rows = ask(work)
    if as_json:
        print_json([trade_out(row) for row in rows])
        return
    if not rows:
        say("No completed trades yet: one is complete when its position is flat again.")
        hint("signalman positions   shows what is open")
        return
    print_table(
        _TRADE_COLUMNS,
        [_trade(row) for row in rows],
    )


async def _refuse_unknown(parts: Parts, bot: str | None) -> None:
    if bot is not None:
        known_bot(await parts.configuration().deployed(), bot)


def _order(row: OrderRow) -> tuple[str | Text, ...]:
    order = row.order
    verb = "buy" if order.buys else "sell"
    average = divide_down(order.cost, order.filled) if order.filled else None
    style = "red" if order.status in _BAD else "green" if order.filled else ""
    return (
        wording.moment(row.created_at)[:19],
        row.bot,
        order.symbol,
        f"{verb} to close {order.side.value.lower()}"
        if order.reduces
        else _opens(order.side),
        wording.number(order.quantity),
        wording.number(order.filled),
        NOTHING if average is None else wording.average(average),
        Text(order.status.value, style=style),
        NOTHING if row.alert is None else str(row.alert),
    )


def _opens(side: Direction) -> str:
    return "buy" if side is Direction.LONG else "sell short"


def _position(row: PositionRow) -> tuple[str | Text, ...]:
    held = row.position
    average = held.average_price
    unrealized = None if row.mark is None else held.unrealized(row.mark)
    since = held.opened_at
    return (
        Text(row.bot, style="bold"),
        row.account,
        row.symbol,
        held.side.value if held.side else NOTHING,
        str(held.entries),
        wording.number(held.quantity),
        NOTHING if average is None else wording.average(average),
        NOTHING if row.mark is None else wording.price(row.mark),
        signed(unrealized),
        row.quote,
        NOTHING if since is None else wording.moment(since)[:19],
    )


def _trade(row: TradeRow) -> tuple[str | Text, ...]:
    trade = row.trade
    return (
        wording.moment(trade.closed_at)[:19],
        row.bot,
        row.symbol,
        trade.side.value,
        str(trade.entries),
        wording.number(trade.quantity),
        _average(trade.entry_cost, trade.quantity),
        _average(trade.exit_proceeds, trade.quantity),
        amount(trade.fees),
        signed(trade.pnl),
        row.quote,
        wording.duration(trade.closed_at - trade.opened_at),
        NOTHING if row.alert is None else str(row.alert),
    )


def _average(cost: Decimal, quantity: Decimal) -> str:
    return wording.average(divide_down(cost, quantity))


def _flat(deployed: Deployed, newest: Sequence[AlertSummary]) -> None:
    bots = [bot for bot in deployed.bots if not bot.archived and bot.config.enabled]
    if not bots:
        say("Flat, and no bot is deployed.")
        hint(DEPLOY)
        return
    symbols = len({bot.symbol for bot in bots})
    watching = "bot is" if len(bots) == 1 else "bots are"
    last = (
        f"the last alert is number {newest[0].id}, "
        f"received {wording.moment(newest[0].received_at)[:19]} UTC"
        if newest
        else "no alert has come yet"
    )
    many = wording.plural(symbols, "symbol")
    say(f"Flat. {len(bots)} {watching} watching {many}; {last}.")
    if newest:
        hint(f"signalman alert show {newest[0].id}   says why it did not open anything")
