"""What every page shows at its top: where money moves, who may trade, what is alive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from application import wording
from application.ports.configuration import StateChange
from application.ports.standing import Standing, Standings, VenueStanding
from domain.risk import TradingState

SILENT_AFTER = timedelta(seconds=10)


class Place(NamedTuple):
    """An entry of the navigation."""

    path: str
    name: str
    icon: str


NAVIGATION = (
    Place("/", "Overview", "layout-dashboard"),
    Place("/live", "Live", "activity"),
    Place("/alerts", "Alerts", "radio-tower"),
    Place("/orders", "Orders", "arrow-left-right"),
    Place("/positions", "Positions", "layers"),
    Place("/trades", "Trades", "history"),
    Place("/bots", "Bots", "bot"),
    Place("/backtests", "Backtests", "flask-conical"),
    Place("/scorecard", "Scorecard", "badge-check"),
    Place("/health", "Health", "heart-pulse"),
)


class Chip(NamedTuple):
    """A connection: ``level`` is ok, warn, bad or off; ``title`` says what is known."""

    name: str
    level: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The frame of a page, in words."""

    now: datetime
    environment: str
    """PAPER, TESTNET, LIVE or MIXED."""
    state: str
    """active, reducing, halted or silent."""
    state_word: str
    state_title: str
    restricted: Sequence[StateChange]
    chips: tuple[Chip, ...]
    newest: str
    navigation: tuple[Place, ...] = NAVIGATION

    @property
    def is_live(self) -> bool:
        """Say whether real money can move."""
        return self.environment in ("LIVE", "MIXED")


async def frame(standings: SkipValidation[NamedDependency[Standings]]) -> Frame:
    """Return the frame as things stand now."""
    return framed(await standings.standing())


def framed(standing: Standing) -> Frame:
    """Return how things stand in words."""
    state, word, title = _state(standing)
    return Frame(
        now=standing.now,
        environment=environment([one.mode for one in standing.venues if one.bots]),
        state=state,
        state_word=word,
        state_title=title,
        restricted=standing.restricted,
        chips=(_webhook(standing), *(_venue(one) for one in standing.venues)),
        newest=str(standing.newest),
    )


def environment(modes: Sequence[str]) -> str:
    """Return whose money moves by the modes of the accounts that bots trade on."""
    kinds = set(modes) or {"paper"}
    if len(kinds) == 1:
        return kinds.pop().upper()
    return "MIXED" if "live" in kinds else "TESTNET"


def _state(standing: Standing) -> tuple[str, str, str]:
    seen = standing.worker_at
    if seen is None:
        return "silent", "No worker", "No worker has ever run: alerts wait in the database."
    age = standing.now - seen
    if age > SILENT_AFTER:
        text = f"Engine silent {wording.duration(age)}"
        return "silent", text, "Alerts are kept and wait; start a worker: signalman worker"
    alive = f"the worker's last sign of life is {wording.duration(age)} old"
    change = standing.installation
    if change is None or change.state is TradingState.ACTIVE:
        count = len(standing.restricted)
        word = f"Trading, {count} held back" if count else "Trading"
        return "active", word, f"Signals are traded; {alive}"
    word = "Halted" if change.state is TradingState.HALTED else "Exits only"
    since = f"by {change.author.name} since {wording.moment(change.at)[:16]} UTC"
    why = f", because: {change.author.reason}" if change.author.reason else ""
    return change.state.name.lower(), word, f"{word} {since}{why}; {alive}"


def _webhook(standing: Standing) -> Chip:
    last = standing.last_alert_at
    if last is None:
        return Chip("Webhook", "off", "No alert has arrived yet.")
    age = wording.duration(max(standing.now - last, timedelta()))
    return Chip("Webhook", "ok", f"The last alert arrived {age} ago.")


def _venue(venue: VenueStanding) -> Chip:
    where = f"{venue.exchange} ({venue.mode}), {wording.plural(venue.bots, 'bot')}"
    if venue.unprotected:
        held = wording.plural(venue.unprotected, "position")
        return Chip(venue.account, "bad", f"{where}: {held} without a stop.")
    if venue.unsettled:
        orders = wording.plural(venue.unsettled, "order")
        return Chip(venue.account, "warn", f"{where}: the fate of {orders} is not known.")
    return Chip(venue.account, "ok", f"{where}: every order's fate is known.")
