"""Storms over what rests at a venue: stops, targets and trailing stops, by a seed."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from random import Random
from typing import Any

from adapters.market_data.memory import MemoryMarketData
from adapters.queue.memory import MemoryQueue
from adapters.store.memory.database import AccountRow
from adapters.store.memory.protections import MemoryProtections, MemoryStopAlarms
from adapters.store.memory.watched import MemoryWatchedPositions
from adapters.store.memory.work_queue import MemoryWorkQueue
from application.configuration.values import AccountConfig
from application.execute import Execute
from application.ports.market_data import Quote
from application.protect import Protect, ProtectAll
from application.protecting import LOOK_EVERY
from application.records import AccountId, IntentId, RevisionId
from application.watch_prices import WatchPrices
from application.watch_stops import WatchStops
from domain.order import OrderStatus
from domain.risk import NO_LIMITS, Limits
from domain.rules import ExitRules, Rules
from tests.simulation.storm import StormyVenue
from tests.simulation.venue import Market, MatchingVenue
from tests.simulation.world import (
    KEY,
    RULES,
    SYMBOL,
    Crash,
    Fate,
    Mortal,
    World,
)

SECOND = timedelta(seconds=1)
QUIET = 2 * LOOK_EVERY
"""How long nothing may happen before everything at the venue has been looked at."""
EXITS: Sequence[ExitRules] = (
    ExitRules(stop_loss_percent=Decimal(3)),
    ExitRules(stop_loss_percent=Decimal(3), take_profit_percent=Decimal(4)),
    ExitRules(trailing_percent=Decimal(3)),
    ExitRules(
        stop_loss_percent=Decimal(5),
        take_profit_percent=Decimal(3),
        trailing_percent=Decimal(2),
    ),
)
Alerts = list[tuple[float, Decimal]]


@dataclass(slots=True)
class GuardedWorld(World):
    """Bots on an account at a venue where stops rest, over a line that is bad."""

    chance: Random = field(default_factory=Random)
    faults: float = 0.4
    exits: ExitRules = EXITS[0]
    venue: Market = field(init=False)

    def __post_init__(self) -> None:
        """Begin with one bot."""
        World.__post_init__(self)
        self.venue = MatchingVenue.opened(self.clock)

    def account(self, name: str, id: int, limits: Limits = NO_LIMITS) -> None:
        """Open an account on a testnet."""
        config = AccountConfig(
            name=name, exchange="binanceusdm", mode="testnet", limits=limits
        )
        self.database.accounts[name] = AccountRow(AccountId(id), config, RevisionId(id))

    def bot(self, name: str, id: int, rules: Rules = RULES) -> None:
        """Deploy a bot with the exits of this world."""
        World.bot(self, name, id, replace(rules, exits=self.exits))

    def sent_at(self, bar: datetime) -> datetime:
        """Return when an alert was fired: just now."""
        del bar
        return self.clock.now()

    def worker(self, name: str = "worker", fate: Fate | None = None) -> Execute:
        """Return a worker that may die at every step, and hears little of the venue."""
        fate = fate or self.fate
        worker = World.worker(self, name, fate)
        return replace(worker, broker=self.broker(fate), protect=self.protect(fate))

    def broker(self, fate: Fate) -> Any:
        """Return the venue as a process that may die sees it."""
        venue: Any = self.venue
        return Mortal(StormyVenue(venue, self.chance, self.faults), fate)

    def protect(self, fate: Fate) -> Protect:
        """Return what keeps the orders of a key in step."""
        protections: Any = Mortal(MemoryProtections(self.database), fate)

        def new_id() -> IntentId:
            return IntentId(f"stop-{next(self.ids)}")

        return Protect(protections, self.broker(fate), new_id)

    async def lead(self) -> None:
        """Do once what whoever leads does every three seconds; it may die at every step."""
        fate = self.fate
        quote = Quote(last=self.venue.price, at=self.clock.now())
        positions: Any = Mortal(MemoryWatchedPositions(self.database), fate)
        protections: Any = Mortal(MemoryProtections(self.database), fate)
        queue: Any = Mortal(MemoryWorkQueue(self.database), fate)
        bell, prices = MemoryQueue(), MemoryMarketData({SYMBOL: quote})
        await WatchPrices(positions, prices, bell)()
        await ProtectAll(protections, self.protect(fate), queue, bell, "leader")()
        alarms: Any = Mortal(MemoryStopAlarms(self.database), fate)
        await WatchStops(alarms, self.broker(fate))()

    async def calm_down(self) -> None:
        """Work without dying, on a good line, until nothing happens any more."""
        self.fate.plan(None, after=False)
        self.faults, self.venue.matching.fill_fraction = 0, Decimal(1)
        self.venue.move(self.venue.price)
        await self.fan_out()
        quiet_since = self.clock.now()
        for _ in range(2_000):
            before = self._how_it_stands()
            await self.lead()
            for key in await MemoryWorkQueue(self.database).due(100):
                await self.worker()(key)
            self.clock.move(SECOND)
            if self._how_it_stands() != before:
                quiet_since = self.clock.now()
            elif self.clock.now() - quiet_since > QUIET:
                return
        message = "it never became quiet"
        raise AssertionError(message)

    def _how_it_stands(self) -> Any:
        """Return what still changes while something is going on.

        What the venue refuses is tried again and again; whoever holds it is told.
        """
        rows = self.database.jobs.values()
        orders = [one.order for row in rows for one in row.job.orders]
        stops = [one.order for one in self.database.protections.values()]
        refused = OrderStatus.REJECTED
        return (
            [row.job for row in rows if row.finished_at is None],
            [one for one in (*orders, *stops) if one.status is not refused],
            [(one.client_id, one.status) for one in self.venue.customer.orders],
        )


async def gale(seed: int, world: GuardedWorld) -> Alerts:
    """Send alerts and move the market by the seed, with everything going wrong that may."""
    chance = Random(seed)  # noqa: S311 - a schedule that can be repeated
    sent: Alerts = []
    for bar in range(chance.randint(3, 9)):
        _move(chance, world)
        rsi = chance.choice((15, 25, 29, 50, 72, 85))
        sent.append((rsi, world.venue.price))
        await world.receive(bar, *sent[-1])
        for _ in range(chance.randrange(7)):
            await _one_thing(chance, world, sent)
    await world.calm_down()
    return sent


async def _one_thing(chance: Random, world: GuardedWorld, sent: Alerts) -> None:
    match chance.randrange(9):
        case 0:
            again = chance.randrange(len(sent))
            await world.receive(again, *sent[again])
        case 1 | 2:
            await _dying(chance, world, chance.randint(1, 30))
        case 3:
            await _dying(chance, world, None)
        case 4:
            world.clock.move(timedelta(seconds=chance.choice((1, 3, 6, 40))))
        case 5 | 6:
            _move(chance, world)
        case 7:
            parts = ("1", "1", "0.5", "0.3", "0")
            world.venue.matching.fill_fraction = Decimal(chance.choice(parts))
        case _:
            _somebody_cancels(chance, world)


async def _dying(chance: Random, world: GuardedWorld, steps: int | None) -> None:
    """Work, or lead, and die after so many steps."""
    world.fate.plan(steps, after=chance.random() < 0.5)
    with suppress(Crash):
        if chance.random() < 0.5:
            await world.fan_out()
            await world.worker(chance.choice("ab"))(KEY)
        else:
            await world.lead()
    world.fate.plan(None, after=False)


def _move(chance: Random, world: GuardedWorld) -> None:
    """Move the market by up to four percent."""
    moved = world.venue.price * Decimal(chance.randint(960, 1040)) / 1000
    world.venue.move(moved.quantize(Decimal("0.1"), rounding=ROUND_DOWN))


def _somebody_cancels(chance: Random, world: GuardedWorld) -> None:
    resting = world.venue.resting()
    if resting and chance.random() < 0.3:
        world.venue.matching.cancel(chance.choice(resting))
