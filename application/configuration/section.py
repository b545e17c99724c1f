"""One mapping of a configuration, read setting by setting.

A section notes every mistake and raises none, and what nobody asked for is unknown: so a
setting cannot be forgotten by the reader and then be ignored.

    with Section(tree, "bots[0].rsi", problems) as rsi:
        length = rsi.read("length", whole(1, 1000), 14)
"""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self, TypeVar

from application.configuration.scalar import Parse, Unusable
from application.configuration.tree import Problem, Tree, enumerated, join, nearest, shown

T = TypeVar("T")


class Section:
    """Reads one mapping; when it is left, whatever was not asked for is a problem."""

    def __init__(self, tree: Tree, path: str, problems: list[Problem]) -> None:
        """Take the mapping at ``path``; None is an empty one, anything else a problem."""
        self.path = path
        self.problems = problems
        self._asked: list[str] = []
        self._settings: Mapping[str, Tree] = {}
        self._is_mapping = True
        if isinstance(tree, Mapping):
            self._settings = tree
        elif tree is not None:
            self._is_mapping = False
            problems.append(Problem(path, f"must be a mapping, was {shown(tree)}"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Report what is left over."""
        for name in self._settings:
            if name not in self._asked:
                hint = nearest(name, self._asked) or f"; known here: {self._known()}"
                self.problems.append(
                    Problem(join(self.path, name), f"is not a known setting{hint}")
                )

    def has(self, name: str) -> bool:
        """Say whether a setting is given, be it as null."""
        self._ask(name)
        return name in self._settings

    def raw(self, name: str) -> Tree:
        """Return a setting as it stands; None when it is not given."""
        self._ask(name)
        return self._settings.get(name)

    def read(self, name: str, parse: Parse[T], default: T) -> T:
        """Return a setting's value, or the default where it is not given or not usable."""
        if not self.has(name):
            return default
        try:
            return parse(self._settings[name])
        except Unusable as error:
            self.refuse(name, str(error))
            return default

    def require(self, name: str, parse: Parse[T], stand_in: T) -> T:
        """Return a setting's value; without one, ``stand_in`` together with a problem."""
        if not self.has(name) and self._is_mapping:
            self.refuse(name, "is missing")
        return self.read(name, parse, stand_in)

    def child(self, name: str) -> "Section":
        """Return the section below a setting; an empty one when it is not given."""
        return Section(self.raw(name), join(self.path, name), self.problems)

    def items(self, name: str) -> list[tuple[str, Tree]]:
        """Return the entries of a list, each with its path; none when it is not given."""
        tree = self.raw(name)
        if isinstance(tree, Sequence) and not isinstance(tree, str):
            path = join(self.path, name)
            return [(f"{path}[{index}]", item) for index, item in enumerate(tree)]
        if tree is not None:
            self.refuse(name, f"must be a list, was {shown(tree)}")
        return []

    def mapping(self, name: str) -> Mapping[str, Tree]:
        """Return a mapping whose names are free; an empty one when it is not given."""
        tree = self.raw(name)
        if isinstance(tree, Mapping):
            return tree
        if tree is not None:
            self.refuse(name, f"must be a mapping, was {shown(tree)}")
        return {}

    def refuse(self, name: str, message: str) -> None:
        """Note a problem of a setting; an empty name means the section itself."""
        self._ask(name)
        self.problems.append(Problem(join(self.path, name), message))

    def is_sound(self, *names: str) -> bool:
        """Say whether none of these settings, nor what is below them, has a problem yet."""
        paths = tuple(join(self.path, name) for name in names)
        return not any(
            _is_at(problem.path, path) for problem in self.problems for path in paths
        )

    def _ask(self, name: str) -> None:
        first = name.partition(".")[0]
        if first and first not in self._asked:
            self._asked.append(first)

    def _known(self) -> str:
        return enumerated(self._asked, "and")


def _is_at(path: str, above: str) -> bool:
    return path == above or path.startswith((f"{above}.", f"{above}["))
