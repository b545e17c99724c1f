"""What a signal would lead to if it came now, with nothing of it kept."""

from typing import NamedTuple, Protocol

from application.ports.workbench import Planner
from application.records import BotId, Desk, JobId, Planned
from domain.signal import Signal


class Previewed(NamedTuple):
    """The desk as it is now with the signal's job on it, and what planning led to."""

    desk: Desk
    job: JobId
    planned: Planned


class Preview(Protocol):
    """Plans as a worker would, and undoes it."""

    async def __call__(
        self, signal: Signal, bot: BotId, planner: Planner
    ) -> Previewed | None:
        """Return what would come of the signal; None when there is no such bot.

        Raises:
            StoreUnavailable: If the store could not be asked.
        """
        ...
