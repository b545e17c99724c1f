"""Orders, positions and trades."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, SkipValidation
from litestar.response import Template

from application.configuration.charts import Listings
from application.configuration.reader import read_bot
from application.ports.configuration import ConfigurationStore, DeployedBot, Kind
from application.ports.views import PositionRow, Views
from domain.exits import stop_level
from domain.instrument import Instrument, Symbol
from domain.money import divide_down
from domain.order import OrderId, OrderStatus
from domain.position import Trade
from domain.rules import ExitRules
from entrypoints.web.pages.frame import Frame
from entrypoints.web.pages.lines import action, average_price, order_pill
from entrypoints.web.pages.lists import PAGE, Listing, chosen

Reader = SkipValidation[NamedDependency[Views]]
Framed = SkipValidation[NamedDependency[Frame]]
Configuration = SkipValidation[NamedDependency[ConfigurationStore]]
Markets = SkipValidation[NamedDependency[Listings]]
STANDS: dict[str, tuple[OrderStatus, ...]] = {
    "working": (
        OrderStatus.PLANNED,
        OrderStatus.SUBMITTING,
        OrderStatus.OPEN,
        OrderStatus.PARTIALLY_FILLED,
    ),
    "filled": (OrderStatus.FILLED,),
    "denied": (OrderStatus.DENIED,),
    "rejected": (OrderStatus.REJECTED,),
    "open-fate": (OrderStatus.UNKNOWN, OrderStatus.NEEDS_OPERATOR),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A position as it is shown. ``stop`` is where its own stop loss lies."""

    row: PositionRow
    unrealized: Decimal | None
    fraction: Decimal | None
    """What is unrealized of what it cost."""
    stop: Decimal | None


@get("/orders", include_in_schema=False)
async def orders(
    views: Reader,
    frame: Framed,
    bot: FromQuery[str | None] = None,
    status: FromQuery[str | None] = None,
    before: FromQuery[str | None] = None,
) -> Template:
    """List orders, newest first."""
    wanted = chosen("status", status, STANDS) or ()
    known = OrderId(before) if before else None
    rows = await views.orders(
        limit=PAGE + 1, bot=bot or None, before=known, statuses=wanted
    )
    lines = [(row, order_pill(row.order), action(row.order)) for row in rows]
    listing = Listing.of(lines, lambda one: one[0].order.id)
    averages = {row.order.id: average_price(row.order) for row in rows}
    context = {"frame": frame, "listing": listing, "averages": averages, "before": before}
    return Template("orders.html", context={**context, "bot": bot or "", "status": status})


@get("/positions", include_in_schema=False)
async def positions(
    frame: Framed, held: SkipValidation[NamedDependency[list[Held]]]
) -> Template:
    """List what is open, valued at the latest price."""
    return Template("positions.html", context={"frame": frame, "held": held})


@get("/trades", include_in_schema=False)
async def trades(
    views: Reader,
    frame: Framed,
    bot: FromQuery[str | None] = None,
    before: FromQuery[int | None] = None,
) -> Template:
    """List completed trades, newest first."""
    rows = await views.trades(limit=PAGE + 1, bot=bot or None, before=before)
    lines = [(row, entry_price(row.trade), exit_price(row.trade)) for row in rows[::-1]]
    listing = Listing.of(lines, lambda one: str(one[0].id))
    context = {"frame": frame, "listing": listing, "bot": bot or "", "before": before}
    return Template("trades.html", context=context)


async def all_held(
    views: Reader, configuration: Configuration, listings: Markets
) -> list[Held]:
    """Return every open position."""
    return await positioned(await views.positions(), configuration, listings)


async def positioned(
    rows: Sequence[PositionRow], configuration: ConfigurationStore, listings: Listings
) -> list[Held]:
    """Return positions with the stops of the rules that they are bound to."""
    if not rows:
        return []
    deployed = await configuration.deployed()
    bots = {one.config.name: one for one in deployed.bots}
    exchanges = {one.config.name: one.config.exchange for one in deployed.accounts}
    found: list[Held] = []
    for row in rows:
        exits = await _exits(bots[row.bot], configuration)
        market = listings.find(exchanges[row.account], Symbol(row.symbol))
        found.append(_held(row, exits, market))
    return found


async def _exits(bot: DeployedBot, configuration: ConfigurationStore) -> ExitRules:
    """Return the exit rules that a bot's position keeps."""
    if bot.bound_revision in (None, bot.revision):
        return bot.config.rules.exits
    for row in await configuration.history(Kind.BOT, bot.config.name):
        known = read_bot(row.tree).value if row.id == bot.bound_revision else None
        if known is not None:
            return known.rules.exits
    return bot.config.rules.exits


def _held(row: PositionRow, exits: ExitRules, market: Instrument | None) -> Held:
    position, gained = row.position, None
    if row.mark is not None:
        gained = position.unrealized(row.mark)
    return Held(
        row=row,
        unrealized=gained,
        fraction=None if gained is None else divide_down(gained, position.cost),
        stop=None if market is None else stop_level(position, exits, market),
    )


def entry_price(trade: Trade) -> Decimal:
    """Return what the entries cost per unit."""
    return divide_down(trade.entry_cost, trade.quantity)


def exit_price(trade: Trade) -> Decimal:
    """Return what the exits brought per unit."""
    return divide_down(trade.exit_proceeds, trade.quantity)
