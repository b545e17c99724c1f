"""Whether the store answers."""

from typing import Protocol


class Probe(Protocol):
    """Asks the store for a sign of life."""

    async def ping(self) -> None:
        """Return when the store answered.

        Raises:
            StoreUnavailable: If it did not.
        """
        ...
