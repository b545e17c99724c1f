"""What somebody did, kept in the transaction that does it."""

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.postgres.tables import operator_actions
from application.ports.configuration import Author


async def audit(
    connection: AsyncConnection,
    action: str,
    of: tuple[str, str],
    author: Author,
    detail: dict[str, str] | None = None,
) -> None:
    """Keep what was done to what, by whom, from where and why."""
    scope, name = of
    row = {
        "action": action,
        "scope": scope,
        "name": name,
        "detail": detail or {},
        "author": author.name,
        "source": author.source,
        "reason": author.reason,
    }
    await connection.execute(insert(operator_actions), row)
