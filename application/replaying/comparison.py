"""Two outcomes of the same alerts, side by side."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from application.ports.rehearsal import BotBook, Rehearsed
from application.ports.views import AlertSummary
from application.wording import gain, listed, plural
from domain.money import add, subtract, total
from domain.reasons import Reason
from domain.signal import AlertId


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One alert on which one bot decides otherwise. None: the bot does not decide on it."""

    alert: AlertId
    received_at: datetime
    bot: str
    old: Reason | None
    new: Reason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What one bot came to."""

    trades: int
    wins: int
    closed: Decimal
    open: Decimal
    """At the last price; 0 when flat."""

    @property
    def pnl(self) -> Decimal:
        """Return all of it."""
        return add(self.closed, self.open)


@dataclass(frozen=True, slots=True, kw_only=True)
class BotChange:
    """One bot both ways. None: it is not there."""

    bot: str
    currency: str
    old: Standing | None
    new: Standing | None

    @property
    def pnl_change(self) -> Decimal:
        """Return by how much the new way earns more than the old."""
        after = self.new.pnl if self.new else Decimal(0)
        before = self.old.pnl if self.old else Decimal(0)
        return subtract(after, before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The same alerts both ways."""

    alerts: int
    first: datetime | None
    last: datetime | None
    decisions_by_bot: Mapping[str, int]
    """How many alerts each bot decides on, either way."""
    turns: tuple[Turn, ...]
    bots: tuple[BotChange, ...]

    @property
    def decisions(self) -> int:
        """Return how many decisions there are, either way."""
        return sum(self.decisions_by_bot.values())

    @property
    def kinds(self) -> list[tuple[tuple[Reason | None, Reason | None], int]]:
        """Return which reason turned into which, the most frequent first."""
        return Counter((turn.old, turn.new) for turn in self.turns).most_common()

    @property
    def changes_nothing(self) -> bool:
        """Say whether every decision and every result is the same."""
        return not self.turns and all(one.old == one.new for one in self.bots)


def compared(
    alerts: Sequence[AlertSummary],
    old: Rehearsed,
    new: Rehearsed,
    bots: Iterable[str] | None = None,
) -> Comparison:
    """Compare two ways, of these bots only where they are given."""
    wanted = None if bots is None else set(bots)
    names = sorted(
        name for name in {*old.books, *new.books} if wanted is None or name in wanted
    )
    times = {alert.id: alert.received_at for alert in alerts}
    places = sorted(
        place
        for place in {*old.outcomes, *new.outcomes}
        if wanted is None or place[1] in wanted
    )
    turns = [
        Turn(
            alert=place[0],
            received_at=times[place[0]],
            bot=place[1],
            old=old.outcomes.get(place),
            new=new.outcomes.get(place),
        )
        for place in places
        if old.outcomes.get(place) is not new.outcomes.get(place)
    ]
    return Comparison(
        alerts=len(alerts),
        first=alerts[0].received_at if alerts else None,
        last=alerts[-1].received_at if alerts else None,
        decisions_by_bot=Counter(bot for _, bot in places),
        turns=tuple(turns),
        bots=tuple(_change(name, old.books, new.books) for name in names),
    )


def only(found: Comparison, bot: str) -> Comparison:
    """Return what a comparison says of one bot."""
    return replace(
        found,
        decisions_by_bot={bot: found.decisions_by_bot.get(bot, 0)},
        turns=tuple(turn for turn in found.turns if turn.bot == bot),
        bots=tuple(one for one in found.bots if one.bot == bot),
    )


def sentence(found: Comparison) -> str:
    """Return what the change comes to, in one sentence for people."""
    if not found.alerts:
        return "No alerts are recorded yet, so there is nothing to try this on."
    with_alerts = f"With your last {plural(found.alerts, 'alert')}"
    if found.alerts == 1:
        with_alerts = "With your last alert"
    if found.changes_nothing:
        return f"{with_alerts} this would have changed nothing."
    parts = [_earned(one) for one in found.bots if one.old != one.new]
    turned = plural(len(found.turns), "decision")
    decided = f"{turned} of {found.decisions:,} would have been different"
    return f"{with_alerts}, {'; '.join([decided, *parts])}."


def _earned(one: BotChange) -> str:
    if one.new is None:
        return f"{one.bot} would not have traded"
    new = f"{plural(one.new.trades, 'trade')} and {gain(one.new.pnl)} {one.currency}"
    if one.old is None:
        return f"{one.bot} would have made {new}"
    old = f"{one.old.trades:,} and {gain(one.old.pnl)}"
    return f"{one.bot} would have made {new} instead of {old}"


def _change(name: str, old: Mapping[str, BotBook], new: Mapping[str, BotBook]) -> BotChange:
    before, after = old.get(name), new.get(name)
    known = [book.currency for book in (after, before) if book is not None]
    return BotChange(
        bot=name,
        currency=listed(list(dict.fromkeys(known))),
        old=_standing(before),
        new=_standing(after),
    )


def _standing(book: BotBook | None) -> Standing | None:
    if book is None:
        return None
    results = [trade.pnl for trade in book.trades]
    return Standing(
        trades=len(results),
        wins=sum(result > 0 for result in results),
        closed=total(results),
        open=book.open_pnl,
    )
