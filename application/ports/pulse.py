"""Signs of life of the processes that do the work."""

from datetime import timedelta
from typing import Protocol


class Pulse(Protocol):
    """Where a process says that it is alive."""

    async def beat(self, process: str, role: str) -> None:
        """Say that ``process`` lives now, by the store's clock; old ones are forgotten.

        Raises:
            StoreUnavailable: If it is not known to be kept.
        """
        ...

    async def silence(self, host: str, role: str) -> timedelta | None:
        """Return since when no process of a role has said on ``host`` that it lives.

        None where none ever did. ``host`` is what the names of its processes begin with.

        Raises:
            StoreUnavailable: If the store could not be asked.
        """
        ...
