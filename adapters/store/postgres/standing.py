"""How things stand, in a handful of short queries."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres.engine import single_statement
from adapters.store.postgres.news import newest
from adapters.store.postgres.sql import statement
from adapters.store.postgres.states import state_change
from adapters.store.postgres.tables import trading_states
from application.ports.configuration import Scope, StateChange
from application.ports.standing import Standing, VenueStanding
from domain.risk import TradingState

_NOW = statement(
    """
    SELECT clock_timestamp() AS now,
        (SELECT max(at) FROM heartbeats WHERE role = 'worker') AS worker_at,
        (SELECT count(*) FROM positions WHERE quantity > 0) AS open_positions,
        (SELECT received_at FROM alerts ORDER BY id DESC LIMIT 1) AS last_alert_at
    """
)
_VENUES = statement(
    """
    SELECT name AS account, exchange, mode,
        (SELECT count(*) FROM bots
         WHERE bots.account = accounts.id AND archived_at IS NULL) AS bots,
        (SELECT count(*) FROM orders
         WHERE orders.account = accounts.id
           AND status IN ('UNKNOWN', 'NEEDS_OPERATOR')) AS unsettled,
        (SELECT count(*) FROM missing_stops JOIN bots ON bots.id = missing_stops.bot
         WHERE bots.account = accounts.id) AS unprotected
    FROM accounts WHERE archived_at IS NULL ORDER BY name
    """
)


@dataclass(frozen=True, slots=True)
class PostgresStandings:
    """Reads how things stand from PostgreSQL."""

    engine: AsyncEngine

    async def standing(self) -> Standing:
        """Return how things stand; what happened meanwhile is told by the news."""
        async with single_statement(self.engine) as connection:
            seen = await newest(connection)
            now = (await connection.execute(_NOW)).mappings().one()
            venues = (await connection.execute(_VENUES)).mappings().all()
            states = (await connection.execute(select(trading_states))).mappings().all()
        return Standing(
            **now,
            newest=seen,
            venues=[VenueStanding(**row) for row in venues],
            installation=_installation(states),
            restricted=_restricted(states),
        )


def _installation(rows: Sequence[RowMapping]) -> StateChange | None:
    found = (state_change(row) for row in rows if row["scope"] == Scope.GLOBAL.value)
    return next(found, None)


def _restricted(rows: Sequence[RowMapping]) -> list[StateChange]:
    changes = (state_change(row) for row in rows)
    return sorted(
        (
            one
            for one in changes
            if one.scope is not Scope.GLOBAL and one.state is not TradingState.ACTIVE
        ),
        key=lambda one: (one.scope.value, one.name),
    )
