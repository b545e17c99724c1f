"""From text to values: each parser takes one setting's text or says what it must be."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, time
from decimal import Decimal
from typing import TypeAlias, TypeVar

from application.configuration.tree import Tree, enumerated, nearest, shown
from domain.money import ZERO
from domain.timeframe import Timeframe

T = TypeVar("T")

DIGITS_MAX = 30
"""Digits of an amount, before and after the point together, written without exponent."""

RATE_PLACES = 8
"""Decimals of a rate or a percentage, so that amounts times rates stay exact."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_TEXT_LENGTH_MAX = 64
_LABEL_LENGTH_MAX = 100


class Unusable(Exception):
    """A setting's text is not what it must be; the message follows the setting's path."""

    @classmethod
    def expected(cls, what: str, tree: Tree) -> "Unusable":
        """Say what it must be and what it was."""
        return cls(f"must be {what}, was {shown(tree)}")


Parse: TypeAlias = Callable[[Tree], T]
"""Returns the value, or raises ``Unusable``."""


def matching(pattern: str, what: str) -> Parse[str]:
    """Parse text that matches as a whole."""
    compiled = re.compile(pattern, re.ASCII)

    def parse(tree: Tree) -> str:
        if not isinstance(tree, str) or not compiled.fullmatch(tree):
            raise Unusable.expected(what, tree)
        return tree

    return parse


name = matching(
    r"(?=.*[^.])[A-Za-z0-9._-]{1,64}",
    "1 to 64 letters, digits, dots, hyphens or underscores",
)
"""Dots alone would mean a directory in an address."""


def label(tree: Tree) -> str:
    """Parse a free name that people wrote, such as ``Herenya Capital``."""
    tidy = isinstance(tree, str) and tree.isprintable() and tree == " ".join(tree.split())
    if not isinstance(tree, str) or not tidy or not 1 <= len(tree) <= _LABEL_LENGTH_MAX:
        raise Unusable.expected(
            f"a name of 1 to {_LABEL_LENGTH_MAX} characters, single-spaced", tree
        )
    return tree


def number(tree: Tree) -> Decimal | None:
    """Return the exact number that a text writes, in its shortest form; else None."""
    if (
        not isinstance(tree, str)
        or len(tree) > _TEXT_LENGTH_MAX
        or not _NUMBER.fullmatch(tree)
    ):
        return None
    value = Decimal(tree)
    if sum(letter.isdigit() for letter in f"{value:f}") > DIGITS_MAX:
        return None
    return Decimal(plain(value)) if value else ZERO


def plain(value: Decimal) -> str:
    """Write a number without exponent and without zeros at its end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimal(
    what: str, accepts: Callable[[Decimal], bool], places: int = DIGITS_MAX
) -> Parse[Decimal]:
    """Parse an exact number that passes ``accepts`` and has so many decimals at most."""

    def parse(tree: Tree) -> Decimal:
        value = number(tree)
        if value is None or not accepts(value):
            raise Unusable.expected(what, tree)
        if len(plain(value).partition(".")[2]) > places:
            raise Unusable.expected(f"{what} with at most {places} decimals", tree)
        return value

    return parse


amount = decimal(
    f"a positive number with at most {DIGITS_MAX} digits", lambda value: value > ZERO
)
amount_or_zero = decimal(
    f"0 or a positive number with at most {DIGITS_MAX} digits", lambda value: value >= ZERO
)


def percent(
    *, up_to: int | None = None, below: int = 100, from_zero: bool = False
) -> Parse[Decimal]:
    """Parse a percentage: above 0 (or from 0 on), up to a bound or else below one."""
    low = "of at least 0" if from_zero else "above 0"
    high = f"below {below}" if up_to is None else f"at most {up_to}"

    def accepts(value: Decimal) -> bool:
        high_enough = value >= ZERO if from_zero else value > ZERO
        return high_enough and (value < below if up_to is None else value <= up_to)

    return decimal(f"a percentage {low} and {high}", accepts, RATE_PLACES)


def indicator(low: int, high: int) -> Parse[float]:
    """Parse a value on an indicator's scale. It is no money, so it may be a float."""
    exact = decimal(
        f"a number between {low} and {high}", lambda value: low <= value <= high
    )
    return lambda tree: float(exact(tree))


def whole(low: int, high: int) -> Parse[int]:
    """Parse a whole number between two bounds."""

    def parse(tree: Tree) -> int:
        found = _WHOLE.fullmatch(tree) if isinstance(tree, str) else None
        if found is None or not low <= int(found[0]) <= high:
            raise Unusable.expected(f"a whole number between {low} and {high}", tree)
        return int(found[0])

    return parse


def optional(parse: Parse[T]) -> Parse[T | None]:
    """Parse the same, or null for none."""
    return lambda tree: None if tree is None else parse(tree)


_SWITCH = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


def switch(tree: Tree) -> bool:
    """Parse yes or no, in any of the ways YAML files say it."""
    if not isinstance(tree, str) or tree.lower() not in _SWITCH:
        raise Unusable.expected("yes or no", tree)
    return _SWITCH[tree.lower()]


def choice(choices: Mapping[str, T], not_yet: Mapping[str, str] | None = None) -> Parse[T]:
    """Parse one of several words; ``not_yet`` says what each that is to come waits for."""

    def parse(tree: Tree) -> T:
        if isinstance(tree, str) and tree in choices:
            return choices[tree]
        if isinstance(tree, str) and not_yet and tree in not_yet:
            raise Unusable(f"cannot be {tree} yet: {not_yet[tree]}")
        near = nearest(tree, choices) if isinstance(tree, str) else ""
        raise Unusable(f"must be {enumerated(list(choices))}, was {shown(tree)}{near}")

    return parse


def timeframe(tree: Tree) -> Timeframe:
    """Parse a chart's timeframe; 240, 4h and 4H are the same."""
    try:
        return Timeframe.parse(tree if isinstance(tree, str) else "?")
    except ValueError:
        raise Unusable.expected("a timeframe such as 15, 4h, 1D or 1W", tree) from None


def time_of_day(tree: Tree) -> time:
    """Parse a time of day, always UTC."""
    found = _TIME.fullmatch(tree) if isinstance(tree, str) else None
    if found is None:
        raise Unusable.expected("a time of day in UTC such as 00:00 or 17:30", tree)
    return time(int(found[1]), int(found[2]), tzinfo=UTC)
