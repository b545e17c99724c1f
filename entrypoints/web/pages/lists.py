"""What all lists share: a page of rows, the address of the next, filters in the address."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from litestar.exceptions import ValidationException

PAGE = 100
NUMBERS_MAX = 500
Row = TypeVar("Row")
Chosen = TypeVar("Chosen")


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list. ``next`` is where the page after it begins; empty at the end."""

    rows: Sequence[Any]
    next: str = ""

    @classmethod
    def of(cls, rows: Sequence[Row], place: Callable[[Row], str]) -> "Listing":
        """Return a page of one row more than it shows, which tells whether more follow."""
        shown = rows[:PAGE]
        return cls(shown, place(shown[-1]) if len(rows) > PAGE else "")


def chosen(name: str, text: str | None, known: Mapping[str, Chosen]) -> Chosen | None:
    """Return what a filter names; None when it names nothing.

    Raises:
        ValidationException: Saying what can be named.
    """
    if not text:
        return None
    if text not in known:
        message = f"{name}: must be one of {', '.join(known)}, was {text!r}"
        raise ValidationException(message)
    return known[text]


def numbers(name: str, text: str | None) -> list[int]:
    """Return the numbers of a list such as ``3,17``.

    Raises:
        ValidationException: If it is none, or too long.
    """
    words = text.split(",") if text else []
    if len(words) > NUMBERS_MAX or not all(
        one.isascii() and one.isdigit() for one in words
    ):
        message = f"{name}: must be at most {NUMBERS_MAX} numbers such as 3,17"
        raise ValidationException(message)
    return [int(one) for one in words]
