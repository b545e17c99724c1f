"""Whoever is told: a chat, or the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from application.notice import Notice
from application.ports.outbox import Chat


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """It was taken. ``rest`` is how long nothing more may be sent."""

    rest: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNow:
    """It was not taken, or that is not known; ``after`` is how long to wait, if told."""

    error: str
    after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """This very message is not taken, however often it is sent."""

    error: str


class Notifier(Protocol):
    """A way to tell people. Never raises: what went wrong is an answer."""

    @property
    def channel(self) -> str:
        """Return the name under which the outbox keeps its turns."""
        ...

    async def tell(self, notices: Sequence[Notice]) -> Told | NotNow | Never:
        """Tell these in one message; there is at least one."""
        ...

    async def close(self) -> None:
        """Let go of the connection, if there is one; telling opens another."""
        ...


class LinkFailed(Exception):
    """The service answered with a refusal or not at all; ``fix`` says what can be done."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.fix = fix


class ChatLink(Protocol):
    """Finds the chat in which a person wants to be told. Raises ``LinkFailed``."""

    async def name(self) -> str:
        """Return the bot's own name, which also proves that its token is known."""
        ...

    async def find(self, code: str, seconds: float) -> Chat | None:
        """Return the chat from which ``code`` came in time, and link it; else None."""
        ...

    async def say(self, chat: Chat, text: str) -> None:
        """Send a line, to show that it arrives."""
        ...
