"""Rows of the outbox in memory: notices, and the channels that they are told through."""

from dataclasses import dataclass
from datetime import datetime

from application.notice import Notice
from application.ports.outbox import Chat, NotificationId


@dataclass(slots=True)
class NoticeRow:
    """A notice; it waits until ``told_at`` is known. With ``error`` it was given up."""

    id: NotificationId
    notice: Notice
    at: datetime
    told_at: datetime | None = None
    channel: str = ""
    error: str = ""


@dataclass(slots=True)
class Channel:
    """Whose turn it is, how long the channel rests, and which chat it leads to."""

    owner: str | None = None
    fence: int = 0
    lease_until: datetime | None = None
    rests_until: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    error: str = ""
    chat: Chat | None = None
