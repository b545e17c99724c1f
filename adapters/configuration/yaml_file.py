"""YAML as Signalman reads it: every scalar is text, and null is the only other thing.

No type is guessed, so ``0.10`` keeps its digits, ``off`` stays a word and ``12:30`` is no
number of seconds. Whatever could mean something else than it seems to is refused: anchors,
aliases, merge keys, tags, a key given twice. The tree is built from the parser's events
with a stack of its own, so no file can exhaust memory or recursion.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from application.configuration.tree import Problem, Source, Tree, join

SIZE_MAX = 1_048_576
DEPTH_MAX = 20

_NULLS = ("", "~", "null", "Null", "NULL")
_MERGE = "<<"
_TEXT_TAG = "tag:yaml.org,2002:str"
_NULL_TAG = "tag:yaml.org,2002:null"
_MAPPING_TAG = "tag:yaml.org,2002:map"
_LIST_TAG = "tag:yaml.org,2002:seq"


def read_yaml(text: str) -> Source:
    """Return the plain tree of a file with the line of every path.

    The tree is None when the text cannot be read at all, or says nothing.
    """
    if len(text) > SIZE_MAX:
        message = f"must have at most {SIZE_MAX} characters, was {len(text)}"
        return Source(None, problems=(Problem("", message),))
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        builder.problems.append(_syntax(error, text))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = f"contains a character that YAML does not allow: U+{error.character:04X}"
        builder.problems.append(Problem("", message, line))
    except _Unreadable as error:
        builder.problems.append(error.problem)
    else:
        return Source(builder.root, builder.lines, tuple(builder.problems))
    return Source(None, builder.lines, tuple(builder.problems))


def write_yaml(tree: Tree) -> str:
    """Return text that ``read_yaml`` reads back equal, in the order of the tree."""
    return str(
        yaml.serialize(
            _node(tree), Dumper=_Dumper, allow_unicode=True, width=SIZE_MAX, indent=2
        )
    )


class _Unreadable(Exception):
    """The text cannot become a tree; nothing after this place is read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Open:
    """A mapping or a list that is being read."""

    def __init__(self, path: str, holder: dict[str, Tree] | list[Tree]) -> None:
        self.path = path
        self.holder = holder
        self.key: str | None = None

    def next_path(self) -> str:
        if isinstance(self.holder, list):
            return f"{self.path}[{len(self.holder)}]"
        return join(self.path, self.key or "")

    def put(self, value: Tree) -> None:
        if isinstance(self.holder, list):
            self.holder.append(value)
        elif self.key is not None:
            self.holder.setdefault(self.key, value)
            self.key = None

    @property
    def awaits_key(self) -> bool:
        return isinstance(self.holder, dict) and self.key is None


class _Builder:
    """Takes the parser's events one by one and grows the tree."""

    def __init__(self) -> None:
        self.root: Tree = None
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        line = 0 if event.start_mark is None else event.start_mark.line + 1
        match event:
            case yaml.DocumentStartEvent():
                self._begin(line)
            case yaml.AliasEvent():
                self._refuse_here(f"must not be an alias (*{event.anchor})", line)
                self._value(None, line)
            case yaml.ScalarEvent():
                self._refuse_marks(event, line)
                self._scalar(event, line)
            case yaml.MappingStartEvent():
                self._refuse_marks(event, line)
                self._nest({}, line)
            case yaml.SequenceStartEvent():
                self._refuse_marks(event, line)
                self._nest([], line)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._value(self._open.pop().holder, line)
            case _:
                pass

    def _begin(self, line: int) -> None:
        self._documents += 1
        if self._documents > 1:
            raise _Unreadable(
                Problem("", "must be one YAML document, a second begins", line)
            )

    def _path(self) -> str:
        return self._open[-1].next_path() if self._open else ""

    def _refuse_here(self, message: str, line: int) -> None:
        self.problems.append(Problem(self._path(), message, line))

    def _refuse_marks(self, event: yaml.NodeEvent, line: int) -> None:
        if event.anchor is not None:
            self._refuse_here(f"must not have an anchor (&{event.anchor})", line)
        tag = getattr(event, "tag", None)
        if tag is not None:
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            self._refuse_here(f"must not have a tag ({shown})", line)

    def _nest(self, holder: dict[str, Tree] | list[Tree], line: int) -> None:
        if self._open and self._open[-1].awaits_key:
            raise _Unreadable(Problem(self._path(), "must have text for a key", line))
        if len(self._open) >= DEPTH_MAX:
            message = f"must be nested at most {DEPTH_MAX} deep"
            raise _Unreadable(Problem(self._path(), message, line))
        path = self._path()
        self.lines.setdefault(path, line)
        self._open.append(_Open(path, holder))

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        plain = event.style in (None, "")
        text = str(event.value)
        if self._open and self._open[-1].awaits_key:
            self._key(text, plain=plain, line=line)
        else:
            self._value(None if plain and text in _NULLS else text, line)

    def _key(self, text: str, *, plain: bool, line: int) -> None:
        parent = self._open[-1]
        parent.key = text
        path = self._path()
        if plain and text in _NULLS:
            self._refuse_here("must have text for a key, was null", line)
        elif plain and text == _MERGE:
            self._refuse_here("must not be a merge key", line)
        elif text in parent.holder:
            first = self.lines[path]
            self._refuse_here(f"must be given once, stands in line {first} already", line)
        self.lines.setdefault(path, line)

    def _value(self, value: Tree, line: int) -> None:
        if not self._open:
            self.root = value
            return
        self.lines.setdefault(self._path(), line)
        self._open[-1].put(value)


def _syntax(error: yaml.MarkedYAMLError, text: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Problem("", f"cannot be read as YAML: {error.problem}")
    line, column = mark.line + 1, mark.column + 1
    if text[mark.index : mark.index + 1] == "\t":
        return Problem(
            "", f"must be indented with spaces, has a tab in column {column}", line
        )
    return Problem("", f"cannot be read as YAML at column {column}: {error.problem}", line)


class _Dumper(yaml.SafeDumper):
    """Quotes text that would be read as null or as a merge key, and no other words."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        """Say what a plain scalar is read as; a node that is something else gets quotes."""
        if kind is yaml.ScalarNode:
            return _NULL_TAG if implicit[0] and value in (*_NULLS, _MERGE) else _TEXT_TAG
        return _MAPPING_TAG if kind is yaml.MappingNode else _LIST_TAG

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002, ARG002 - PyYAML calls it so
        """Indent lists below their key, as people write them."""
        super().increase_indent(flow=flow, indentless=False)


def _node(tree: Tree) -> yaml.Node:
    match tree:
        case None:
            return yaml.ScalarNode(_NULL_TAG, "null")
        case str():
            # What cannot be seen is written as an escape.
            return yaml.ScalarNode(
                _TEXT_TAG, tree, style=None if tree.isprintable() else '"'
            )
        case Mapping():
            pairs = [(_node(key), _node(value)) for key, value in tree.items()]
            return yaml.MappingNode(_MAPPING_TAG, pairs, flow_style=not pairs)
        case Sequence():
            items = [_node(item) for item in tree]
            return yaml.SequenceNode(_LIST_TAG, items, flow_style=not items)
