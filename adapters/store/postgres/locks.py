"""Numbers of the advisory locks that this database knows. Each is held by one at a time.

A process that freezes may leave a transaction open. Where it was about to run a statement
that it had just prepared, the server takes that for work: it is neither idle nor does a
statement run, and only the limit of the transaction ends it.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

MIGRATING = 7_304_281_001
RECEIVING = 7_304_281_002
"""Held from the naming of an alert to its commit, so that ids rise in order of commit."""
ROUTING = 7_304_281_003
"""Held while jobs are made, and while an edit changes what jobs are made for."""
LEADING = 7_304_281_004
"""Held by the scheduler that leads, for as long as its connection lives."""
CHAINING = 7_304_281_005
"""Held while rows are chained, one process at a time."""
OPENING = 7_304_281_006
"""Held by an account's first order on paper: there is no row of it yet to be locked."""

HELD_SECONDS = 7
"""How long routing may be kept from others, and a key from its heir: less than the 10 s
within which a frozen process is taken over."""
EDIT_SECONDS = 60
"""The same for an edit, which may be one of thousands of bots."""
LIMITS_TRANSACTIONS = 170_000
"""The first version of PostgreSQL that has ``transaction_timeout``."""
# Limited once it is held: whoever waits must not be ended for it.
_TAKE_ROUTING = text(f"""
    SELECT pg_advisory_xact_lock({ROUTING}),
           CASE WHEN current_setting('server_version_num')::integer >= {LIMITS_TRANSACTIONS}
                THEN set_config('transaction_timeout', :limit, true) END
""")


async def take_routing(connection: AsyncConnection, seconds: int = HELD_SECONDS) -> None:
    """Wait for the lock of routing; hold it until the commit, or for so long at most."""
    await connection.execute(_TAKE_ROUTING, {"limit": f"{seconds}s"})
