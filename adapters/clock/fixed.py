"""A clock that stands still until it is moved: for simulations and replays."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class FixedClock:
    """The time it was set to."""

    moment: datetime

    def now(self) -> datetime:
        """Return the moment it stands at."""
        return self.moment

    def move(self, by: timedelta) -> None:
        """Move it on."""
        self.moment += by
