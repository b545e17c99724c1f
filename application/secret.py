"""Text that nobody may see: it prints as ``***``, and log lines know to hide it."""

import hmac
import json
import re
from typing import NoReturn
from urllib.parse import quote

HIDDEN = "***"
SHORTEST_KNOWN = 6
"""Shorter ones are not looked for: they would hide parts of ordinary words."""
KNOWN_MAX = 10_000


class _Known:
    """The newest secrets of this process, in every spelling a log line may have."""

    def __init__(self) -> None:
        self._values: dict[str, None] = {}
        self._pattern: re.Pattern[str] | None = None

    def add(self, value: str) -> None:
        if len(value) < SHORTEST_KNOWN or value in self._values:
            return
        self._values[value] = None
        if len(self._values) > KNOWN_MAX:
            del self._values[next(iter(self._values))]
        self._pattern = None

    def masked(self, text: str) -> str:
        if not self._values:
            return text
        if self._pattern is None:
            self._pattern = self._compiled()
        return self._pattern.sub(HIDDEN, text)

    def _compiled(self) -> re.Pattern[str]:
        spellings = {one for value in self._values for one in _spellings(value)}
        longest_first = sorted(spellings, key=len, reverse=True)
        return re.compile("|".join(re.escape(one) for one in longest_first))


def _spellings(value: str) -> set[str]:
    """Return the secret as it is, in a URL, in JSON and in a Python literal."""
    return {
        value,
        quote(value, safe=""),
        quote(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
    }


_known = _Known()


class Secret:
    """A key, a token or a password. Only ``reveal`` tells what it is."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        _known.add(value)

    def reveal(self) -> str:
        """Return the text itself, for whoever must use it."""
        return self._value

    def __repr__(self) -> str:
        """Return nothing of it."""
        return HIDDEN

    def __str__(self) -> str:
        """Return nothing of it."""
        return HIDDEN

    def __format__(self, spec: str) -> str:
        """Return nothing of it, however wide."""
        return HIDDEN

    def __bool__(self) -> bool:
        """Say whether there is any."""
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        """Compare in a time that tells nothing."""
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        """Return a number that is this process's own."""
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled, and so to be sent or kept by accident."""
        message = "a secret is not pickled"
        raise TypeError(message)


def masked(text: str) -> str:
    """Return ``text`` with every secret that this process has ever held replaced."""
    return _known.masked(text)
