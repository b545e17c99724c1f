"""Finding the chat that a person wants to be told in: by a code that they send there."""

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic

import telegram
from telegram.error import Conflict, InvalidToken, TelegramError

from adapters.notifier.telegram import CHANNEL, Connection
from application.ports.notifier import LinkFailed
from application.ports.outbox import Chat, Outbox
from application.secret import Secret, masked

POLL_SECONDS = 10
_UPDATES = ("message", "channel_post")


@dataclass(frozen=True, slots=True)
class TelegramLink:
    """Asks the Bot API who the bot is and who has sent the code."""

    token: Secret
    api_url: str
    outbox: Outbox

    async def name(self) -> str:
        """Return the bot's own name in Telegram.

        Raises:
            LinkFailed: If the Bot API does not know the token or does not answer.
        """
        async with self._bot() as bot:
            return (await bot.get_me()).username or ""

    async def find(self, code: str, seconds: float) -> Chat | None:
        """Return the chat from which ``code`` comes in time, and link it; else None.

        Raises:
            LinkFailed: If the Bot API does not answer, or another program asks it too.
        """
        deadline, offset = monotonic() + seconds, 0
        async with self._bot() as bot:
            while (left := deadline - monotonic()) > 0:
                updates = await bot.get_updates(
                    offset=offset,
                    timeout=int(min(POLL_SECONDS, max(left, 1))),
                    allowed_updates=_UPDATES,
                )
                for update in updates:
                    offset = update.update_id + 1
                    chat = _chat_of(update, code)
                    if chat is not None:
                        await bot.get_updates(offset=offset, limit=1)
                        await self._linked(bot, chat)
                        return chat
        return None

    async def say(self, chat: Chat, text: str) -> None:
        """Send a line, to show that it arrives.

        Raises:
            LinkFailed: If it does not.
        """
        async with self._bot() as bot:
            await bot.send_message(chat.id, text)

    async def _linked(self, bot: telegram.Bot, chat: Chat) -> None:
        await self.outbox.link(CHANNEL, chat)
        await bot.send_message(chat.id, "This chat is linked: Signalman tells you here.")

    @asynccontextmanager
    async def _bot(self) -> AsyncIterator[telegram.Bot]:
        connection = Connection(self.token, self.api_url)
        try:
            yield connection.bot
        except TelegramError as error:
            raise LinkFailed(masked(str(error)), _fix(error)) from None
        finally:
            await connection.close()


def _chat_of(update: telegram.Update, code: str) -> Chat | None:
    message = update.effective_message
    words = (message.text or "").split() if message is not None else []
    if message is None or not any(_same(word, code) for word in words):
        return None
    chat = message.chat
    title = chat.title or chat.full_name or chat.username or str(chat.id)
    is_group = chat.type != telegram.constants.ChatType.PRIVATE
    return Chat(id=chat.id, title=title, is_group=is_group)


def _same(word: str, code: str) -> bool:
    return hmac.compare_digest(word.upper().encode(), code.encode())


def _fix(error: TelegramError) -> str:
    if isinstance(error, InvalidToken):
        return "Set SIGNALMAN_TELEGRAM_TOKEN to the token that @BotFather shows."
    if isinstance(error, Conflict):
        return "Another program asks for this bot's messages; stop it, or make a new bot."
    return "Check the way to the Bot API: the network, a proxy, SIGNALMAN_TELEGRAM_API_URL."
