"""A condition as it was understood: comparisons of terms, and whether they hold.

Numbers are exact. A cross looks at the bar just before as well.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple

from domain.money import ZERO, add, multiply, subtract

CROSSES = "crosses"
Lookup = Callable[[str], Decimal]
"""Gives the value of a field."""


class Term(NamedTuple):
    """A number, a field, or two terms with an operator between them."""

    operator: str
    value: Decimal = ZERO
    name: str = ""
    left: "Term | None" = None
    right: "Term | None" = None


class Test(NamedTuple):
    """A comparison of two terms, or tests joined by ``and``, ``or`` or ``not``."""

    operator: str
    terms: tuple[Term, ...] = ()
    tests: tuple["Test", ...] = ()


def crossed(test: Test) -> Iterator[str]:
    """Return every field that a cross compares."""
    for inner in test.tests:
        yield from crossed(inner)
    if test.operator.startswith(CROSSES):
        for term in test.terms:
            yield from _names(term)


def _names(term: Term | None) -> Iterator[str]:
    if term is not None:
        if term.name:
            yield term.name
        yield from _names(term.left)
        yield from _names(term.right)


def holds(test: Test, now: Lookup, before: Lookup) -> bool:
    """Say whether a test holds; ``before`` is asked only for what a cross compares."""
    match test.operator:
        case "and":
            return all(holds(one, now, before) for one in test.tests)
        case "or":
            return any(holds(one, now, before) for one in test.tests)
        case "not":
            return not holds(test.tests[0], now, before)
        case _:
            return _compares(test, now, before)


def _compares(test: Test, now: Lookup, before: Lookup) -> bool:
    left, right = (_value(term, now) for term in test.terms)
    if not test.operator.startswith(CROSSES):
        return _compared(test.operator, left, right)
    was_left, was_right = (_value(term, before) for term in test.terms)
    above = was_left <= was_right and left > right
    below = was_left >= was_right and left < right
    way = test.operator.removeprefix(CROSSES).strip()
    return above if way == "above" else below if way == "below" else above or below


def _compared(operator: str, left: Decimal, right: Decimal) -> bool:
    found = (left > right) - (left < right)
    return {
        "<": found < 0,
        "<=": found <= 0,
        ">": found > 0,
        ">=": found >= 0,
        "==": found == 0,
        "!=": found != 0,
    }[operator]


def _value(term: Term | None, lookup: Lookup) -> Decimal:
    if term is None or term.operator == "number":
        return ZERO if term is None else term.value
    if term.operator == "field":
        return lookup(term.name)
    combine = {"+": add, "-": subtract, "*": multiply}[term.operator]
    return combine(_value(term.left, lookup), _value(term.right, lookup))
