"""`signalman telegram`: which chat is told, and whether it is reached."""

import secrets
from collections.abc import Awaitable, Callable

import rich_click as click

from application import wording
from application.ports.notifier import LinkFailed
from application.ports.outbox import ChannelState, Chat
from entrypoints.cli.asking import Parts, ask, read_settings
from entrypoints.cli.failure import Exit, Failure, end
from entrypoints.cli.terminal import hint, json_option, print_json, say

CHANNEL = "telegram"
CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8
"""Letters of a code: 40 bits, good for as long as the command waits."""

_NO_TOKEN = Failure(
    Exit.CONFIGURATION,
    "SIGNALMAN_TELEGRAM_TOKEN is not set, so people are told in the log only.",
    "A bot of your own is made by @BotFather in Telegram: /newbot.",
    "Set SIGNALMAN_TELEGRAM_TOKEN to the token it shows, then: signalman telegram link",
)


@click.group()
def telegram() -> None:
    """Which chat is told of executions, refusals, brakes and orders in doubt."""


@telegram.command()
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True, max=60),
    default=5.0,
    show_default=True,
    help="How long to wait for the code.",
)
@json_option
def link(minutes: float, *, as_json: bool) -> None:
    """Link a chat: send the code that is shown to your bot, or in a group it is in.

    The chat from which the code comes is told from then on, in place of any other.
    """
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))

    async def work(parts: Parts) -> Chat | None:
        name = await parts.telegram_link().name()
        say(f"Send this to @{name} in Telegram, or in a group that it is in:")
        say(f"\n    /link {code}\n", "bold")
        hint(f"https://t.me/{name}?start={code}   does it with one tap")
        return await parts.telegram_link().find(code, minutes * 60)

    chat = _asked(work)
    if chat is None:
        raise Failure(
            Exit.CHECK_FAILED,
            f"The code did not come within {minutes:g} minutes; nothing was changed.",
            "",
            "signalman telegram link   shows a new one",
        )
    if as_json:
        print_json({"id": chat.id, "title": chat.title, "group": chat.is_group})
        return
    say(f"✓ {chat.title} is linked and has been told so.", "green")


@telegram.command()
@json_option
def show(*, as_json: bool) -> None:
    """Show which chat is told, and what waits."""

    async def work(parts: Parts) -> tuple[Chat | None, ChannelState]:
        outbox = parts.outbox()
        return await outbox.chat(CHANNEL), await outbox.state(CHANNEL)

    chat, state = ask(work)
    if as_json:
        print_json({"chat": chat, "outbox": state})
        return
    if chat is None:
        say("No chat is linked; people are told in the log.", "yellow")
        hint("signalman telegram link   links one")
    else:
        say(f"{chat.title} is told{' (a group)' if chat.is_group else ''}.")
    for line in standing(state):
        say(line)


@telegram.command()
def test() -> None:
    """Send a line to the linked chat."""

    async def work(parts: Parts) -> Chat | None:
        chat = await parts.outbox().chat(CHANNEL)
        if chat is not None:
            await parts.telegram_link().say(chat, "Signalman reaches this chat.")
        return chat

    chat = _asked(work)
    if chat is None:
        say("No chat is linked.", "yellow")
        hint("signalman telegram link   links one")
        end(Exit.CHECK_FAILED)
    say(f"✓ {chat.title} has been sent a line.", "green")


def standing(state: ChannelState) -> tuple[str, ...]:
    """Return how it stands with what is told, a line for each thing worth knowing."""
    lines: list[str] = []
    if state.waiting:
        count = wording.plural(state.waiting, "notification")
        since = f" since {wording.moment(state.oldest)[:19]} UTC" if state.oldest else ""
        lines.append(f"{count} waiting{since}")
    if state.failing_since is not None:
        since = wording.moment(state.failing_since)[:19]
        lines.append(f"not reached since {since} UTC: {state.error}")
    if state.given_up:
        lines.append(f"{wording.plural(state.given_up, 'notification')} never taken")
    return tuple(lines)


def _asked(work: Callable[[Parts], Awaitable[Chat | None]]) -> Chat | None:
    settings = read_settings()
    if not settings.telegram_token:
        raise _NO_TOKEN
    try:
        return ask(work, settings)
    except LinkFailed as error:
        raise Failure(
            Exit.NETWORK, "Telegram was not reached.", f"{error}.", error.fix
        ) from None
