"""What entries hold back from the limits, given back and held."""

from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.postgres.sql import NUMBER, WORD, keep_all, many, statement
from adapters.store.postgres.tables import reservations
from application.records import AccountId
from application.reserving import Reserving

_RELEASE = statement(
    """
    UPDATE reservations SET released_at = clock_timestamp()
    WHERE released_at IS NULL
      AND ((kind = 'entry' AND intent = ANY(CAST(:entries AS uuid[])))
           OR (kind = 'rest' AND bot = ANY(:rests)))
    """,
    entries=many(WORD),
    rests=many(NUMBER),
)

_HELD = upsert(reservations)
_HOLD = _HELD.on_conflict_do_update(
    index_elements=[reservations.c.intent, reservations.c.kind],
    index_where=reservations.c.released_at.is_(None),
    set_={"notional": _HELD.excluded.notional},
)


async def keep_reservations(
    connection: AsyncConnection, account: AccountId, changed: Reserving
) -> None:
    """Release first, and hold then: what is held replaces what was released."""
    if changed.released_entries or changed.released_rests:
        await connection.execute(
            _RELEASE,
            {
                "entries": list(changed.released_entries),
                "rests": list(changed.released_rests),
            },
        )
    await keep_all(
        connection,
        _HOLD,
        [
            {**one._asdict(), "kind": one.kind.value, "account": account}
            for one in changed.held
        ],
    )
