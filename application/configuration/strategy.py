"""Which strategy a bot follows, what it is told, and when the bot may enter."""

from typing import NamedTuple

from application.configuration.own_strategy import NotUsable, find
from application.configuration.scalar import Unusable, choice
from application.configuration.section import Section
from application.configuration.tree import Tree
from domain.expression import BadExpression, Condition
from domain.hours import Window
from domain.rules import Conditions
from domain.strategy import STRATEGIES
from domain.wish import Strategy

CONDITIONS = ("long", "short", "add", "exit_long", "exit_short")
_BUILT_IN = {name: name for name in STRATEGIES}
_strategy = choice(_BUILT_IN)


class Chosen(NamedTuple):
    """A strategy with what it is told."""

    name: str = "rsi"
    own: Strategy | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    conditions: Conditions = Conditions()


def read_strategy(bot: Section) -> Chosen:
    """Read the strategy, and what belongs to it."""
    written = bot.raw("strategy")
    parameters = _parameters(bot)
    conditions = _conditions(bot.child("conditions"))
    if isinstance(written, str) and written not in _BUILT_IN:
        try:
            own = find(written, parameters)
        except NotUsable as error:
            bot.refuse(error.setting, str(error))
            return Chosen(parameters=parameters)
        if own is not None:
            _refuse_given(bot, ("conditions",), written)
            return Chosen(written, own, parameters, conditions)
    name = bot.read("strategy", _strategy, "rsi")
    idle = ("parameters",) if name == "rules" else ("parameters", "conditions")
    _refuse_given(bot, idle, name)
    enters = conditions.long is not None or conditions.short is not None
    if name == "rules" and not enters and bot.is_sound("conditions"):
        bot.refuse("conditions", "needs long, short or both, such as long: rsi < 30")
    return Chosen(name, None, parameters, conditions)


def read_windows(bot: Section) -> tuple[Window, ...]:
    """Read the trading windows."""
    found: list[Window] = []
    for path, item in bot.items("windows"):
        try:
            found.append(Window.parse(item if isinstance(item, str) else ""))
        except ValueError as error:
            bot.refuse(path.removeprefix(f"{bot.path}."), str(error))
    return tuple(found)


def _conditions(section: Section) -> Conditions:
    with section:
        read = {name: section.read(name, _condition, None) for name in CONDITIONS}
    return Conditions(**read)


def _condition(tree: Tree) -> Condition | None:
    if tree is None:
        return None
    if not isinstance(tree, str):
        raise Unusable.expected("a condition such as rsi < 30", tree)
    try:
        return Condition.parse(tree)
    except BadExpression as error:
        message = f"{error}, in `{tree}`"
        raise Unusable(message) from None


def _parameters(bot: Section) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for name, value in bot.mapping("parameters").items():
        if isinstance(value, str):
            found.append((name, value))
        else:
            bot.refuse(f"parameters.{name}", "must be a single value")
    return tuple(found)


def _refuse_given(bot: Section, names: tuple[str, ...], strategy: str) -> None:
    for name in names:
        tree = bot.raw(name)
        if tree and any(tree.values() if hasattr(tree, "values") else (tree,)):
            bot.refuse(name, f"does nothing with strategy {strategy}; leave it out")
