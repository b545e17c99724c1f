"""What the doctor asks of Telegram: the token, the chat, and whether anything waits."""

from application import wording
from application.ports.notifier import LinkFailed
from application.ports.outbox import ChannelState
from entrypoints.cli.check_result import Check, bad, good, warn
from entrypoints.container import Container

NAME = "telegram"
_LINK = "signalman telegram link"
WAITING_MAX = 100
"""More than this is not told in the next minute or two."""


async def telegram_check(container: Container) -> Check:
    """Return whether people can be told, asking the Bot API where a token is set."""
    outbox = container.outbox()
    if not container.settings().telegram_token:
        fix = "set SIGNALMAN_TELEGRAM_TOKEN to be told in Telegram"
        return warn(NAME, "not set up; people are told in the log", fix)
    try:
        name = await container.telegram_link().name()
    except LinkFailed as error:
        return bad(NAME, f"{error}", error.fix)
    chat = await outbox.chat(NAME)
    if chat is None:
        return warn(NAME, f"@{name} answers, and no chat is linked", _LINK)
    return _standing(f"@{name} tells {chat.title}", await outbox.state(NAME))


def _standing(found: str, state: ChannelState) -> Check:
    if state.failing_since is not None:
        since = wording.moment(state.failing_since)[:19]
        return bad(NAME, f"{found}; not since {since} UTC: {state.error}", _LINK)
    if state.waiting > WAITING_MAX:
        many = wording.plural(state.waiting, "notification")
        return warn(NAME, f"{found}; {many} waiting", "signalman worker   tells them")
    return good(NAME, found)
