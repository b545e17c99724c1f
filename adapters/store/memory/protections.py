"""Protective orders, and who holds the stops of open positions, in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from adapters.store.memory.database import MemoryDatabase
from adapters.store.memory.rows import BotRow, MissingStop
from adapters.store.memory.work_queue import held
from adapters.store.shared import desk_account
from application.notice import Notice
from application.ports.protections import (
    Guarded,
    GuardedBot,
    Protection,
    ProtectionChange,
)
from application.ports.stop_alarms import HeldStop, StopMissing
from application.ports.workbench import Claim
from application.records import (
    AccountId,
    BotId,
    Job,
    JobCause,
    JobStatus,
    Key,
    Mark,
    Triggered,
)
from domain.money import ZERO
from domain.order import OrderStatus
from domain.protection import ProtectionKind

RESTING = (OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED)
"""Known to stand at the venue. Of what is not known the watchdog takes care meanwhile."""
REFUSED = (OrderStatus.REJECTED, OrderStatus.NOT_PLACED)
REFUSED_LATELY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class MemoryProtections:
    """What rests at venues."""

    database: MemoryDatabase

    async def at_venue(self, account: AccountId) -> bool:
        """Say whether an account trades at a real venue."""
        return is_at_venue(self.database, account)

    async def watched(self) -> Sequence[Key]:
        """Return the keys where something is held or rests, and nobody works."""
        async with self.database.lock:
            keys = {bot.key for bot in self.database.bots.values() if self._concerns(bot)}
            return sorted(
                key
                for key in keys
                if is_at_venue(self.database, key.account)
                and not self.database.unfinished(key)
            )

    async def guarded(self, key: Key) -> Guarded | None:
        """Return what is held and rests for a key."""
        async with self.database.lock:
            bots = [
                bot
                for bot in self.database.bots_of(key.account)
                if bot.symbol == key.symbol and self._concerns(bot)
            ]
            if not bots:
                return None
            account, market = self.database.account(key.account), self.database.market(key)
            mark = self.database.marks.get(key)
            return Guarded(
                key=key,
                installation=self.database.installation,
                now=self.database.clock.now(),
                account=desk_account(account.id, account.config, market),
                instrument=market,
                bots=tuple(map(self._bot, bots)),
                mark=None if mark is None else Mark(price=mark.price, at=mark.at),
            )

    async def keep(self, claim: Claim, changes: Sequence[ProtectionChange]) -> None:
        """Keep orders with what happened to them, and queue the exits they made."""
        async with self.database.lock:
            held(self.database, claim)
            for change in changes:
                self._keep(claim.key, change)

    def _keep(self, key: Key, change: ProtectionChange) -> None:
        one, now = change.protection, self.database.clock.now()
        known = self.database.protections.get(one.order.id)
        triggered = one.triggered or (known is not None and known.triggered)
        kept = replace(one, triggered=triggered, looked_at=now)
        self.database.protections[one.order.id] = kept
        if change.transition is not None:
            moved = self.database.protection_moves.setdefault(one.order.id, [])
            moved.append(change.transition)
        if one.triggered and not (known is not None and known.triggered):
            self._queue(key, kept)

    def _queue(self, key: Key, one: Protection) -> None:
        order = one.order
        triggered = Triggered(
            order=order.id,
            reason=one.reason,
            side=order.side,
            quantity=order.quantity,
            filled=order.filled,
            level=order.trigger_price or order.decision_price,
            venue_order_id=order.venue_order_id,
        )
        job = Job(
            id=self.database.next_job(),
            bot=one.bot,
            cause=JobCause.PROTECTION,
            status=JobStatus.QUEUED,
            triggered=triggered,
        )
        self.database.add_job(key, job)

    def _concerns(self, bot: BotRow) -> bool:
        """Say whether a bot holds something, or something rests for it."""
        held = not bot.state.position.is_flat
        return held or any(one.is_live for one in of_bot(self.database, bot.id))

    def _bot(self, bot: BotRow) -> GuardedBot:
        revision, bound = bot.bound or (bot.revision, bot.config)
        now = self.database.clock.now()
        leaving = any(
            row.job.bot == bot.id and row.job.cause is JobCause.PROTECTION
            for row in self.database.unfinished(bot.key)
        )
        return GuardedBot(
            id=bot.id,
            name=bot.config.name,
            revision=revision,
            position=bot.state.position,
            exits=bound.rules.exits,
            protections=tuple(
                one
                for one in of_bot(self.database, bot.id)
                if one.is_live
                or (
                    one.order.status in REFUSED
                    and one.looked_at is not None
                    and now - one.looked_at < REFUSED_LATELY
                )
            ),
            leaving=leaving,
        )


@dataclass(frozen=True, slots=True)
class MemoryStopAlarms:
    """Who holds the stops of open positions."""

    database: MemoryDatabase

    async def held_stops(self) -> Sequence[HeldStop]:
        """Return the positions whose rules ask for a stop."""
        async with self.database.lock:
            return [
                self._held(bot)
                for bot in sorted(self.database.bots.values(), key=lambda one: one.id)
                if not bot.state.position.is_flat
                and is_at_venue(self.database, bot.account)
                and _asks_for_stop(bot)
            ]

    async def keep(self, missing: Sequence[StopMissing], again: Sequence[Notice]) -> None:
        """Keep what is missing now, and what is to be told of it."""
        async with self.database.lock:
            before, now = self.database.missing_stops, self.database.clock.now()
            self.database.missing_stops = {
                one.bot: MissingStop(
                    since=before[one.bot].since if one.bot in before else one.since,
                    why=one.why,
                    told_at=(before[one.bot].told_at if one.bot in before else None)
                    or (now if one.notice else None),
                )
                for one in missing
            }
            told = [one.notice for one in missing if one.notice is not None]
            self.database.notify([*told, *again])

    def _held(self, bot: BotRow) -> HeldStop:
        account, market = self.database.account(bot.account), self.database.market(bot.key)
        mark = self.database.marks.get(bot.key)
        missing = self.database.missing_stops.get(bot.id)
        stops = [
            one
            for one in of_bot(self.database, bot.id)
            if one.kind is ProtectionKind.STOP and not one.triggered
        ]
        resting = [one.order.quantity for one in stops if one.order.status in RESTING]
        said = [
            moved
            for one in stops
            for moved in self.database.protection_moves.get(one.order.id, ())
        ]
        return HeldStop(
            bot=bot.id,
            name=bot.config.name,
            account=desk_account(account.id, account.config, market),
            instrument=market,
            quantity=bot.state.position.quantity,
            resting=max(resting, default=ZERO),
            said=max(reversed(said), key=lambda one: one.at).evidence if said else "",
            priced_at=None if mark is None else mark.at,
            missing_since=None if missing is None else missing.since,
            told=missing is not None and missing.told_at is not None,
            now=self.database.clock.now(),
        )


def is_at_venue(database: MemoryDatabase, account: AccountId) -> bool:
    """Say whether an account trades at a real venue."""
    return database.account(account).config.mode != "paper"


def of_bot(database: MemoryDatabase, bot: BotId) -> Iterator[Protection]:
    """Return every protective order that there ever was of a bot, the oldest first."""
    return (one for one in database.protections.values() if one.bot == bot)


def resting(database: MemoryDatabase, bot: BotId) -> frozenset[ProtectionKind]:
    """Return what stands at the venue for a bot's exit rules."""
    return frozenset(
        one.kind
        for one in of_bot(database, bot)
        if not one.triggered and one.order.status in RESTING
    )


def resting_stop(database: MemoryDatabase, bot: BotId) -> Decimal | None:
    """Return the level of a bot's stop that stands at the venue; None without one."""
    levels = (
        one.order.trigger_price
        for one in of_bot(database, bot)
        if one.kind is ProtectionKind.STOP
        and not one.triggered
        and one.order.status in RESTING
    )
    return max((level for level in levels if level is not None), default=None)


def _asks_for_stop(bot: BotRow) -> bool:
    _, bound = bot.bound or (bot.revision, bot.config)
    exits = bound.rules.exits
    return not (exits.stop_loss_percent is None and exits.trailing_percent is None)
