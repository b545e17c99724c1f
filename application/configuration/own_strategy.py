"""A trader's own strategy: a Python class, by entry point or as ``package.module:Class``.

The class takes the bot's ``parameters`` and has ``decide(state, signal, rules)``, which
answers with a ``domain.wish.View``. It must be pure: the same everywhere, at any time.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from domain.reasons import Finding, Reason, refusal
from domain.rules import Rules
from domain.signal import Direction, Signal
from domain.state import BotState
from domain.wish import LEAVE, Strategy, View

GROUP = "signalman.strategies"
"""The group of entry points in which packages name their strategies."""
log = logging.getLogger(__name__)


class NotUsable(Exception):
    """A class that cannot be used, and the setting that says so."""

    def __init__(self, problem: str, setting: str = "strategy") -> None:
        super().__init__(problem)
        self.setting = setting


@dataclass(frozen=True, slots=True)
class OwnStrategy:
    """A strategy of a trader's own; what it raises is an outcome of its own."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    decide: Callable[..., Any] = field(compare=False, repr=False)

    def __call__(self, state: BotState, signal: Signal, rules: Rules) -> View:
        """Answer with the class's wish, or say that it failed."""
        try:
            wish, finding = self.decide(state, signal, rules)
        except Exception as error:
            log.exception("a strategy failed", extra={"strategy": self.name})
            return self._failed(f"{type(error).__name__}: {error}")
        known = wish is None or wish is LEAVE or isinstance(wish, Direction)
        if not known or not isinstance(finding, Finding):
            return self._failed(f"it answered {wish!r}, {finding!r}")
        return wish, finding

    def _failed(self, problem: str) -> View:
        return None, refusal(Reason.STRATEGY_FAILED, problem[:200], self.name)


def find(name: str, parameters: tuple[tuple[str, str], ...]) -> Strategy | None:
    """Return the strategy of a name; None where nothing says that it is one.

    Raises:
        NotUsable: If it is named and cannot be used.
    """
    made = _class_of(name)
    if made is None:
        return None
    try:
        strategy = made(dict(parameters))
    except (TypeError, ValueError, LookupError) as error:
        raise NotUsable(f"are refused by {name}: {error}", "parameters") from None
    decide = getattr(strategy, "decide", None)
    if not callable(decide):
        raise NotUsable(f"names {name}, which has no decide(state, signal, rules)")
    return OwnStrategy(name, parameters, decide)


def _class_of(name: str) -> Callable[..., Any] | None:
    try:
        from importlib.metadata import (  # noqa: PLC0415 - only where one is named
            entry_points,
        )

        for found in entry_points(group=GROUP, name=name):
            loaded: Callable[..., Any] = found.load()
            return loaded
        module, colon, attribute = name.partition(":")
        if not colon:
            return None
        return getattr(import_module(module), attribute)  # type: ignore[no-any-return]
    except (ImportError, AttributeError, ValueError) as error:
        raise NotUsable(f"names {name}, which cannot be imported: {error}") from None
