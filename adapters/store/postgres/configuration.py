"""Configuration in PostgreSQL: what is in force, its history, and who may trade."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import RowMapping, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres import rows
from adapters.store.postgres.auditing import audit
from adapters.store.postgres.editing import archive_bots, hold_symbols, make_edit
from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.events import Event, EventKind, tell
from adapters.store.postgres.locks import EDIT_SECONDS, take_routing
from adapters.store.postgres.states import find_target, set_state, state_change
from adapters.store.postgres.tables import (
    accounts,
    bots,
    feeds,
    installation,
    instruments,
    marks,
    positions,
    revisions,
    trading_states,
)
from adapters.store.shared import TOKEN_GRACE, Revisions, on_market
from application.configuration.charts import Listing
from application.configuration.values import FeedConfig
from application.ports.configuration import (
    Author,
    Deployed,
    DeployedAccount,
    DeployedBot,
    DeployedFeed,
    Edit,
    Kind,
    RevisionRow,
    Scope,
    StateChange,
)
from application.records import AccountId, BotId, FeedId, RevisionId
from domain.instrument import Kind as MarketKind
from domain.instrument import Symbol
from domain.risk import TradingState

_FEEDS = select(feeds).order_by(feeds.c.id)
_ACCOUNTS = (
    select(accounts, revisions.c.tree)
    .join(revisions, revisions.c.id == accounts.c.revision)
    .order_by(accounts.c.id)
)
_WORTH = func.coalesce(positions.c.quantity * marks.c.price, positions.c.cost)
_BOTS = (
    select(
        bots,
        revisions.c.tree,
        positions.c.bound_revision,
        func.coalesce(
            (positions.c.quantity > 0)
            & (positions.c.quantity >= instruments.c.quantity_min)
            & (instruments.c.notional_min <= _WORTH),
            literal(value=False),
        ).label("open"),
        instruments.c.kind,
    )
    .join(revisions, revisions.c.id == bots.c.revision)
    .join(accounts, accounts.c.id == bots.c.account)
    .join(
        instruments,
        (instruments.c.exchange == accounts.c.exchange)
        & (instruments.c.symbol == bots.c.symbol),
    )
    .outerjoin(positions, positions.c.bot == bots.c.id)
    .outerjoin(
        marks,
        (marks.c.account == positions.c.account) & (marks.c.symbol == positions.c.symbol),
    )
    .order_by(bots.c.id)
)
_LIMITS = select(installation.c.revision, revisions.c.tree).outerjoin(
    revisions, revisions.c.id == installation.c.revision
)
_HOLD_LIMITS = select(installation.c.id).with_for_update(key_share=True)
_HISTORY = (
    select(revisions)
    .where(revisions.c.kind == bindparam("kind"), revisions.c.name == bindparam("name"))
    .order_by(revisions.c.id.desc())
)
_STATES = (
    select(trading_states)
    .where(
        (trading_states.c.state > TradingState.ACTIVE.value)
        | (trading_states.c.scope == Scope.GLOBAL.value)
    )
    .order_by(
        trading_states.c.scope != Scope.GLOBAL.value,
        trading_states.c.scope,
        trading_states.c.name,
    )
)
_ROTATE = (
    feeds.update()
    .where(feeds.c.name == bindparam("feed"))
    .values(
        previous_digest=feeds.c.token_digest,
        previous_until=func.clock_timestamp() + TOKEN_GRACE,
        token_digest=bindparam("digest"),
    )
)
_NEW_LISTING = upsert(instruments)
_SYNC = _NEW_LISTING.on_conflict_do_update(
    index_elements=["exchange", "symbol"],
    set_={
        column.name: _NEW_LISTING.excluded[column.name]
        for column in instruments.c
        if column.name not in ("exchange", "symbol")
    },
)


@dataclass(frozen=True, slots=True)
class PostgresConfiguration:
    """Feeds, accounts and bots in PostgreSQL."""

    engine: AsyncEngine
    known: Revisions = field(default_factory=Revisions)

    async def deployed(self) -> Deployed:
        """Return everything, archived things included."""
        async with single_statement(self.engine) as connection:
            limits = (await connection.execute(_LIMITS)).one_or_none()
            return Deployed(
                feeds=tuple(
                    _feed(row) for row in (await connection.execute(_FEEDS)).mappings()
                ),
                accounts=tuple(
                    self._account(row)
                    for row in (await connection.execute(_ACCOUNTS)).mappings()
                ),
                bots=tuple(
                    self._bot(row) for row in (await connection.execute(_BOTS)).mappings()
                ),
                limits=self.known.limits(*(limits or (None, None))),
                limits_revision=RevisionId(limits.revision)
                if limits is not None and limits.revision is not None
                else None,
            )

    async def edit(
        self, edits: Sequence[Edit], archive: Sequence[str], author: Author
    ) -> None:
        """Make all edits and archive these bots, or do nothing."""
        async with transaction(self.engine) as connection:
            await take_routing(connection, EDIT_SECONDS)
            # Locked before any account, as planning does.
            await connection.execute(_HOLD_LIMITS)
            for edit in edits:
                await make_edit(connection, edit, author)
            await archive_bots(connection, archive, author)
            await hold_symbols(connection)
            told = [{"kind": one.kind.value, "name": one.name} for one in edits]
            told += [{"kind": Kind.BOT.value, "name": name} for name in archive]
            await tell(
                connection, [Event(EventKind.CONFIGURATION, payload=one) for one in told]
            )

    async def history(self, kind: Kind, name: str) -> Sequence[RevisionRow]:
        """Return all revisions of one thing, newest first."""
        async with single_statement(self.engine) as connection:
            found = await connection.execute(_HISTORY, {"kind": kind.value, "name": name})
            return [rows.revision(row) for row in found.mappings()]

    async def rotate_token(self, feed: str, digest: str, author: Author) -> bool:
        """Give the feed a new token; the old one goes on for a day."""
        async with transaction(self.engine) as connection:
            values = {"feed": feed, "digest": digest}
            if not (await connection.execute(_ROTATE, values)).rowcount:
                return False
            of = (Kind.FEED.value, feed)
            await audit(connection, "token rotated", of, author)
            return True

    async def states(self) -> Sequence[StateChange]:
        """Return the installation's state and all that is not ACTIVE."""
        async with single_statement(self.engine) as connection:
            found = (await connection.execute(_STATES)).mappings()
            return [state_change(row) for row in found]

    async def change_state(
        self, scope: Scope, name: str, state: TradingState, author: Author
    ) -> bool:
        """Set and audit a trading state; false when there is no such account or bot."""
        async with transaction(self.engine) as connection:
            target = await find_target(connection, scope, name)
            if target is None:
                return False
            await set_state(connection, target, state, author)
            return True

    async def sync_instruments(self, listings: Sequence[Listing]) -> int:
        """Insert or update instruments; return how many changed."""
        async with transaction(self.engine) as connection:
            known = {
                (row["exchange"], row["symbol"]): _listing(row)
                for row in (await connection.execute(select(instruments))).mappings()
            }
            changed = [
                one
                for one in listings
                if known.get((one.instrument.exchange, one.instrument.symbol)) != one
            ]
            if changed:
                await connection.execute(_SYNC, [_listing_row(one) for one in changed])
            return len(changed)

    def _account(self, row: RowMapping) -> DeployedAccount:
        return DeployedAccount(
            id=AccountId(row["id"]),
            config=self.known.account(row["revision"], row["tree"]),
            revision=RevisionId(row["revision"]),
            archived=row["archived_at"] is not None,
        )

    def _bot(self, row: RowMapping) -> DeployedBot:
        config = self.known.bot(row["revision"], row["tree"])
        symbol = Symbol(row["symbol"])
        can_short = MarketKind(row["kind"]) is MarketKind.PERPETUAL
        return DeployedBot(
            id=BotId(row["id"]),
            config=on_market(config, symbol, can_short=can_short),
            symbol=symbol,
            revision=RevisionId(row["revision"]),
            archived=row["archived_at"] is not None,
            has_position=row["open"],
            bound_revision=row["bound_revision"] if row["open"] else None,
        )


def _feed(row: RowMapping) -> DeployedFeed:
    return DeployedFeed(
        id=FeedId(row["id"]),
        config=FeedConfig(name=row["name"]),
        created_at=row["created_at"],
        revision=RevisionId(row["revision"]),
    )


def _listing(row: RowMapping) -> Listing:
    return Listing(
        instrument=rows.instrument(row),
        tv_exchange=row["tv_exchange"],
        tv_ticker=row["tv_ticker"],
    )


def _listing_row(listing: Listing) -> dict[str, Any]:
    return rows.instrument_row(listing.instrument) | {
        "tv_exchange": listing.tv_exchange,
        "tv_ticker": listing.tv_ticker,
    }
