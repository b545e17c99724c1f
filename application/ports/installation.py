"""What tells one installation from every other."""

from typing import Protocol


class Installation(Protocol):
    """The installation itself."""

    async def id(self) -> str:
        """Return its random id: 122 bits, known to whoever reads its database only.

        Raises:
            StoreUnavailable: If the store could not be asked.
        """
        ...
