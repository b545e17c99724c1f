"""Who is told, by what is set. Telegram's library is loaded only where it is used.

It takes 20 MB and half a second: nobody pays for what is not used.
"""

from adapters.notifier.log import LogNotifier
from application.ports.notifier import ChatLink, Notifier
from application.ports.outbox import Outbox
from application.secret import Secret


def notifier_of(token: str, api_url: str, outbox: Outbox) -> Notifier:
    """Return Telegram where a token is set, else the log."""
    if not token:
        return LogNotifier()
    from adapters.notifier.telegram import TelegramNotifier  # noqa: PLC0415 - see above

    return TelegramNotifier(Secret(token), api_url, outbox)


def link_of(token: str, api_url: str, outbox: Outbox) -> ChatLink:
    """Return what links a chat."""
    from adapters.notifier.telegram_link import TelegramLink  # noqa: PLC0415 - see above

    return TelegramLink(Secret(token), api_url, outbox)
