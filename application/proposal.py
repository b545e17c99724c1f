"""What a configuration file would change, seen before anything is changed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType

from application.configuration.tree import Tree
from application.configuration.values import BotConfig, Document, SeenRevisions
from application.configuration.writer import (
    Change,
    account_tree,
    bot_tree,
    diff,
    feed_tree,
    installation_tree,
)
from application.ports.configuration import (
    INSTALLATION,
    NEVER,
    Deployed,
    DeployedBot,
    Edit,
    Kind,
)
from application.receive_alert import token_digest
from application.records import RevisionId

LIVE, LIMITS = "live", "limits"
_FIXED_WHILE_OPEN = ("account", "symbol", "chart")

NewToken = Callable[[], str]


class Verb(Enum):
    """What happens to one thing."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ARCHIVED = "archived"
    LEFT = "left as it is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One feed, account, bot or the installation, and what the file makes of it.

    ``note`` says what the trader should know besides: what stands in the way of the change,
    or what an open position keeps.
    """

    kind: Kind
    name: str
    verb: Verb
    changes: tuple[Change, ...] = ()
    note: str = ""
    stands_in_the_way: bool = False
    was_overtaken: bool = False
    """Whether somebody changed it since whoever made the file looked at it."""
    touches_brakes: bool = False
    """Whether limits or an account in live mode are concerned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The edits that make the file true. ``tokens`` are new feeds', in the clear."""

    differences: tuple[Difference, ...]
    edits: tuple[Edit, ...]
    archive: tuple[str, ...] = ()
    tokens: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def changes_nothing(self) -> bool:
        """Say whether everything is as the file says already."""
        return not self.edits and not self.archive

    @property
    def touches_brakes(self) -> bool:
        """Say whether it changes limits, or an account that trades real money."""
        return any(
            one.verb in (Verb.NEW, Verb.CHANGED) and one.touches_brakes
            for one in self.differences
        )

    @property
    def was_overtaken(self) -> bool:
        """Say whether something was changed that whoever made the file has not seen."""
        return any(one.was_overtaken for one in self.differences)

    @property
    def obstacles(self) -> tuple[str, ...]:
        """Return why the store will refuse the change, as far as it can be seen now."""
        return tuple(one.note for one in self.differences if one.stands_in_the_way)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How a file is to be applied: ``prune`` archives bots that it does not name."""

    prune: bool = False
    adopt: bool = False
    """Whether open positions take their bots' new rules at once."""


def propose(
    document: Document, deployed: Deployed, wishes: Wishes, new_token: NewToken
) -> Proposal:
    """Compare a file with what is in force."""
    tokens: dict[str, str] = {}
    differences: list[Difference] = []
    edits: list[Edit] = []
    for difference, edit in _compared(document, deployed, wishes):
        differences.append(difference)
        if difference.verb not in (Verb.NEW, Verb.CHANGED):
            continue
        digest = None
        if edit.kind is Kind.FEED and difference.verb is Verb.NEW:
            tokens[edit.name] = new_token()
            digest = token_digest(tokens[edit.name])
        edits.append(replace(edit, token_digest=digest))
    rest = tuple(_unnamed(document, deployed, prune=wishes.prune))
    return Proposal(
        differences=(*differences, *rest),
        edits=tuple(edits),
        archive=tuple(one.name for one in rest if one.verb is Verb.ARCHIVED),
        tokens=MappingProxyType(tokens),
    )


def _compared(
    document: Document, deployed: Deployed, wishes: Wishes
) -> Iterator[tuple[Difference, Edit]]:
    now = revisions_now(deployed)
    for difference, edit in _pairs(document, deployed, wishes):
        newest = now.get((edit.kind, edit.name), NEVER)
        seen = _seen(document.seen, edit)
        overtaken = seen not in (None, newest) and difference.verb is Verb.CHANGED
        told = _overtaken(difference, seen, newest) if overtaken else difference
        yield told, replace(edit, expected=newest if seen is None else seen)


def revisions_now(deployed: Deployed) -> dict[tuple[Kind, str], RevisionId]:
    """Return the newest revision of everything."""
    now = {(Kind.FEED, one.config.name): one.revision for one in deployed.feeds}
    now |= {(Kind.ACCOUNT, one.config.name): one.revision for one in deployed.accounts}
    now |= {(Kind.BOT, one.config.name): one.revision for one in deployed.bots}
    if deployed.limits_revision is not None:
        now[Kind.INSTALLATION, INSTALLATION] = deployed.limits_revision
    return now


def _seen(seen: SeenRevisions, edit: Edit) -> RevisionId | None:
    named = {Kind.FEED: seen.feeds, Kind.ACCOUNT: seen.accounts, Kind.BOT: seen.bots}
    of = named.get(edit.kind, {})
    number = seen.limits if edit.kind is Kind.INSTALLATION else of.get(edit.name)
    return None if number is None else RevisionId(number)


