"""Links that open one page, once."""

from datetime import timedelta
from typing import Protocol


class PageLinks(Protocol):
    """What was printed for somebody to follow. Only the SHA-256 of a link is kept."""

    async def add(self, digest: str, path: str, lasts: timedelta) -> None:
        """Keep a link to a page of this installation, for so long; old ones are forgotten.

        Raises:
            StoreUnavailable: If it is not known to be kept.
        """
        ...

    async def use(self, digest: str) -> str | None:
        """Use a link up and return its page; None when it was used, is too old, or none."""
        ...
