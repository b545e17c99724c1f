"""The intake in memory."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

from adapters.store.memory.database import MemoryDatabase
from adapters.store.memory.rows import BotRow, DuplicateKey
from adapters.store.shared import reused_detail
from application.notifying.arrivals import closes_without_bot
from application.ports.inbox import (
    AlertLimits,
    Arrival,
    Candidates,
    ChartKeys,
    FannedOut,
    Feed,
    Outcome,
    Receipt,
    Refusal,
    RosterBot,
    Routed,
    Router,
    TokenGone,
)
from application.ports.news import EventKind
from application.ports.views import AlertRow, RefusedRequest
from application.records import Key
from domain.reasons import Reason
from domain.rules import ExitRules
from domain.signal import AlertId, Signal

KEPT_FOR_A_MINUTE = AlertLimits()
REFUSALS_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class MemoryInbox:
    """Keeps alerts, once each, in order of receipt."""

    database: MemoryDatabase
    limits: AlertLimits = KEPT_FOR_A_MINUTE

    async def feed(self, token_digest: str) -> Feed | None:
        """Return the feed whose token, or previous one of the last day, has this digest."""
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
            if arrival.token is not None and await self.feed(arrival.token) is None:
                raise TokenGone(arrival.feed)
            known = self._known(arrival)
            if known is not None and known.digest == arrival.digest:
                return self._again(known.alert)
            row = self._row(arrival, known)
            self.database.alerts[row.id] = row
            self.database.alert_feeds[row.id] = arrival.feed
            refused = row.reason is not None
            kind = EventKind.ALERT_REFUSED if refused else EventKind.ALERT_RECEIVED
            self.database.tell(kind, row.id)
            if known is not None:
                return Receipt(alert=row.id, outcome=Outcome.ID_REUSED)
            if refused:
                return Receipt(alert=row.id, outcome=Outcome.REFUSED)
            self.database.waiting[row.id] = None
            self._keep_key(arrival, row)
            return Receipt(alert=row.id, outcome=Outcome.ACCEPTED)

    async def refuse(self, refusal: Refusal) -> None:
        """Count a refusal, and keep the newest ones."""
        self.database.refused[refusal.reason] += 1
        self.database.refusals.append(
            RefusedRequest(
                at=self.database.clock.now(),
                reason=refusal.reason,
                detail=refusal.detail,
                source=refusal.source,
                size=refusal.size,
                body=refusal.body,
            )
        )
        del self.database.refusals[:-REFUSALS_KEPT]

    async def fan_out(self, charts: ChartKeys, router: Router, limit: int) -> FannedOut:
        """Route the oldest alerts that are not routed yet."""
        async with self.database.lock:
            waiting = list(islice(self.database.waiting, limit))
            keys: dict[Key, None] = {}
            exits: dict[Key, None] = {}
            for id in waiting:
                routed = self._route(self.database.alerts[id], charts, router)
                keys |= dict.fromkeys(bot.key for bot in routed.bots)
                exits |= dict.fromkeys(routed.exits)
                del self.database.waiting[id]
            return FannedOut(alerts=len(waiting), keys=tuple(keys), exits=tuple(exits))

    def _keep_key(self, arrival: Arrival, row: AlertRow) -> None:
        if arrival.key is None:
            return
        life = timedelta(seconds=self.limits.key_seconds)
        expires = self.database.clock.now() + life if arrival.key_expires else None
        self.database.keys[arrival.feed, arrival.key] = DuplicateKey(
            row.id, arrival.digest, expires
        )

    def _known(self, arrival: Arrival) -> DuplicateKey | None:
        if arrival.key is None or arrival.reason is not None:
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

    def _row(self, arrival: Arrival, owner: DuplicateKey | None) -> AlertRow:
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
            reason=arrival.reason if owner is None else Reason.ALERT_ID_REUSED,
            value="",
            limit="",
            detail=arrival.detail if owner is None else reused_detail(owner.alert),
            duplicates=0,
            last_duplicate_at=None,
        )

    def _route(self, row: AlertRow, charts: ChartKeys, router: Router) -> Routed:
        if row.signal is None:
            return Routed()
        now = self.database.clock.now()
        routed = router(row.signal, self._candidates(row, row.signal, charts))
        for bot in routed.bots:
            self.database.queue(bot.key, bot.id, row.id, row.signal)
        self.database.alerts[row.id] = replace(
            row,
            fanned_out_at=now,
            reason=routed.reason,
            value=routed.value,
            limit=routed.limit,
        )
        self.database.tell(EventKind.ALERT_ROUTED, row.id)
        asked = row.signal._replace(alert=row.id)
        self.database.notify(closes_without_bot([(asked, routed)]))
        return routed

    def _roster(self, bot: BotRow) -> RosterBot:
        return _roster(bot, self.database.bots.values())

    def _candidates(self, row: AlertRow, signal: Signal, charts: ChartKeys) -> Candidates:
        feed = self.database.alert_feeds[row.id]
        bots = [
            bot
            for bot in sorted(self.database.bots.values(), key=lambda bot: bot.id)
            if bot.feed == feed
            and not bot.archived
            and not self.database.account(bot.account).archived
        ]
        wanted = charts(signal)
        named = [bot for bot in bots if bot.config.name == signal.bot]
        enabled = [] if wanted else [bot for bot in bots if bot.config.enabled][:2]
        return Candidates(
            on_charts=tuple(
                self._roster(one) for one in bots if one.config.chart.key in wanted
            ),
            named=self._roster(named[0]) if named else None,
            enabled=tuple(self._roster(one) for one in enabled),
        )


def _roster(bot: BotRow, all_bots: Iterable[BotRow]) -> RosterBot:
    position = bot.state.position
    return RosterBot(
        bot.id,
        bot.config.name,
        bot.config.enabled,
        bot.config.chart.key,
        bot.key,
        held=None if position.is_flat else position.side,
        guarded=any(one.key == bot.key and _guards(one) for one in all_bots),
    )


def _guards(bot: BotRow) -> bool:
    """Say whether a bot holds something that an exit rule of it may close."""
    if bot.state.position.is_flat:
        return False
    config = bot.config if bot.bound is None else bot.bound[1]
    return config.rules.exits != ExitRules()
