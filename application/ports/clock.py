"""What time it is."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """A source of the current moment."""

    def now(self) -> datetime:
        """Return the current moment in UTC, aware of its zone."""
        ...
