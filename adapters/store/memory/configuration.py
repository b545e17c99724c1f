"""Configuration in memory: what is in force, its history, and who may trade."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.store import refusals
from adapters.store.memory.database import MemoryDatabase
from adapters.store.memory.editing import busy, hold_symbols, make_edit
from adapters.store.memory.rows import BotRow
from adapters.store.memory.states import set_state
from adapters.store.memory.usage import holds
from adapters.store.shared import TOKEN_GRACE, on_market
from application.configuration.charts import Listing
from application.ports.configuration import (
    Author,
    Deployed,
    DeployedAccount,
    DeployedBot,
    DeployedFeed,
    Edit,
    EditRefused,
    Kind,
    RevisionRow,
    Scope,
    StateChange,
)
from application.ports.news import EventKind
from application.records import BotId, RevisionId
from domain.risk import TradingState

_ORDER = tuple(Scope)


@dataclass(frozen=True, slots=True)
class MemoryConfiguration:
    """Feeds, accounts and bots in memory."""

    database: MemoryDatabase

    async def deployed(self) -> Deployed:
        """Return everything, archived things included."""
        database = self.database
        return Deployed(
            feeds=tuple(
                DeployedFeed(
                    id=row.id,
                    config=row.config,
                    created_at=row.created_at,
                    revision=row.revision,
                )
                for row in database.feeds.values()
            ),
            accounts=tuple(
                DeployedAccount(
                    id=row.id,
                    config=row.config,
                    revision=row.revision,
                    archived=row.archived,
                )
                for row in database.accounts.values()
            ),
            bots=tuple(self._bot(row) for row in database.bots.values()),
            limits=database.limits,
            limits_revision=self._limits_revision(),
        )

    async def edit(
        self, edits: Sequence[Edit], archive: Sequence[str], author: Author
    ) -> None:
        """Make all edits and archive these bots, or do nothing."""
        async with self.database.lock:
            undo = self.database.configured()
            try:
                for edit in edits:
                    make_edit(self.database, edit, author)
                for name in archive:
                    self._archive(name)
                hold_symbols(self.database)
            except EditRefused:
                self.database.restore(undo)
                raise
            for _ in (*edits, *archive):
                self.database.tell(EventKind.CONFIGURATION)

    async def history(self, kind: Kind, name: str) -> Sequence[RevisionRow]:
        """Return all revisions of one thing, newest first."""
        known = self.database.revisions
        return [one for one in reversed(known) if (one.kind, one.name) == (kind, name)]

    async def rotate_token(self, feed: str, digest: str, author: Author) -> bool:  # noqa: ARG002 - there is no audit in memory
        """Give the feed a new token; the old one goes on for a day."""
        async with self.database.lock:
            row = self.database.feeds.get(feed)
            if row is None:
                return False
            row.previous_digest, row.digest = row.digest, digest
            row.previous_until = self.database.clock.now() + TOKEN_GRACE
            return True

    async def states(self) -> Sequence[StateChange]:
        """Return the installation's state and all that is not ACTIVE."""
        known = self.database.states.values()
        wanted = [
            one
            for one in known
            if one.scope is Scope.GLOBAL or one.state is not TradingState.ACTIVE
        ]
        if not any(one.scope is Scope.GLOBAL for one in wanted):
            wanted.append(self._at_first())
        return sorted(wanted, key=lambda one: (_ORDER.index(one.scope), one.name))

    async def change_state(
        self, scope: Scope, name: str, state: TradingState, author: Author
    ) -> bool:
        """Set and audit a trading state; false when there is no such account or bot."""
        async with self.database.lock:
            return set_state(self.database, scope, name, state, author)

    async def sync_instruments(self, listings: Sequence[Listing]) -> int:
        """Insert or update instruments; return how many changed."""
        async with self.database.lock:
            changed = 0
            for one in listings:
                place = (one.instrument.exchange, one.instrument.symbol)
                changed += self.database.listings.get(place) != one
                self.database.listings[place] = one
            return changed

    def _limits_revision(self) -> RevisionId | None:
        known = reversed(self.database.revisions)
        return next((one.id for one in known if one.kind is Kind.INSTALLATION), None)

    def _archive(self, name: str) -> None:
        row = self.database.bots.get(name)
        if row is None:
            raise refusals.unknown_bot(name)
        held = busy(self.database, row)
        if held:
            raise refusals.archiving(name, held)
        row.archived = True

    def _bot(self, row: BotRow) -> DeployedBot:
        is_open = holds(self.database, row)
        can_short = self.database.market(row.key).can_short
        return DeployedBot(
            id=BotId(row.id),
            config=on_market(row.config, row.symbol, can_short=can_short),
            symbol=row.symbol,
            revision=row.revision,
            archived=row.archived,
            has_position=is_open,
            bound_revision=row.bound[0] if row.bound is not None and is_open else None,
        )

    def _at_first(self) -> StateChange:
        return StateChange(
            scope=Scope.GLOBAL,
            name="",
            state=TradingState.ACTIVE,
            author=Author(
                name="signalman",
                source="installation",
                reason="as every installation begins",
            ),
            at=self.database.created_at,
        )
