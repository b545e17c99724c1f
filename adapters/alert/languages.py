"""Texts that are no fields: the command languages of other receivers, and sentences."""

import re

from adapters.alert.malformed import MalformedAlert, shown
from domain.reasons import Reason

ACTION_WORD = r"(?:buy|sell|long|short|close|exit|flat|cancel)"
_WHAT_WOULD_BE_RIGHT = (
    'Send one JSON object in braces, such as {"ticker": "{{ticker}}", "interval":'
    ' "{{interval}}", "market_position": "{{strategy.market_position}}"}, or the same as'
    " name=value pairs; `signalman bot show NAME` prints a bot's own message."
)
_LANGUAGES = tuple(
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (r"[\w-]+\([^)]*\)\s*\{", "Alertatron's commands, KEYS(SYMBOL) { … }"),
        (r"trade:\w+:\w+", "Frostybot's commands, trade:STUB:COMMAND"),
        (
            r"(?:\w+\s*\|\s*)?[a-z]=\S*\s+[a-z]=",
            "Autoview's commands, one letter and = each",
        ),
        (r"(?:enter|exit)-[a-z-]+_\S", "WunderTrading's codes, ENTER-LONG_…"),
        (rf"[^,\s]+,\s*{ACTION_WORD}\w*,", "PineConnector's commands, ID,ACTION,SYMBOL,…"),
        (rf"{ACTION_WORD}\w*\s*,", "commands of ACTION, SYMBOL, NAME=VALUE"),
        (r"[^|\n]+\|[^|\n]+\|", "values between |, which have no names"),
        (rf"{ACTION_WORD}\s+\S+(?:\s+\S+)?\Z", "an action and a symbol in bare words"),
    )
)


def refuse_commands(text: str) -> None:
    """Return if ``text`` begins like none of the known command languages.

    Raises:
        MalformedAlert: Naming the language, and what would be right.
    """
    for pattern, name in _LANGUAGES:
        if pattern.match(text):
            raise MalformedAlert(
                Reason.BODY_COMMAND_LANGUAGE,
                f"The message looks like {name}: {shown(text)}. Signalman does not run"
                " commands, its bots' own rules say what is ordered."
                f" {_WHAT_WOULD_BE_RIGHT}",
            )


def plain_text(text: str) -> MalformedAlert:
    """Return what to say about a text that is a sentence for people."""
    return MalformedAlert(
        Reason.BODY_PLAIN_TEXT,
        f"The message is free text, {shown(text)}; nothing is read out of sentences."
        f" {_WHAT_WOULD_BE_RIGHT}",
    )
