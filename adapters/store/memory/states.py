"""Trading states in memory: set and audited together."""

from adapters.store.memory.database import MemoryDatabase
from application.notifying.states import state_changed
from application.ports.configuration import Author, Scope, StateChange
from application.ports.news import EventKind
from domain.risk import TradingState


def set_state(
    database: MemoryDatabase, scope: Scope, name: str, state: TradingState, author: Author
) -> bool:
    """Set a state; false when there is no such account or bot. The caller has the lock.

    An account that a person resumes measures its brakes anew.
    """
    named = "" if scope is Scope.GLOBAL else name
    account = database.accounts.get(name) if scope is Scope.ACCOUNT else None
    if (scope is Scope.ACCOUNT and account is None) or (
        scope is Scope.BOT and name not in database.bots
    ):
        return False
    now = database.clock.now()
    change = StateChange(scope=scope, name=named, state=state, author=author, at=now)
    database.states[scope, named] = change
    database.actions.append(change)
    database.tell(EventKind.STATE)
    database.notify([state_changed(scope, named, state, author)])
    if account is not None and state is TradingState.ACTIVE:
        account.equity_peak, account.losses_in_row = None, 0
    return True
