"""Conditions a trader writes: ``rsi < 30 and plots.ema200 < price``, ``rsi crosses 50``.

==================  ============================================================
 a condition         comparisons joined by ``and``, ``or``, ``not``, parentheses
 a comparison        ``<  <=  >  >=  ==  !=  crosses  crosses above  crosses below``
 a term              a number, a field by its dotted name, ``+  -  *``, parentheses
==================  ============================================================

Numbers are exact. A cross looks at the bar just before as well.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from domain.money import ZERO, add, multiply, subtract

LENGTH_MAX = 500
DEPTH_MAX = 20
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][\w.]*)|(?P<sign><=|>=|==|!=|[<>()+*-]))",
    re.ASCII,
)
_CROSSES = "crosses"
_WORDS = ("and", "or", "not", _CROSSES, "above", "below")
_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
_PLACES = 20
"""Digits of a number beside which nothing is lost."""

Lookup = Callable[[str], Decimal]


class BadExpression(ValueError):
    """What is wrong with a condition, and in which column, from 1."""

    def __init__(self, column: int, problem: str) -> None:
        super().__init__(f"column {column}: {problem}")
        self.column = column


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


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as it was written, and what it means."""

    text: str
    test: Test
    fields: tuple[str, ...]
    """Every field it looks at, in order of appearance."""
    crossed: tuple[str, ...]
    """Those that are compared with their value of the bar before."""

    @classmethod
    def parse(cls, text: str) -> "Condition":
        """Read a condition.

        Raises:
            BadExpression: Saying what is wrong, and where.
        """
        parser = _Parser(text)
        test = parser.whole()
        crossed = dict.fromkeys(_crossed(test))
        return cls(text, test, tuple(parser.fields), tuple(crossed))

    def holds(self, now: Lookup, before: Lookup) -> bool:
        """Say whether it holds; ``before`` is asked only for what a cross compares."""
        return _holds(self.test, now, before)


class _Token(NamedTuple):
    kind: str
    text: str
    column: int


class _Parser:
    """Recursive descent, one method a level."""

    def __init__(self, text: str) -> None:
        if len(text) > LENGTH_MAX:
            raise BadExpression(LENGTH_MAX, f"it is longer than {LENGTH_MAX} characters")
        self.fields: dict[str, None] = {}
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0

    def whole(self) -> Test:
        test = self._either()
        if self._now.kind != "end":
            raise self._unexpected("`and`, `or` or the end")
        return test

    def _either(self) -> Test:
        tests = [self._both()]
        while self._took("or"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else Test("or", tests=tuple(tests))

    def _both(self) -> Test:
        tests = [self._single()]
        while self._took("and"):
            tests.append(self._single())
        return tests[0] if len(tests) == 1 else Test("and", tests=tuple(tests))

    def _single(self) -> Test:
        self._deeper()
        if self._took("not"):
            test = Test("not", tests=(self._single(),))
        else:
            test = self._grouped() or self._comparison()
        self._depth -= 1
        return test

    def _grouped(self) -> Test | None:
        """Return tests in parentheses; None where the parentheses hold a term."""
        start, known = self._at, dict(self.fields)
        if not self._took("("):
            return None
        try:
            test = self._either()
        except BadExpression:
            self._at, self.fields = start, known
            return None
        if not self._took(")"):
            self._at, self.fields = start, known
            return None
        return test

    def _comparison(self) -> Test:
        left = self._sum()
        operator = self._now.text
        if self._took(_CROSSES):
            for way in ("above", "below"):
                if self._took(way):
                    operator = f"{_CROSSES} {way}"
        elif not any(self._took(sign) for sign in _COMPARISONS):
            raise self._unexpected("a comparison such as `<` or `crosses`")
        return Test(operator, (left, self._sum()))

    def _sum(self) -> Term:
        term = self._product()
        while self._now.text in ("+", "-"):
            sign = self._next().text
            term = Term(sign, left=term, right=self._product())
        return term

    def _product(self) -> Term:
        term = self._factor()
        while self._took("*"):
            term = Term("*", left=term, right=self._factor())
        return term

    def _factor(self) -> Term:
        token = self._now
        if self._took("-"):
            return Term("-", left=Term("number"), right=self._factor())
        if self._took("("):
            self._deeper()
            term = self._sum()
            if not self._took(")"):
                raise self._unexpected("`)`")
            self._depth -= 1
            return term
        if token.kind == "number":
            return Term("number", value=Decimal(self._next().text))
        if token.kind == "word" and token.text not in _WORDS:
            name = self._next().text
            self.fields[name] = None
            return Term("field", name=name)
        raise self._unexpected("a number or the name of a field")

    @property
    def _now(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._now
        self._at += 1
        return token

    def _took(self, text: str) -> bool:
        if self._now.text != text:
            return False
        self._at += 1
        return True

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise BadExpression(self._now.column, "it is nested too deeply")

    def _unexpected(self, wanted: str) -> BadExpression:
        token = self._now
        found = f"`{token.text}`" if token.text else "the end"
        return BadExpression(token.column, f"{wanted} was expected, found {found}")


def _tokens(text: str) -> Iterator[_Token]:
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
        yield _Token(kind, word, column)
        at = found.end()
    yield _Token("end", "", len(text) + 1)


def _crossed(test: Test) -> Iterator[str]:
    for inner in test.tests:
        yield from _crossed(inner)
    if test.operator.startswith(_CROSSES):
        for term in test.terms:
            yield from _names(term)


def _names(term: Term | None) -> Iterator[str]:
    if term is not None:
        if term.name:
            yield term.name
        yield from _names(term.left)
        yield from _names(term.right)


def _holds(test: Test, now: Lookup, before: Lookup) -> bool:
    match test.operator:
        case "and":
            return all(_holds(one, now, before) for one in test.tests)
        case "or":
            return any(_holds(one, now, before) for one in test.tests)
        case "not":
            return not _holds(test.tests[0], now, before)
        case _:
            return _compares(test, now, before)


def _compares(test: Test, now: Lookup, before: Lookup) -> bool:
    left, right = (_value(term, now) for term in test.terms)
    if not test.operator.startswith(_CROSSES):
        return _compared(test.operator, left, right)
    was_left, was_right = (_value(term, before) for term in test.terms)
    above = was_left <= was_right and left > right
    below = was_left >= was_right and left < right
    way = test.operator.removeprefix(_CROSSES).strip()
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
