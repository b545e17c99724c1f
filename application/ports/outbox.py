"""What people are to be told, kept until it has been told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType, Protocol

from application.notice import Notice

NotificationId = NewType("NotificationId", int)
TURN = timedelta(seconds=30)
"""How long one process may tell before another may take over; longer than one telling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One notice that nobody has been told yet."""

    id: NotificationId
    notice: Notice
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The right to tell through one channel; ``fence`` grows with every turn.

    ``failures`` counts the attempts that failed since the last one that did not.
    """

    channel: str
    owner: str
    fence: int
    failures: int


class TurnLost(Exception):
    """Somebody else has taken over the channel meanwhile: nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelState:
    """How it stands with a channel. ``error`` is empty unless the last attempt failed."""

    waiting: int
    oldest: datetime | None
    failures: int
    failing_since: datetime | None
    error: str
    given_up: int
    """Notices that the channel refused for good; each is kept with why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """Where notices go: a chat that was linked by a one-time code."""

    id: int
    title: str
    is_group: bool


class Outbox(Protocol):
    """Notices are added by whatever caused them, in its transaction; see ``saving``.

    What nothing in particular causes is added by ``add_once_in``. Told at least once: a
    process that dies between telling and ``told`` tells again.
    """

    async def add_once_in(self, notice: Notice, every: timedelta) -> bool:
        """Add a notice, unless one of its kind was added within that time; say whether."""
        ...

    async def due(self, channel: str) -> bool:
        """Say whether something waits, nobody is telling, and the channel may be used."""
        ...

    async def take_turn(self, channel: str, owner: str) -> Turn | None:
        """Take the channel for ``TURN``; None while another has it or it must rest."""
        ...

    async def waiting(self, limit: int) -> Sequence[Waiting]:
        """Return what waits: the weightiest first, then in the order of its writing."""
        ...

    async def told(
        self, turn: Turn, ids: Sequence[NotificationId], rest: timedelta
    ) -> None:
        """Note that these were told; the channel rests, and the turn ends with its rest.

        Raises:
            TurnLost: If somebody else has the channel by now.
        """
        ...

    async def failed(self, turn: Turn, error: str, rest: timedelta) -> None:
        """Note that telling failed and may succeed later; nothing is lost.

        Raises:
            TurnLost: If somebody else has the channel by now.
        """
        ...

    async def given_up(self, turn: Turn, ids: Sequence[NotificationId], error: str) -> None:
        """Note that these can never be told through this channel, and why.

        Raises:
            TurnLost: If somebody else has the channel by now.
        """
        ...

    async def state(self, channel: str) -> ChannelState:
        """Return how it stands."""
        ...

    async def chat(self, channel: str) -> Chat | None:
        """Return the linked chat; None while there is none."""
        ...

    async def link(self, channel: str, chat: Chat) -> None:
        """Send from now on to this chat, in place of any other."""
        ...
