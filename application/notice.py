"""One thing that a person is to be told, in plain words."""

from dataclasses import dataclass
from enum import Enum, IntEnum

from application.records import BotId
from domain.signal import AlertId


class Weight(IntEnum):
    """How much it matters; the lower number is told first, and ALARM never together."""

    ALARM = 0
    """Somebody should look now: a close that could not act, a brake, an order in doubt."""
    NEWS = 1
    """Money moved, or was to move and did not."""
    NOTE = 2
    """Worth knowing."""


class Kind(Enum):
    """What it is about; it decides the sign before the words."""

    OPENED = "opened"
    ADDED = "added"
    CLOSED = "closed"
    NOT_EXECUTED = "not executed"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    NEEDS_OPERATOR = "needs operator"
    CLOSE_FAILED = "close failed"
    UNPROTECTED = "unprotected"
    DIFFERS = "differs"
    STOPPED = "stopped"
    RESUMED = "resumed"
    AUDIT_HEAD = "audit head"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A title and at most three lines: what, how much, at what price, why."""

    kind: Kind
    weight: Weight
    title: str
    lines: tuple[str, ...] = ()
    bot: BotId | None = None
    alert: AlertId | None = None

    def __post_init__(self) -> None:
        """Hold the form that fits a phone's lock screen."""
        if len(self.lines) > LINES_MAX:
            raise ValueError(f"a notice has at most {LINES_MAX} lines, was {self.lines}")


LINES_MAX = 3
