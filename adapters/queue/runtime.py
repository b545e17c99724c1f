"""What every runtime is: a doorbell in any process, and the slots of the one it runs in."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from adapters.queue.shift import Route, Work, nothing
from adapters.queue.tasks import Calls
from application.ports.inbox import Urgency
from application.records import Key


class Runtime(Protocol):
    """``MemoryQueue``, or ``RedisQueue`` over one of its carriers."""

    @property
    def tasks(self) -> Mapping[str, Calls]:
        """Return every task by its name, to be called as Celery's are."""
        ...

    async def ring(self, keys: Sequence[Key], urgency: Urgency = Urgency.ENTRY) -> None:
        """Be the doorbell, in any process: never wait, and never fail."""
        ...

    async def run(self, route: Route, work: Work, tell: Route = nothing) -> None:
        """Serve until canceled; what is under way then is finished first, within bounds.

        ``route`` is run when alerts wait, ``tell`` when somebody is to be told.
        """
        ...

    async def close(self) -> None:
        """Let go of the thread and the connection that ringing has opened, if any."""
        ...
