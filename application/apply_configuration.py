"""Make a configuration file true, and write what is in force back into one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from application.configuration.charts import Listing, Listings
from application.configuration.resolution import read_resolved
from application.configuration.tree import Problem, Source, Tree
from application.configuration.values import Document, FeedConfig
from application.ports.configuration import (
    INSTALLATION,
    Author,
    ChangedMeanwhile,
    ConfigurationStore,
    Deployed,
    EditRefused,
    Kind,
    RevisionRow,
)
from application.proposal import NewToken, Proposal, Wishes, propose, revisions_now
from application.receive_alert import token_digest
from application.records import RevisionId

WEBHOOK = "/webhooks/tradingview/"


class ConfigurationInvalid(Exception):
    """A file cannot be applied; nothing was changed. Carries every problem."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems, in the order of the file."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class NoSuchRevision(LookupError):
    """A thing has no revision of this number."""

    def __init__(self, kind: Kind, name: str, revision: int) -> None:
        """Say which."""
        super().__init__(f"{kind.value} {name} has no revision {revision}")


def alone(row: RevisionRow) -> dict[str, Tree]:
    """Return the document that makes one revision true again."""
    match row.kind:
        case Kind.INSTALLATION:
            return dict(row.tree)
        case kind:
            return {f"{kind.value}s": [row.tree]}


@dataclass(frozen=True, slots=True)
class Back:
    """The revision to go back to, and the newest that whoever asks has looked at."""

    to: RevisionId
    seen: RevisionId | None = None


def _as_seen(kind: Kind, name: str, seen: RevisionId | None) -> dict[str, Tree]:
    if seen is None:
        return {}
    if kind is Kind.INSTALLATION:
        return {"revisions": {"limits": str(seen)}}
    return {"revisions": {f"{kind.value}s": {name: str(seen)}}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What was changed, or would be. A new feed's token is told here and never again."""

    proposal: Proposal
    changed: bool

    @property
    def tokens(self) -> Mapping[str, str]:
        """Return the tokens of the feeds that were made; none where nothing was changed."""
        return self.proposal.tokens if self.changed else MappingProxyType({})

    @property
    def webhook_paths(self) -> Mapping[str, str]:
        """Return where TradingView sends to, by the name of each feed that was made."""
        return {feed: webhook_path(token) for feed, token in self.tokens.items()}


def webhook_path(token: str) -> str:
    """Return the path of the webhook that a token opens."""
    return f"{WEBHOOK}{token}"


def in_force(deployed: Deployed) -> Document:
    """Return everything that is deployed and not archived, as one file's content."""
    return Document(
        feeds=tuple(feed.config for feed in deployed.feeds),
        accounts=tuple(one.config for one in deployed.accounts if not one.archived),
        bots=tuple(bot.config for bot in deployed.bots if not bot.archived),
        limits=deployed.limits,
    )


def revisions_tree(deployed: Deployed) -> dict[str, Tree]:
    """Return ``revisions:`` for a file that is made now: what was changed since is told."""
    now = revisions_now(deployed)
    archived = {bot.config.name for bot in deployed.bots if bot.archived}
    tree: dict[str, Tree] = {
        f"{kind.value}s": {
            name: str(number)
            for (of, name), number in now.items()
            if of is kind and not (kind is Kind.BOT and name in archived)
        }
        for kind in (Kind.FEED, Kind.ACCOUNT, Kind.BOT)
    }
    limits = now.get((Kind.INSTALLATION, INSTALLATION))
    return tree if limits is None else {**tree, "limits": str(limits)}


def _left_out(document: Document, deployed: Deployed, wishes: Wishes) -> Iterator[Problem]:
    """Yield a problem for each bot, not of the file, that an account would rule out now."""
    of_file = {bot.name for bot in document.bots}
    for index, account in enumerate(document.accounts):
        for bot in deployed.bots:
            stays = not (bot.archived or bot.config.name in of_file or wishes.prune)
            if (
                stays
                and bot.config.account == account.name
                and account.symbols
                and bot.symbol not in account.symbols
            ):
                path = f"accounts[{index}].symbols"
                yield Problem(
                    path, f"leaves out {bot.symbol}, which {bot.config.name} trades"
                )


@dataclass(frozen=True, slots=True)
class ApplyConfiguration:
    """The use case behind ``signalman apply``.

    It leaves what the file omits, and touches neither trading states nor secrets. Applying
    the same file again changes nothing.
    """

    configuration: ConfigurationStore
    listings: Iterable[Listing]
    new_token: NewToken

    async def __call__(self, source: Source, wishes: Wishes, author: Author) -> Applied:
        """Apply a file whole, in one transaction, or change nothing.

        Raises:
            ConfigurationInvalid: With everything that is wrong with the file.
            EditRefused: If an open position stands in the way.
        """
        proposal = await self.preview(source, wishes)
        if proposal.obstacles:
            refusal = ChangedMeanwhile if proposal.was_overtaken else EditRefused
            raise refusal("; ".join(proposal.obstacles))
        if not proposal.changes_nothing:
            await self.configuration.edit(proposal.edits, proposal.archive, author)
        return Applied(proposal=proposal, changed=not proposal.changes_nothing)

    async def preview(self, source: Source, wishes: Wishes) -> Proposal:
        """Return what applying the file would change, and change nothing.

        Raises:
            ConfigurationInvalid: With everything that is wrong with the file.
        """
        deployed = await self.configuration.deployed()
        reading = read_resolved(
            source,
            Listings(self.listings),
            feeds={feed.config.name for feed in deployed.feeds},
            accounts={
                one.config.name: one.config for one in deployed.accounts if not one.archived
            },
        )
        if reading.value is None:
            raise ConfigurationInvalid(reading.problems)
        left_out = tuple(_left_out(reading.value, deployed, wishes))
        if left_out:
            raise ConfigurationInvalid(left_out)
        return propose(reading.value, deployed, wishes, self.new_token)

    async def roll_back(
        self, kind: Kind, name: str, back: Back, wishes: Wishes, author: Author
    ) -> Applied:
        """Give a thing the settings of an earlier revision, as a new one.

        Raises:
            NoSuchRevision: If it has none of this number.
            ConfigurationInvalid: If they cannot be used any more.
            EditRefused: If an open position stands in the way, or somebody was faster.
        """
        for row in await self.configuration.history(kind, name):
            if row.id == back.to:
                reason = author.reason or f"back to revision {back.to}"
                source = Source(alone(row) | _as_seen(kind, name, back.seen))
                return await self(source, wishes, replace(author, reason=reason))
        raise NoSuchRevision(kind, name, back.to)

    async def add_feed(self, feed: FeedConfig, author: Author) -> Applied:
        """Make one feed; where it exists already nothing is changed."""
        deployed = await self.configuration.deployed()
        document = Document(feeds=(feed,))
        proposal = propose(document, deployed, Wishes(), self.new_token)
        if not proposal.changes_nothing:
            await self.configuration.edit(proposal.edits, (), author)
        return Applied(proposal=proposal, changed=not proposal.changes_nothing)

    async def rotate_token(self, feed: str, author: Author) -> str | None:
        """Return the feed's new token; the old one goes on for 24 h. None when unknown."""
        token = self.new_token()
        known = await self.configuration.rotate_token(feed, token_digest(token), author)
        return token if known else None
