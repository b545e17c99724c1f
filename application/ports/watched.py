"""Open positions whose price must be watched, and what came of looking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from application.records import BotId, DeskAccount, Key
from domain.instrument import Instrument
from domain.position import Position
from domain.protection import ProtectionKind
from domain.rules import ExitRules


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedPosition:
    """What one bot holds at a real venue, by the exit rules it is bound to.

    ``known_at`` is when the newest price that is kept of its market was true.
    """

    bot: BotId
    account: DeskAccount
    instrument: Instrument
    position: Position
    exits: ExitRules
    known_at: datetime | None
    now: datetime
    resting: frozenset[ProtectionKind] = frozenset()
    """What stands at the venue for the rules, which nothing here is due for then."""

    @property
    def key(self) -> Key:
        """Return what a worker claims to work it."""
        return Key(self.account.id, self.instrument.symbol)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A market's price; ``bots`` have exit rules to be looked at because of it."""

    key: Key
    price: Decimal
    at: datetime
    bots: tuple[BotId, ...] = ()


class WatchedPositions(Protocol):
    """What is held, and where prices are kept."""

    async def held(self) -> Sequence[WatchedPosition]:
        """Return every open position at a real venue, in order of account and symbol."""
        ...

    async def keep(self, sightings: Sequence[Sighting]) -> Sequence[Key]:
        """Keep these prices, and queue work for the bots that must be looked at.

        One transaction. A price older than the one known changes nothing, and a bot for
        which such work waits gets no more of it. Returns the keys that got work.
        """
        ...
