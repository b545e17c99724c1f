"""Protective orders that rest at venues: what there is of them, and what they guard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.workbench import Claim
from application.records import (
    AccountId,
    BotId,
    DeskAccount,
    Key,
    Mark,
    RevisionId,
    Transition,
)
from domain.instrument import Instrument
from domain.order import Order
from domain.position import Position
from domain.protection import ProtectionKind
from domain.reasons import Reason
from domain.rules import ExitRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """One protective order. ``order.trigger_price`` is its level.

    Once ``triggered``, the exit is worked like any other, from this order on.
    """

    bot: BotId
    revision: RevisionId
    kind: ProtectionKind
    reason: Reason
    order: Order
    triggered: bool = False
    looked_at: datetime | None = None
    """When the venue was last asked about it, or sent it."""

    @property
    def is_live(self) -> bool:
        """Say whether something may still come of it here."""
        return not self.triggered and not self.order.status.is_over


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedBot:
    """What a bot holds, the rules it is bound to, and its protective orders.

    ``protections`` are those that are live, and those refused in the last minute.
    """

    id: BotId
    name: str
    revision: RevisionId
    position: Position
    exits: ExitRules
    protections: tuple[Protection, ...] = ()
    leaving: bool = False
    """Whether an exit that its protective order made is being worked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """One (account, symbol) at a real venue, with everybody who holds something there."""

    key: Key
    installation: str
    now: datetime
    account: DeskAccount
    instrument: Instrument
    bots: tuple[GuardedBot, ...]
    mark: Mark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionChange:
    """A protective order as it is now, and what happened to it."""

    protection: Protection
    transition: Transition | None = None


class Protections(Protocol):
    """The protective orders of an installation."""

    async def at_venue(self, account: AccountId) -> bool:
        """Say whether an account trades at a real venue; it does so for life."""
        ...

    async def watched(self) -> Sequence[Key]:
        """Return the keys at real venues where something is held, or rests."""
        ...

    async def guarded(self, key: Key) -> Guarded | None:
        """Return what is held and rests for a key; None where there is neither."""
        ...

    async def keep(self, claim: Claim, changes: Sequence[ProtectionChange]) -> None:
        """Keep these orders with what happened to them; queue the exits of those triggered.

        One transaction. An order is triggered once, whoever says so.

        Raises:
            ClaimLost: If somebody else has claimed the key since; nothing was written.
        """
        ...
