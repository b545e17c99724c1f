"""Conditions a trader writes: ``rsi < 30 and plots.ema200 < price``, ``rsi crosses 50``.

==================  ============================================================
 a condition         comparisons joined by ``and``, ``or``, ``not``, parentheses
 a comparison        ``<  <=  >  >=  ==  !=  crosses  crosses above  crosses below``
 a term              a number, a field by its dotted name, ``+  -  *``, parentheses
==================  ============================================================

Numbers are exact. A cross looks at the bar just before as well.
"""

from dataclasses import dataclass

from domain.expression_parser import Parser
from domain.expression_tokens import BadExpression
from domain.expression_tree import Lookup, Test, crossed, holds

__all__ = ["BadExpression", "Condition", "Lookup"]


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
        parser = Parser(text)
        test = parser.whole()
        crosses = dict.fromkeys(crossed(test))
        return cls(text, test, tuple(parser.fields), tuple(crosses))

    def holds(self, now: Lookup, before: Lookup) -> bool:
        """Say whether it holds; ``before`` is asked only for what a cross compares."""
        return holds(self.test, now, before)
