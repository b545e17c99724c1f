"""From the bytes of a request to a signal, or to the reason why there is none."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.reasons import Reason
from domain.signal import Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAlert:
    """What a body says. ``text`` has its secrets masked and is what may be kept.

    ``signal`` is None for a body that was refused; ``reason`` and ``detail`` then say what
    is wrong, where, and what would be right. ``key`` is None for a refused body.
    """

    text: str
    digest: str
    key: str | None = None
    key_expires: bool = False
    token: str | None = None
    signal: Signal | None = None
    reason: Reason | None = None
    detail: str = ""


class AlertParser(Protocol):
    """A dialect of alerts. Never raises: bad input is an answer."""

    def read(self, body: bytes, received_at: datetime) -> ReadAlert:
        """Return what the body says."""
        ...
