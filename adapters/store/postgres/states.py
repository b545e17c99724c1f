"""Trading states: set, audited and told in the transaction that changes them."""

from typing import NamedTuple

from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.postgres.auditing import audit
from adapters.store.postgres.events import Event, EventKind, tell
from adapters.store.postgres.notices import keep_notices
from adapters.store.postgres.tables import (
    account_totals,
    accounts,
    bots,
    trading_states,
)
from application.notifying.states import state_changed
from application.ports.configuration import Author, Scope, StateChange
from domain.risk import TradingState

_CHANGES = ("name", "state", "author", "source", "reason", "at")
_NEW = upsert(trading_states)
_SET = _NEW.on_conflict_do_update(
    index_elements=["scope", "target"],
    set_={name: _NEW.excluded[name] for name in _CHANGES},
)
_SET_STRICTER = _NEW.on_conflict_do_update(
    index_elements=["scope", "target"],
    set_={name: _NEW.excluded[name] for name in _CHANGES},
    where=trading_states.c.state < _NEW.excluded.state,
)


class Target(NamedTuple):
    """What a trading state is of. ``id`` is 0 for the installation."""

    scope: Scope
    id: int
    name: str

    @property
    def of(self) -> tuple[str, str]:
        """Return what the audit calls it."""
        return self.scope.value, self.name


async def find_target(
    connection: AsyncConnection, scope: Scope, name: str
) -> Target | None:
    """Return an installation, account or bot by its name; None when there is none."""
    if scope is Scope.GLOBAL:
        return Target(scope, 0, "")
    table = accounts if scope is Scope.ACCOUNT else bots
    found = await connection.execute(select(table.c.id).where(table.c.name == name))
    id = found.scalar_one_or_none()
    return None if id is None else Target(scope, id, name)


async def set_state(
    connection: AsyncConnection,
    target: Target,
    state: TradingState,
    author: Author,
    *,
    stricter: bool = False,
) -> bool:
    """Set and audit a state. An account that a person resumes measures its brakes anew.

    With ``stricter`` nothing happens where the state is as strict already: then false.
    """
    row = {
        "scope": target.scope.value,
        "target": target.id,
        "name": target.name,
        "state": state.value,
        "at": func.clock_timestamp(),
    }
    change = (_SET_STRICTER if stricter else _SET).values(**row, **_written(author))
    changed = await connection.execute(change.returning(trading_states.c.state))
    if changed.first() is None:
        return False
    detail = {"state": state.name.lower()}
    await audit(connection, "trading state", target.of, author, detail)
    if target.scope is Scope.ACCOUNT and state is TradingState.ACTIVE:
        await connection.execute(
            update(account_totals)
            .where(account_totals.c.account == target.id)
            .values(equity_peak=None, losses_in_row=0)
        )
    named = {"scope": target.scope.value, "name": target.name}
    await tell(connection, [Event(EventKind.STATE, payload=named | detail)])
    notice = state_changed(target.scope, target.name, state, author)
    await keep_notices(connection, [notice])
    return True


def _written(author: Author) -> dict[str, str]:
    return {"author": author.name, "source": author.source, "reason": author.reason}


def state_change(row: RowMapping) -> StateChange:
    """Return the state that a row keeps."""
    return StateChange(
        scope=Scope(row["scope"]),
        name=row["name"],
        state=TradingState(row["state"]),
        author=Author(name=row["author"], source=row["source"], reason=row["reason"]),
        at=row["at"],
    )
