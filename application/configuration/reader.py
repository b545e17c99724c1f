"""From a plain tree to a document: all problems at once, and never an exception.

A document in which anything is wrong has no value at all, so that nothing is half applied.
"""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from application.configuration import account as accounts
from application.configuration import bot as bots
from application.configuration.limits import INSTALLATION, read_limits
from application.configuration.section import Section
from application.configuration.seen import read_seen
from application.configuration.tree import (
    Problem,
    Reading,
    Source,
    Tree,
    located,
    nearest,
)
from application.configuration.values import (
    NOTHING_SEEN,
    AccountConfig,
    BotConfig,
    Document,
    FeedConfig,
    SeenRevisions,
)
from domain.risk import Limits

T = TypeVar("T")
Items: TypeAlias = list[tuple[str, Tree]]


@dataclass(frozen=True, slots=True)
class Known:
    """Names that a document may refer to without defining them."""

    feeds: AbstractSet[str] = frozenset()
    accounts: AbstractSet[str] = frozenset()


NOTHING_KNOWN = Known()


@dataclass(frozen=True, slots=True)
class Draft:
    """What could be read of a document, good or not.

    Each thing stands at the place it has in the file, None where it has a problem.
    """

    feeds: tuple[FeedConfig | None, ...] = ()
    accounts: tuple[AccountConfig | None, ...] = ()
    bots: tuple[BotConfig | None, ...] = ()
    limits: Limits | None = None
    seen: SeenRevisions = NOTHING_SEEN
    problems: tuple[Problem, ...] = ()


def read_document(source: Source, known: Known = NOTHING_KNOWN) -> Reading[Document]:
    """Read a whole file; ``known`` are feeds and accounts that exist already."""
    draft = read_draft(source, known)
    return finished(draft.bots, draft, source)


def finished(
    bots: Iterable[BotConfig | None], draft: Draft, source: Source
) -> Reading[Document]:
    """Return a draft's document, or its problems with their lines."""
    if draft.problems:
        return Reading(None, located(draft.problems, source.lines))
    return Reading(
        Document(
            feeds=_present(draft.feeds),
            accounts=_present(draft.accounts),
            bots=_present(bots),
            limits=draft.limits,
            seen=draft.seen,
        )
    )


def read_draft(source: Source, known: Known = NOTHING_KNOWN) -> Draft:
    """Read what can be read of a file, for further checks on the sound parts of it."""
    if source.tree is None:
        empty = Problem("", "must have feeds, accounts, bots or limits, was empty")
        return Draft(problems=source.problems or (empty,))
    problems = list(source.problems)
    with Section(source.tree, "", problems) as top:
        items = {part: top.items(part) for part in ("feeds", "accounts", "bots")}
        feeds = _each(items["feeds"], accounts.read_feed, problems)
        kept = _each(items["accounts"], accounts.read_account, problems)
        traders = _each(items["bots"], bots.read_bot, problems)
        limits = _installation(top)
        seen = read_seen(top.child("revisions"))
    for listed in items.values():
        problems += _doubled(listed)
    for name, existing, part in (
        ("feed", known.feeds, "feeds"),
        ("account", known.accounts, "accounts"),
    ):
        problems += _dangling(items["bots"], name, existing | _names(items[part]).keys())
    given = limits if top.has("limits") else None
    return Draft(feeds, kept, traders, given, seen, tuple(problems))


def read_feed(tree: Tree) -> Reading[FeedConfig]:
    """Read one feed by itself, as a revision keeps it."""
    return _alone(tree, accounts.read_feed)


def read_account(tree: Tree) -> Reading[AccountConfig]:
    """Read one account by itself, as a revision keeps it."""
    return _alone(tree, accounts.read_account)


def read_bot(tree: Tree) -> Reading[BotConfig]:
    """Read one bot by itself, as a revision keeps it; its references are not looked up."""
    return _alone(tree, bots.read_bot)


def read_installation(tree: Tree) -> Reading[Limits]:
    """Read the installation's own settings by themselves, as a revision keeps them."""

    def read(top: Section) -> Limits:
        with top:
            return _installation(top)

    return _alone(tree, read)


def _installation(top: Section) -> Limits:
    return read_limits(top.child("limits"), INSTALLATION)


def _each(
    items: Items, read: Callable[[Section], T], problems: list[Problem]
) -> tuple[T | None, ...]:
    found: list[T | None] = []
    for path, item in items:
        before = len(problems)
        value = read(Section(item, path, problems))
        found.append(value if len(problems) == before else None)
    return tuple(found)


def _alone(tree: Tree, read: Callable[[Section], T]) -> Reading[T]:
    problems: list[Problem] = []
    value = read(Section(tree, "", problems))
    return Reading(None, tuple(problems)) if problems else Reading(value)


def _present(values: Iterable[T | None]) -> tuple[T, ...]:
    return tuple(value for value in values if value is not None)


def _names(items: Items) -> dict[str, str]:
    """Return every name that is given, usable or not, with the path of its first owner."""
    names: dict[str, str] = {}
    for path, item in items:
        if (name := _text(item, "name")) is not None:
            names.setdefault(name, path)
    return names


def _doubled(items: Items) -> list[Problem]:
    owners = _names(items)
    return [
        Problem(f"{path}.name", f"is the name of {owners[name]} already, was {name!r}")
        for path, item in items
        if (name := _text(item, "name")) is not None and owners[name] != path
    ]


def _dangling(items: Items, name: str, existing: AbstractSet[str]) -> list[Problem]:
    return [
        Problem(
            f"{path}.{name}",
            f"must name one of the {name}s, was {text!r}{nearest(text, existing)}",
        )
        for path, item in items
        if (text := _text(item, name)) is not None and text not in existing
    ]


def _text(item: Tree, name: str) -> str | None:
    value = item.get(name) if isinstance(item, Mapping) else None
    return value if isinstance(value, str) else None
