"""A message as Telegram shows it: one bold line, at most three more; everything escaped.

Source: https://core.telegram.org/bots/api#html-style
"""

from collections.abc import Mapping, Sequence
from html import escape
from types import MappingProxyType

from application.notice import Kind, Notice

LENGTH_MAX = 4_000
"""Telegram takes 4,096 characters after its markup; a few are kept in reserve."""

_LINE_MAX = 280
_SIGNS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.OPENED: "🟢",
        Kind.ADDED: "🔵",
        Kind.CLOSED: "⚪",
        Kind.NOT_EXECUTED: "🟡",
        Kind.REJECTED: "❌",
        Kind.UNKNOWN: "❓",
        Kind.NEEDS_OPERATOR: "🚨",
        Kind.UNPROTECTED: "🚨",
        Kind.DIFFERS: "🚨",
        Kind.CLOSE_FAILED: "🚨",
        Kind.STOPPED: "⛔",
        Kind.RESUMED: "✅",
        Kind.AUDIT_HEAD: "🔏",
    }
)


def as_html(notices: Sequence[Notice]) -> str:
    """Return one notice whole, or several with their first lines under a count."""
    if len(notices) == 1:
        return _whole(notices[0])
    parts = [f"<b>{len(notices)} messages</b>"]
    parts += [_brief(notice) for notice in notices]
    return _fitting(parts)


def as_text(notices: Sequence[Notice]) -> str:
    """Return the same without any markup, for where the markup was not taken."""
    return "\n".join(
        line for notice in notices for line in (notice.title, *notice.lines[:3])
    )[:LENGTH_MAX]


def _whole(notice: Notice) -> str:
    lines = [f"<b>{_SIGNS[notice.kind]} {_shown(notice.title)}</b>"]
    lines += [_shown(line) for line in notice.lines]
    return "\n".join(lines) + _number(notice)


def _brief(notice: Notice) -> str:
    lines = [f"{_SIGNS[notice.kind]} {_shown(notice.title)}"]
    lines += [_shown(line) for line in notice.lines[:1]]
    return "\n".join(lines) + _number(notice)


def _number(notice: Notice) -> str:
    return "" if notice.alert is None else f" <i>Alert {notice.alert}.</i>"


def _shown(text: str) -> str:
    short = text if len(text) <= _LINE_MAX else f"{text[: _LINE_MAX - 1]}…"
    return escape(short, quote=False)


def _fitting(parts: list[str]) -> str:
    """Leave out what would make the message too long; the count says how many there are."""
    kept: list[str] = []
    for part in parts:
        if sum(map(len, kept)) + len(part) > LENGTH_MAX:
            break
        kept.append(part)
    return "\n\n".join(kept)
