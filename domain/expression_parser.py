"""Reading a condition: from its words to what it means."""

from decimal import Decimal

from domain.expression_tokens import BadExpression, Token, tokens
from domain.expression_tree import CROSSES, Term, Test

LENGTH_MAX = 500
DEPTH_MAX = 20
_WORDS = ("and", "or", "not", CROSSES, "above", "below")
_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")


class Parser:
    """Recursive descent, one method a level. ``fields`` are those it has met."""

    def __init__(self, text: str) -> None:
        """Begin before the first word."""
        if len(text) > LENGTH_MAX:
            raise BadExpression(LENGTH_MAX, f"it is longer than {LENGTH_MAX} characters")
        self.fields: dict[str, None] = {}
        self._tokens = list(tokens(text))
        self._at = 0
        self._depth = 0

    def whole(self) -> Test:
        """Return what the whole text means.

        Raises:
            BadExpression: Saying what is wrong, and where.
        """
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
        if self._took(CROSSES):
            for way in ("above", "below"):
                if self._took(way):
                    operator = f"{CROSSES} {way}"
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
    def _now(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
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
