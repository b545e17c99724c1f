"""A configuration before it means anything: text, lists and mappings, and what is wrong."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")

Tree: TypeAlias = "Mapping[str, Tree] | Sequence[Tree] | str | None"
"""Every scalar is text, so that no number was ever a float; None stands for null."""

_SHOWN_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: where it is, what would be right, and what was there instead.

    ``path`` is empty when the whole document is meant, ``line`` None when it is not known.
    """

    path: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        """Return it as one line for people."""
        where = f"line {self.line}: " if self.line is not None else ""
        return (
            f"{where}{self.path} {self.message}" if self.path else f"{where}{self.message}"
        )


@dataclass(frozen=True, slots=True)
class Source:
    """A tree with the line of every path, and the mistakes that the text itself had.

    ``tree`` is None, with problems, when the text could not be read at all.
    """

    tree: Tree
    lines: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A value, or all the problems that keep it from being one; never both."""

    value: T | None
    problems: tuple[Problem, ...] = ()


def join(path: str, name: str) -> str:
    """Return the path of a setting below another."""
    return f"{path}.{name}" if path and name else path or name


def shown(tree: Tree) -> str:
    """Return how a value is quoted in a message: ``'abc'``, ``empty``, ``a list``."""
    match tree:
        case None:
            return "empty"
        case str():
            return repr(tree if len(tree) <= _SHOWN_LENGTH else tree[:_SHOWN_LENGTH] + "…")
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case _:
            # Only text belongs here, yet a caller's JSON may have brought a number.
            return f"{tree!r} without quotes"


def enumerated(names: Sequence[str], word: str = "or") -> str:
    """Return ``a``, ``a or b``, ``a, b or c``."""
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the most similar known name, or nothing."""
    folded = {candidate.casefold(): candidate for candidate in known}
    close = difflib.get_close_matches(name.casefold(), folded, n=1)
    return f"; did you mean '{folded[close[0]]}'?" if close else ""


def located(problems: Iterable[Problem], lines: Mapping[str, int]) -> tuple[Problem, ...]:
    """Return the problems with their lines, in order of the file; the rest comes last."""
    found = [
        problem if problem.line is not None else _with_line(problem, lines)
        for problem in problems
    ]
    return tuple(sorted(found, key=lambda problem: problem.line or _LAST))


_LAST = 10**9


def _with_line(problem: Problem, lines: Mapping[str, int]) -> Problem:
    """Take the line of the setting, or of the nearest thing around it that has one."""
    path = problem.path
    while path not in lines and path:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return Problem(problem.path, problem.message, lines.get(path))
