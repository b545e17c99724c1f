"""The words of a condition, and what is told where one means nothing."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][\w.]*)|(?P<sign><=|>=|==|!=|[<>()+*-]))",
    re.ASCII,
)
_PLACES = 20
"""Digits of a number beside which nothing is lost."""


class BadExpression(ValueError):
    """What is wrong with a condition, and in which column, from 1."""

    def __init__(self, column: int, problem: str) -> None:
        super().__init__(f"column {column}: {problem}")
        self.column = column


class Token(NamedTuple):
    """A number, a word, a sign or the end, and its column, from 1."""

    kind: str
    text: str
    column: int


def tokens(text: str) -> Iterator[Token]:
    """Return the words of a text, and its end.

    Raises:
        BadExpression: At the first that means nothing.
    """
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            column = at + len(text[at:]) - len(text[at:].lstrip()) + 1
            raise BadExpression(column, f"`{text[column - 1]}` means nothing here")
        kind = found.lastgroup
        word, column = found[kind], found.start(kind) + 1
        if kind == "number" and len(word) > _PLACES:
            raise BadExpression(column, f"a number has at most {_PLACES} digits")
        yield Token(kind, word, column)
        at = found.end()
    yield Token("end", "", len(text) + 1)
