"""From the outbox to people: one message at a time, the weightiest first."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from application.notice import Weight
from application.ports.notifier import Never, Notifier, NotNow, Told
from application.ports.outbox import Outbox, Turn, TurnLost, Waiting

TOGETHER_MAX = 8
"""Notices of one message, where several wait: it must fit a phone."""

LOOK_AHEAD = 50
FIRST_REST = timedelta(seconds=2)
LONGEST_REST = timedelta(minutes=1)
"""Between two attempts while nobody is reached; what waits then goes out together."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliverNotifications:
    """Tell what waits, as far as the channel may be used now."""

    outbox: Outbox
    notifier: Notifier
    owner: str

    async def __call__(self) -> int:
        """Return how many notices were told; 0 also while another process tells."""
        told = 0
        while (batch := await self._one_message()) > 0:
            told += batch
        return told

    async def _one_message(self) -> int:
        turn = await self.outbox.take_turn(self.notifier.channel, self.owner)
        if turn is None:
            return 0
        batch = together(await self.outbox.waiting(LOOK_AHEAD))
        try:
            return await self._tell(turn, batch)
        except TurnLost:
            log.warning("somebody else tells by now", extra={"channel": turn.channel})
            return 0

    async def _tell(self, turn: Turn, batch: Sequence[Waiting]) -> int:
        ids = [one.id for one in batch]
        if not ids:
            await self.outbox.told(turn, (), timedelta())
            return 0
        answer = await self.notifier.tell([one.notice for one in batch])
        match answer:
            case Told(rest=rest):
                await self.outbox.told(turn, ids, rest)
                return len(ids)
            case Never(error=error):
                log.error("a notification is not taken", extra={"error": error})
                await self.outbox.given_up(turn, ids, error)
                return len(ids)
            case NotNow(error=error, after=after):
                rest = after if after is not None else backed_off(turn.failures)
                log.warning("nobody was told; it is tried again", extra={"error": error})
                await self.outbox.failed(turn, error, rest)
                return 0


def together(waiting: Sequence[Waiting]) -> Sequence[Waiting]:
    """Return what goes into the next message: an alarm alone, others of one weight.

    ``waiting`` has the weightiest first.
    """
    if not waiting:
        return ()
    weight = waiting[0].notice.weight
    if weight is Weight.ALARM:
        return waiting[:1]
    return [one for one in waiting if one.notice.weight is weight][:TOGETHER_MAX]


def backed_off(failures: int) -> timedelta:
    """Return how long to rest after so many failures in a row, twice as long each time."""
    rest = FIRST_REST
    for _ in range(failures):
        rest = min(rest + rest, LONGEST_REST)
    return rest
