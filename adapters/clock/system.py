"""The machine's clock, in UTC."""

from datetime import UTC, datetime


class SystemClock:
    """What time it is."""

    def now(self) -> datetime:
        """Return the current moment."""
        return datetime.now(UTC)
