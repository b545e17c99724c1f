"""One edit: a revision, and the row that is in force by it."""

from adapters.store import refusals
from adapters.store.memory.database import MemoryDatabase
from adapters.store.memory.rows import AccountRow, BotRow, FeedRow
from adapters.store.memory.usage import holds
from adapters.store.shared import plain_tree
from application.configuration.reader import (
    read_account,
    read_bot,
    read_feed,
    read_installation,
)
from application.configuration.values import BotConfig
from application.ports.configuration import Author, Edit, Kind, RevisionRow
from application.records import AccountId, BotId, FeedId, IntentStatus, RevisionId
from domain.instrument import Symbol
from domain.state import BotState

_LIVE = (IntentStatus.WAITING, IntentStatus.WORKING, IntentStatus.NEEDS_OPERATOR)


def make_edit(database: MemoryDatabase, edit: Edit, author: Author) -> None:
    """Make one thing new, or give it its next revision; nothing when nothing changes.

    Raises:
        EditRefused: Saying what stands in the way.
    """
    if _is_unchanged(database, edit):
        return
    newest = _newest(database, edit)
    if newest is not None and edit.expected not in (None, newest.id):
        raise refusals.changed_meanwhile(edit.kind, edit.name, newest)
    revision = RevisionId(len(database.revisions) + 1)
    database.revisions.append(
        RevisionRow(
            id=revision,
            kind=edit.kind,
            name=edit.name,
            tree=plain_tree(edit.tree),
            author=author,
            at=database.clock.now(),
        )
    )
    match edit.kind:
        case Kind.FEED:
            _feed(database, edit, revision)
        case Kind.ACCOUNT:
            _account(database, edit, revision)
        case Kind.BOT:
            _bot(database, edit, revision)
        case Kind.INSTALLATION:
            limits = read_installation(edit.tree).value
            if limits is None:
                raise refusals.unreadable(edit.kind, edit.name)
            database.limits = limits


def hold_symbols(database: MemoryDatabase) -> None:
    """See to it that each bot trades what its account may, once all edits are made.

    Raises:
        EditRefused: Naming the first bot that does not.
    """
    allowed = {
        row.id: (name, row.config.symbols) for name, row in database.accounts.items()
    }
    for name, bot in database.bots.items():
        account, symbols = allowed[bot.account]
        if symbols and bot.symbol not in symbols and not bot.archived:
            raise refusals.left_out(name, bot.symbol, account)


def busy(database: MemoryDatabase, bot: BotRow) -> str:
    """Return what a bot still has to do with the market; empty when it is flat."""
    if holds(database, bot):
        return refusals.HOLDS
    intents = (
        intent.status
        for row in database.jobs.values()
        for intent in row.job.intents
        if intent.bot == bot.id
    )
    if any(status in _LIVE for status in intents):
        return refusals.ORDERS
    waits = any(row.job.bot == bot.id for row in database.unfinished(bot.key))
    return refusals.WAITS if waits else ""


def _is_unchanged(database: MemoryDatabase, edit: Edit) -> bool:
    newest = _newest(database, edit)
    if newest is None or newest.tree != plain_tree(edit.tree):
        return False
    if edit.kind is Kind.FEED:
        # Somebody else made it just now: this token would never open it.
        return edit.token_digest is None or edit.expected is None
    if edit.kind is not Kind.BOT:
        return True
    bot = database.bots.get(edit.name)
    return bot is not None and not bot.archived and bot.symbol == edit.symbol


def _newest(database: MemoryDatabase, edit: Edit) -> RevisionRow | None:
    for one in reversed(database.revisions):
        if (one.kind, one.name) == (edit.kind, edit.name):
            return one
    return None


def _feed(database: MemoryDatabase, edit: Edit, revision: RevisionId) -> None:
    config = read_feed(edit.tree).value
    if config is None:
        raise refusals.unreadable(edit.kind, edit.name)
    known = database.feeds.get(edit.name)
    if known is not None:
        known.config, known.revision = config, revision
        return
    if edit.token_digest is None:
        raise refusals.without_token(edit.name)
    id = FeedId(len(database.feeds) + 1)
    now = database.clock.now()
    database.feeds[edit.name] = FeedRow(id, config, now, edit.token_digest, revision)


def _account(database: MemoryDatabase, edit: Edit, revision: RevisionId) -> None:
    config = read_account(edit.tree).value
    if config is None:
        raise refusals.unreadable(edit.kind, edit.name)
    known = database.accounts.get(edit.name)
    if known is None:
        id = AccountId(len(database.accounts) + 1)
        database.accounts[edit.name] = AccountRow(id, config, revision)
        return
    for fixed, was, now in (
        ("exchange", known.config.exchange, config.exchange),
        ("mode", known.config.mode, config.mode),
    ):
        if was != now:
            raise refusals.fixed_for_life(edit.name, fixed, was)
    known.config, known.revision, known.archived = config, revision, False


def _bot(database: MemoryDatabase, edit: Edit, revision: RevisionId) -> None:
    config = read_bot(edit.tree).value
    if config is None:
        raise refusals.unreadable(edit.kind, edit.name)
    account = database.accounts.get(config.account)
    feed = database.feeds.get(config.feed)
    if account is None or feed is None or edit.symbol is None:
        raise refusals.unresolved(edit.name)
    known = database.bots.get(edit.name)
    if known is None:
        id = BotId(len(database.bots) + 1)
        database.bots[edit.name] = BotRow(
            id, config, edit.symbol, account.id, feed.id, revision
        )
        return
    _move(database, known, (account.id, edit.symbol, config))
    known.past = {**known.past, known.revision: known.config}
    known.config, known.revision, known.archived = config, revision, False
    known.account, known.symbol, known.feed = account.id, edit.symbol, feed.id
    if edit.adopt and known.bound is not None:
        known.bound = (revision, config)


def _move(
    database: MemoryDatabase, known: BotRow, to: tuple[AccountId, Symbol, BotConfig]
) -> None:
    """Let a flat bot go to another market or chart; what it remembers stays behind."""
    account, symbol, config = to
    changes = {
        "account": known.account != account,
        "symbol": known.symbol != symbol,
        "chart": known.config.chart.key != config.chart.key,
    }
    moved = [name for name, differs in changes.items() if differs]
    if not moved:
        return
    held = busy(database, known)
    if held:
        raise refusals.moving(known.config.name, moved, held)
    database.timers.pop(known.id, None)
    known.state = BotState(position=known.state.position)
    if moved != ["chart"]:
        known.state, known.bound = BotState(), None
