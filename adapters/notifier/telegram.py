"""Telegram as whoever is told, by its Bot API and python-telegram-bot.

==================================  ====================================================
what the Bot API answers            what it means here
==================================  ====================================================
200                                 told; a chat takes one a second, a group 20 a minute
429 with ``retry_after``            not now: wait as long as it says
400 about the markup                the same once more as plain text, else never
400 and 403 about the chat          not now: the chat is gone, or the bot was put out
401, 404                            not now: the token is wrong, which a person repairs
5xx, no answer, anything else       not now
==================================  ====================================================

Source: https://core.telegram.org/bots/api#making-requests and
https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import telegram
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from adapters.notifier.html import as_html, as_text
from adapters.notifier.log import LogNotifier
from application.notice import Notice
from application.ports.notifier import Never, NotNow, Told
from application.ports.outbox import Chat, Outbox
from application.secret import Secret, masked

CHANNEL = "telegram"
API_URL = "https://api.telegram.org"
PRIVATE_REST = timedelta(seconds=1)
GROUP_REST = timedelta(seconds=3)
REPAIR_REST = timedelta(minutes=1)
"""Between two attempts where a person must repair something first."""

SECONDS = 10.0
_OF_THE_CHAT = ("chat not found", "not enough rights", "kicked", "deactivated", "blocked")


class Connection:
    """A bot and the connections it uses, which it does not close by itself.

    The library closes them only after it has asked the Bot API who the bot is, which would
    be one more call that can fail before anything is told.
    """

    def __init__(self, token: Secret, api_url: str) -> None:
        """Connect to nothing yet."""
        base = (api_url or API_URL).rstrip("/")
        self._requests = (_request(), _request())
        self.bot = telegram.Bot(
            token.reveal(),
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=self._requests[0],
            get_updates_request=self._requests[1],
        )

    async def close(self) -> None:
        """Close what is open."""
        for request in self._requests:
            await request.shutdown()


def _request() -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=2,
        connect_timeout=SECONDS,
        read_timeout=SECONDS,
        write_timeout=SECONDS,
        pool_timeout=SECONDS,
    )


@dataclass(slots=True)
class TelegramNotifier:
    """Tells the linked chat; while none is linked, whoever reads the log."""

    token: Secret
    api_url: str
    outbox: Outbox
    _connection: Connection | None = None
    _log: LogNotifier = field(default_factory=LogNotifier)

    @property
    def channel(self) -> str:
        """Return the name under which the outbox keeps its turns."""
        return CHANNEL

    async def tell(self, notices: Sequence[Notice]) -> Told | NotNow | Never:
        """Send one message with these."""
        chat = await self.outbox.chat(CHANNEL)
        if chat is None:
            return await self._log.tell(notices)
        try:
            await self._send(chat, as_html(notices), ParseMode.HTML)
        except BadRequest as error:
            if _is_about_chat(error):
                return NotNow(error=self._safe(error), after=REPAIR_REST)
            return await self._plainly(chat, notices)
        except TelegramError as error:
            return await self._not_now(chat, error)
        return Told(rest=GROUP_REST if chat.is_group else PRIVATE_REST)

    async def close(self) -> None:
        """Let go of the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _plainly(
        self, chat: Chat, notices: Sequence[Notice]
    ) -> Told | NotNow | Never:
        """Send the same without markup: whatever was wrong with it, the words arrive."""
        try:
            await self._send(chat, as_text(notices), None)
        except BadRequest as error:
            return Never(error=self._safe(error))
        except TelegramError as error:
            return await self._not_now(chat, error)
        return Told(rest=GROUP_REST if chat.is_group else PRIVATE_REST)

    async def _send(self, chat: Chat, text: str, mode: str | None) -> None:
        if self._connection is None:
            self._connection = Connection(self.token, self.api_url)
        await self._connection.bot.send_message(chat.id, text, parse_mode=mode)

    async def _not_now(self, chat: Chat, error: TelegramError) -> NotNow:
        said = self._safe(error)
        match error:
            case RetryAfter():
                return NotNow(error=said, after=seconds_of(error.retry_after))
            case ChatMigrated():
                moved = Chat(id=error.new_chat_id, title=chat.title, is_group=True)
                await self.outbox.link(CHANNEL, moved)
                return NotNow(error=said, after=timedelta())
            case Forbidden() | InvalidToken():
                return NotNow(error=said, after=REPAIR_REST)
            case _:
                return NotNow(error=said)

    def _safe(self, error: TelegramError) -> str:
        """Return what went wrong without the token, which stands in every address."""
        return masked(str(error)) or type(error).__name__


def seconds_of(period: int | timedelta) -> timedelta:
    """Return how long Telegram asks to wait, in whichever form the library tells it."""
    return period if isinstance(period, timedelta) else timedelta(seconds=period)


def _is_about_chat(error: BadRequest) -> bool:
    said = str(error).lower()
    return any(words in said for words in _OF_THE_CHAT)
