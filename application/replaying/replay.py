"""Recorded alerts once more: through today's rules, through another file, and compared."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.apply_configuration import ConfigurationInvalid, in_force
from application.configuration.charts import Listing, Listings
from application.configuration.resolution import read_resolved
from application.configuration.tree import Source
from application.configuration.values import Document
from application.ports.configuration import ConfigurationStore, Deployed
from application.ports.rehearsal import BotBook, Outcomes, Rehearsal, Rehearsed
from application.ports.views import AlertSummary, PositionRow, TradeRow, Views
from application.proposal import Proposal, Verb, Wishes, propose
from application.replaying.comparison import Comparison, compared
from domain.reasons import Reason
from domain.signal import AlertId

PAGE = 1_000
EVERYTHING = 1_000_000
ALERTS = 200
"""How many of the newest alerts a preview looks at, unless it is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which recorded alerts: the newest ``last``, or all since a moment, or both."""

    last: int | None = ALERTS
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a file would change, and what that would have meant."""

    proposal: Proposal
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Replay:
    """Runs recorded alerts through configurations, on paper and in memory only."""

    views: Views
    configuration: ConfigurationStore
    listings: Callable[[], Iterable[Listing]]
    rehearsal: Rehearsal

    async def __call__(self, window: Window) -> Comparison:
        """Compare what was decided with what today's configuration would decide.

        What was decided began with the positions that were open then; the rehearsal begins
        flat.
        """
        alerts = await self.recorded(window)
        document = in_force(await self.configuration.deployed())
        trades = await self.views.trades(limit=EVERYTHING)
        old = as_recorded(alerts, trades, await self.views.positions())
        return compared(alerts, old, await self.rehearsal(document, alerts))

    async def preview(self, source: Source, wishes: Wishes, window: Window) -> Preview:
        """Compare today's configuration with today's and ``source`` over it.

        Both begin flat with the same alerts. Only bots that the file makes, changes or
        archives are compared, or all where it changes an account or the installation.

        Raises:
            ConfigurationInvalid: With everything that is wrong with the file.
        """
        deployed = await self.configuration.deployed()
        document = self._read(source, deployed)
        proposal = propose(document, deployed, wishes, lambda: "")
        today = in_force(deployed)
        alerts = await self.recorded(window)
        old = await self.rehearsal(today, alerts)
        new = await self.rehearsal(merged(today, document, proposal), alerts)
        touched = touched_bots(proposal)
        return Preview(proposal=proposal, comparison=compared(alerts, old, new, touched))

    async def recorded(self, window: Window) -> Sequence[AlertSummary]:
        """Return the alerts of a window that were understood, in order of receipt."""
        found: list[AlertSummary] = []
        before: AlertId | None = None
        wanted = window.last or EVERYTHING
        while len(found) < wanted:
            page = await self.views.alerts(limit=PAGE, before=before)
            found += [alert for alert in page if _counts(alert, window.since)]
            over = window.since and page and page[-1].received_at < window.since
            if len(page) < PAGE or over:
                break
            before = page[-1].id
        return found[:wanted][::-1]

    def _read(self, source: Source, deployed: Deployed) -> Document:
        reading = read_resolved(
            source,
            Listings(self.listings()),
            feeds={feed.config.name for feed in deployed.feeds},
            accounts={
                one.config.name: one.config for one in deployed.accounts if not one.archived
            },
        )
        if reading.value is None:
            raise ConfigurationInvalid(reading.problems)
        return reading.value


def merged(today: Document, file: Document, proposal: Proposal) -> Document:
    """Return what would be in force once ``file`` is applied over ``today``."""
    feeds = {one.name: one for one in (*today.feeds, *file.feeds)}
    accounts = {one.name: one for one in (*today.accounts, *file.accounts)}
    bots = {one.name: one for one in (*today.bots, *file.bots)}
    return replace(
        today,
        feeds=tuple(feeds.values()),
        accounts=tuple(accounts.values()),
        bots=tuple(bot for bot in bots.values() if bot.name not in proposal.archive),
        limits=today.limits if file.limits is None else file.limits,
    )


def touched_bots(proposal: Proposal) -> set[str] | None:
    """Return the bots that a file changes; None where all may behave otherwise."""
    changed = [
        one
        for one in proposal.differences
        if one.verb in (Verb.NEW, Verb.CHANGED, Verb.ARCHIVED)
    ]
    if any(one.kind.value in ("account", "installation") for one in changed):
        return None
    return {one.name for one in changed if one.kind.value == "bot"}


def as_recorded(
    alerts: Sequence[AlertSummary],
    trades: Iterable[TradeRow],
    positions: Iterable[PositionRow] = (),
) -> Rehearsed:
    """Return what was really decided on these alerts, which are the newest.

    With the trades that they closed, and what is open now.
    """
    outcomes: dict[tuple[AlertId, str], Reason] = {}
    for alert in alerts:
        for bot, reason in alert.outcomes:
            if reason is not None:
                outcomes[alert.id, bot] = reason
    books = dict(_books(outcomes, alerts, trades))
    for row in positions:
        if row.bot in books:
            books[row.bot] = replace(
                books[row.bot], currency=row.quote, position=row.position, mark=row.mark
            )
    return Rehearsed(outcomes=outcomes, books=books)


def _books(
    outcomes: Outcomes, alerts: Sequence[AlertSummary], trades: Iterable[TradeRow]
) -> Mapping[str, BotBook]:
    if not alerts:
        return {}
    first, last = alerts[0].received_at, alerts[-1].received_at
    ids = {alert.id for alert in alerts}
    books = {bot: BotBook(currency="") for _, bot in outcomes}
    for row in trades:
        inside = row.alert in ids or (
            row.alert is None and first <= row.trade.closed_at <= last
        )
        if inside:
            known = books.get(row.bot, BotBook(currency=row.quote))
            books[row.bot] = BotBook(currency=row.quote, trades=(*known.trades, row.trade))
    return books


def _counts(alert: AlertSummary, since: datetime | None) -> bool:
    understood = alert.signal is not None and alert.reason is not Reason.ALERT_ID_REUSED
    return understood and (since is None or alert.received_at >= since)
