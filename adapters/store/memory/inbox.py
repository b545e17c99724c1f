"""The intake in memory."""

from dataclasses import dataclass, replace
from datetime import timedelta

from adapters.store.memory.database import BotRow, DuplicateKey, JobRow, MemoryDatabase
from application.ports.inbox import (
    Arrival,
    Candidates,
    ChartKeys,
    FannedOut,
    Feed,
    Outcome,
    Receipt,
    Refusal,
    RosterBot,
    Router,
)
from application.ports.views import AlertRow
from application.records import Job, JobCause, JobId, JobStatus, Key
from domain.reasons import Reason
from domain.signal import AlertId, Signal

KEY_LIFE = timedelta(seconds=60)
REFUSALS_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class MemoryInbox:
    """Keeps alerts, once each, in order of receipt."""

    database: MemoryDatabase

    async def feed(self, token_digest: str) -> Feed | None:
        """Return the feed whose token, or previous token of the last day, has this digest."""
        now = self.database.clock.now()
        for row in self.database.feeds.values():
            before = row.previous_until is not None and row.previous_until > now
            if token_digest == row.digest or (
                before and token_digest == row.previous_digest
            ):
                return Feed(id=row.id, name=row.config.name)
        return None

    async def receive(self, arrival: Arrival) -> Receipt:
        """Keep the arrival and its duplicate key."""
        async with self.database.lock:
            known = self._known(arrival)
            if known is not None and known.digest == arrival.digest:
                return self._again(known.alert)
            reused = known is not None
            row = self._row(arrival, reused=reused)
            self.database.alerts[row.id] = row
            self.database.alert_feeds[row.id] = arrival.feed
            if reused:
                return Receipt(alert=row.id, outcome=Outcome.ID_REUSED)
            if arrival.signal is None:
                return Receipt(alert=row.id, outcome=Outcome.REFUSED)
            if arrival.key is not None:
                expires = row.stored_at + KEY_LIFE if arrival.key_expires else None
                self.database.keys[arrival.feed, arrival.key] = DuplicateKey(
                    row.id, arrival.digest, expires
                )
            return Receipt(alert=row.id, outcome=Outcome.ACCEPTED)

    async def refuse(self, refusal: Refusal) -> None:
        """Keep the newest refusals."""
        self.database.refusals.append(refusal)
        del self.database.refusals[:-REFUSALS_KEPT]

    async def fan_out(self, charts: ChartKeys, router: Router, limit: int) -> FannedOut:
        """Route the oldest alerts that are not routed yet."""
        async with self.database.lock:
            waiting = [
                row
                for row in self.database.alerts.values()
                if row.reason is None and row.signal is not None
            ][:limit]
            keys: dict[Key, None] = {}
            for row in waiting:
                keys.update(dict.fromkeys(self._route(row, charts, router)))
            return FannedOut(alerts=len(waiting), keys=tuple(keys))

    def _known(self, arrival: Arrival) -> DuplicateKey | None:
        if arrival.key is None:
            return None
        known = self.database.keys.get((arrival.feed, arrival.key))
        now = self.database.clock.now()
        if known is None or (known.expires_at is not None and known.expires_at <= now):
            return None
        return known

    def _again(self, id: AlertId) -> Receipt:
        row = self.database.alerts[id]
        self.database.alerts[id] = replace(
            row,
            duplicates=row.duplicates + 1,
            last_duplicate_at=self.database.clock.now(),
        )
        return Receipt(alert=id, outcome=Outcome.DUPLICATE)

    def _row(self, arrival: Arrival, *, reused: bool) -> AlertRow:
        id = AlertId(len(self.database.alerts) + 1)
        now = self.database.clock.now()
        signal = arrival.signal
        received = signal.received_at if signal else now
        return AlertRow(
            id=id,
            feed=next(
                row.config.name
                for row in self.database.feeds.values()
                if row.id == arrival.feed
            ),
            received_at=received,
            stored_at=now,
            fanned_out_at=None,
            source=arrival.source,
            content_type=arrival.content_type,
            size=arrival.size,
            body=arrival.body,
            key=arrival.key,
            signal=signal._replace(alert=id) if signal else None,
            reason=Reason.ALERT_ID_REUSED if reused else arrival.reason,
            value="",
            limit="",
            detail=arrival.detail,
            duplicates=0,
            last_duplicate_at=None,
        )

    def _route(self, row: AlertRow, charts: ChartKeys, router: Router) -> list[Key]:
        if row.signal is None:
            return []
        now = self.database.clock.now()
        routed = router(row.signal, self._candidates(row, row.signal, charts))
        for bot in routed.bots:
            id = JobId(max(self.database.jobs, default=0) + 1)
            job = Job(
                id=id,
                bot=bot.id,
                cause=JobCause.SIGNAL,
                status=JobStatus.QUEUED,
                signal=row.signal,
            )
            self.database.jobs[id] = JobRow(job, bot.key, row.id, now)
        self.database.alerts[row.id] = replace(
            row,
            fanned_out_at=now,
            reason=routed.reason,
            value=routed.value,
            limit=routed.limit,
        )
        return [bot.key for bot in routed.bots]

    def _candidates(self, row: AlertRow, signal: Signal, charts: ChartKeys) -> Candidates:
        feed = self.database.alert_feeds[row.id]
        bots = [
            bot
            for bot in self.database.bots.values()
            if bot.feed == feed
            and not bot.archived
            and not self.database.account(bot.account).archived
        ]
        wanted = charts(signal)
        named = [bot for bot in bots if bot.config.name == signal.bot]
        enabled = [bot for bot in bots if bot.config.enabled][:2]
        return Candidates(
            on_charts=tuple(_roster(one) for one in bots if one.config.chart.key in wanted),
            named=_roster(named[0]) if named else None,
            enabled=tuple(_roster(one) for one in enabled),
        )


def _roster(bot: BotRow) -> RosterBot:
    return RosterBot(
        bot.id, bot.config.name, bot.config.enabled, bot.config.chart.key, bot.key
    )
