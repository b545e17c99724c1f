"""Signs of life of the processes that do the work."""

from typing import Protocol


class Pulse(Protocol):
    """Where a process says that it is alive."""

    async def beat(self, process: str, role: str) -> None:
        """Say that ``process`` lives now, by the store's clock; old ones are forgotten.

        Raises:
            StoreUnavailable: If it is not known to be kept.
        """
        ...
