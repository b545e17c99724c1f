"""The settings to try: axes of a grid, and the configuration of each combination.

================================================  ========================================
``bot: my-bots.yaml``                             the file of the bot, beside the grid's
``axes: {rsi.length: [7, 14], ...}``              a path in the bot's settings, and values
``rsi.oversold: {from: 20, to: 40, step: 5}``     the same as a range
``rank_by: recovery_factor``                      any figure of a sweep
``train: 0.7``                                    the share of bars to choose on
``walk_forward: 5``                               how many windows to choose and test on
================================================  ========================================
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import product
from math import prod

from application.configuration.tree import Problem, Source, Tree, located, nearest, shown
from application.exploring.figures import FIGURES, RANK_BY

COMBINATIONS_MAX = 100_000
_KEYS = ("bot", "axes", "rank_by", "min_trades", "train", "walk_forward")
_RANGE = {"from", "to", "step"}
Values = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """One setting of the bot and the values to try, in the order in which they are near."""

    path: str
    values: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """What to try and how to judge it."""

    axes: tuple[Axis, ...]
    bot: str | None = None
    """The file of the bot, relative to the grid's; None where it is given otherwise."""
    rank_by: str = RANK_BY
    min_trades: int = 30
    train: Decimal | None = None
    walk_forward: int = 0

    @property
    def size(self) -> int:
        """Return how many combinations there are."""
        return prod(len(axis.values) for axis in self.axes)

    def combinations(self) -> Iterator[Values]:
        """Yield every combination, the last axis changing fastest."""
        return product(*(axis.values for axis in self.axes))


class GridInvalid(Exception):
    """The grid cannot be used. Carries every problem with its line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def read_grid(source: Source) -> Grid:
    """Read a grid.

    Raises:
        GridInvalid: With all its mistakes.
    """
    if source.problems or not isinstance(source.tree, Mapping):
        empty = Problem("", "must have axes, was empty")
        raise GridInvalid(source.problems or (empty,))
    tree = source.tree
    problems = [
        Problem(key, f"is not known{nearest(key, _KEYS)}")
        for key in tree
        if key not in _KEYS
    ]
    grid = Grid(
        axes=_axes(tree.get("axes"), problems),
        bot=_text(tree, "bot", problems),
        rank_by=_rank_by(tree, problems),
        min_trades=int(_number(tree, "min_trades", Decimal(30), problems)),
        train=_train(tree, problems),
        walk_forward=int(_number(tree, "walk_forward", Decimal(0), problems)),
    )
    if grid.size > COMBINATIONS_MAX:
        text = f"must have at most {COMBINATIONS_MAX:,} combinations, has {grid.size:,}"
        problems.append(Problem("axes", text))
    if problems:
        raise GridInvalid(located(problems, source.lines))
    return grid


def with_values(tree: Tree, bot: str, axes: Sequence[Axis], values: Values) -> Tree:
    """Return a configuration in which the settings of one of its bots are replaced."""
    if not isinstance(tree, Mapping) or not isinstance(bots := tree.get("bots"), Sequence):
        return tree
    changed: list[Tree] = []
    for one in bots:
        if isinstance(one, Mapping) and one.get("name") == bot:
            for axis, value in zip(axes, values, strict=True):
                one = _replaced(one, axis.path.split("."), value)  # noqa: PLW2901 - it grows
        changed.append(one)
    return {**tree, "bots": changed}


def _replaced(tree: Tree, path: Sequence[str], value: str | None) -> Mapping[str, Tree]:
    known: Mapping[str, Tree] = tree if isinstance(tree, Mapping) else {}
    first, *rest = path
    below = _replaced(known.get(first), rest, value) if rest else value
    return {**known, first: below}


def _axes(tree: Tree, problems: list[Problem]) -> tuple[Axis, ...]:
    if not isinstance(tree, Mapping) or not tree:
        text = f"must map settings of the bot to values to try, was {shown(tree)}"
        problems.append(Problem("axes", text))
        return ()
    return tuple(Axis(path, _values(path, given, problems)) for path, given in tree.items())


def _values(path: str, given: Tree, problems: list[Problem]) -> Values:
    place = f"axes.{path}"
    if isinstance(given, Mapping):
        return _range(place, given, problems)
    values = given if isinstance(given, list | tuple) else [given]
    plain = tuple(value for value in values if value is None or isinstance(value, str))
    if not values or len(plain) < len(values):
        problems.append(Problem(place, f"must be a list of values, was {shown(given)}"))
    if len(set(plain)) < len(plain):
        problems.append(Problem(place, "must name each value once"))
    return plain


def _range(place: str, given: Mapping[str, Tree], problems: list[Problem]) -> Values:
    numbers = {key: _decimal(value) for key, value in given.items()}
    first, last, step = (numbers.get(key) for key in ("from", "to", "step"))
    if set(numbers) != _RANGE or first is None or last is None or not step or step < 0:
        problems.append(Problem(place, "must be {from, to, step} with a step above 0"))
        return ()
    count = int((last - first) / step)
    if not 0 <= count <= COMBINATIONS_MAX:
        problems.append(Problem(place, f"must lead from {first} up to {last}"))
        return ()
    return tuple(f"{first + step * number:f}" for number in range(count + 1))


def _decimal(tree: Tree) -> Decimal | None:
    try:
        number = Decimal(tree) if isinstance(tree, str) else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _number(
    tree: Mapping[str, Tree], key: str, default: Decimal, problems: list[Problem]
) -> Decimal:
    if key not in tree:
        return default
    number = _decimal(tree[key])
    if number is None or number < 0 or number != number.to_integral_value():
        text = f"must be a whole number from 0 on, was {shown(tree[key])}"
        problems.append(Problem(key, text))
        return default
    return number


def _train(tree: Mapping[str, Tree], problems: list[Problem]) -> Decimal | None:
    if tree.get("train") is None:
        return None
    share = _decimal(tree["train"])
    if share is None or not Decimal(0) < share < Decimal(1):
        text = f"must be a share of the bars like 0.7, was {shown(tree['train'])}"
        problems.append(Problem("train", text))
    return share


def _rank_by(tree: Mapping[str, Tree], problems: list[Problem]) -> str:
    key = _text(tree, "rank_by", problems) or RANK_BY
    if key not in FIGURES:
        known = ", ".join(FIGURES)
        problems.append(Problem("rank_by", f"must be one of {known}, was {key!r}"))
    return key


def _text(tree: Mapping[str, Tree], key: str, problems: list[Problem]) -> str | None:
    value = tree.get(key)
    if value is not None and not isinstance(value, str):
        problems.append(Problem(key, f"must be text, was {shown(value)}"))
        return None
    return value
