"""An installation on paper and in memory, through which recorded alerts go once more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from application.configuration.values import Document
from application.ports.views import AlertSummary
from domain.money import ZERO, add, subtract, total
from domain.position import FLAT, Position, Trade
from domain.reasons import Reason
from domain.signal import AlertId

Outcomes = Mapping[tuple[AlertId, str], Reason]
"""What was decided on an alert, by the alert and the name of the bot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BotBook:
    """What one bot did. ``mark`` is the last price of its symbol."""

    currency: str
    trades: tuple[Trade, ...] = ()
    position: Position = FLAT
    mark: Decimal | None = None

    @property
    def closed_pnl(self) -> Decimal:
        """Return what its trades earned after fees."""
        return total(trade.pnl for trade in self.trades)

    @property
    def open_pnl(self) -> Decimal:
        """Return what is open at the mark, after the fees so far; 0 when flat."""
        if self.position.is_flat or self.mark is None:
            return ZERO
        gross = add(self.position.realized, self.position.unrealized(self.mark))
        return subtract(gross, self.position.fees)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """What a configuration made of the alerts."""

    outcomes: Outcomes
    unrouted: Mapping[AlertId, Reason] = field(default_factory=dict)
    """Why alerts went to no bot."""
    books: Mapping[str, BotBook] = field(default_factory=dict)
    """By the name of the bot; every enabled bot has one."""


class Rehearsal(Protocol):
    """Runs alerts through a configuration. Nothing of it is kept or leaves the process."""

    async def __call__(
        self, document: Document, alerts: Sequence[AlertSummary]
    ) -> Rehearsed:
        """Return what would have come of ``alerts``, given in order of receipt.

        Every account is a paper account here, flat at first. Time is that of each alert's
        receipt; timers ring at their time. ``document`` is whole: every bot of it knows its
        symbol, and its feeds and accounts are in it. Alerts without a signal are left out.
        """
        ...