def _overtaken(
    difference: Difference, seen: RevisionId | None, newest: RevisionId
) -> Difference:
    """Say that somebody else was faster than whoever made the file."""
    is_installation = difference.kind is Kind.INSTALLATION
    what = "limits" if is_installation else f"{difference.kind.value} {difference.name}"
    verb = "were" if is_installation else "was"
    note = (
        f"{what} {verb} changed meanwhile: the file was made from revision {seen}, and the "
        f"newest is {newest}; look at it again"
    )
    return replace(difference, note=note, stands_in_the_way=True, was_overtaken=True)


def _pairs(
    document: Document, deployed: Deployed, wishes: Wishes
) -> Iterator[tuple[Difference, Edit]]:
    feeds = {feed.config.name: feed_tree(feed.config) for feed in deployed.feeds}
    for feed in document.feeds:
        yield _thing(Kind.FEED, feed.name, feeds.get(feed.name), feed_tree(feed))
    accounts = {
        one.config.name: account_tree(one.config)
        for one in deployed.accounts
        if not one.archived
    }
    for account in document.accounts:
        old = accounts.get(account.name)
        yield _thing(Kind.ACCOUNT, account.name, old, account_tree(account))
    known = {bot.config.name: bot for bot in deployed.bots if not bot.archived}
    for bot in document.bots:
        yield _bot(bot, known.get(bot.name), wishes)
    if document.limits is not None:
        old = installation_tree(deployed.limits)
        new = installation_tree(document.limits)
        yield _thing(Kind.INSTALLATION, INSTALLATION, old, new)


def _thing(
    kind: Kind, name: str, old: Tree, new: Mapping[str, Tree]
) -> tuple[Difference, Edit]:
    return _difference(kind, name, old, new), Edit(kind=kind, name=name, tree=new)


def _difference(kind: Kind, name: str, old: Tree, new: Tree) -> Difference:
    is_live = kind is Kind.ACCOUNT and LIVE in (_mode(old), _mode(new))
    if old is None:
        return Difference(kind=kind, name=name, verb=Verb.NEW, touches_brakes=is_live)
    changes = diff(old, new)
    verb = Verb.CHANGED if changes else Verb.UNCHANGED
    return Difference(
        kind=kind,
        name=name,
        verb=verb,
        changes=changes,
        touches_brakes=is_live or any(one.path.startswith(LIMITS) for one in changes),
    )


def _mode(tree: Tree) -> Tree:
    return tree.get("mode") if isinstance(tree, Mapping) else None


def _bot(
    bot: BotConfig, known: DeployedBot | None, wishes: Wishes
) -> tuple[Difference, Edit]:
    new, adopt = bot_tree(bot), wishes.adopt
    old = None if known is None else {**bot_tree(known.config), "symbol": known.symbol}
    difference = _difference(Kind.BOT, bot.name, old, new)
    if known is not None and known.has_position:
        if adopt and known.bound_revision != known.revision:
            difference = replace(difference, verb=Verb.CHANGED)
        if difference.verb is Verb.CHANGED:
            difference = _while_open(difference, adopt=adopt)
    edit = Edit(
        kind=Kind.BOT,
        name=bot.name,
        tree=new,
        symbol=bot.symbol,
        adopt=adopt,
    )
    return difference, edit


def _while_open(difference: Difference, *, adopt: bool) -> Difference:
    """Say what becomes of the position that the bot holds."""
    fixed = [
        change.path
        for change in difference.changes
        if change.path.split(".")[0] in _FIXED_WHILE_OPEN
    ]
    note = (
        "its open position takes the new rules at once"
        if adopt
        else "its open position keeps the rules it was opened with"
    )
    if fixed:
        note = (
            f"bot {difference.name} holds a position, and {', '.join(fixed)} cannot change "
            "while it does; close it first"
        )
    return replace(difference, note=note, stands_in_the_way=bool(fixed))


def _unnamed(
    document: Document, deployed: Deployed, *, prune: bool
) -> Iterator[Difference]:
    """Yield the bots in force that the file leaves out."""
    named = {bot.name for bot in document.bots}
    for bot in deployed.bots:
        name = bot.config.name
        if bot.archived or name in named:
            continue
        if not prune:
            yield Difference(kind=Kind.BOT, name=name, verb=Verb.LEFT)
            continue
        open_note = f"bot {name} holds a position; close it before it is archived"
        yield Difference(
            kind=Kind.BOT,
            name=name,
            verb=Verb.ARCHIVED,
            note=open_note if bot.has_position else "",
            stands_in_the_way=bot.has_position,
        )
