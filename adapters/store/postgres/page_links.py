"""Links that open one page, once, in PostgreSQL and by its clock."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres.engine import single_statement
from adapters.store.postgres.sql import SECONDS, WORD, statement

_ADD = statement(
    """
    INSERT INTO page_links (digest, path, expires_at)
    VALUES (:digest, :path, clock_timestamp() + make_interval(secs => :seconds))
    """,
    digest=WORD,
    path=WORD,
    seconds=SECONDS,
)
_FORGET = statement("DELETE FROM page_links WHERE expires_at <= clock_timestamp()")
_USE = statement(
    """
    DELETE FROM page_links WHERE digest = :digest AND expires_at > clock_timestamp()
    RETURNING path
    """,
    digest=WORD,
)


@dataclass(frozen=True, slots=True)
class PostgresPageLinks:
    """What was printed for somebody to follow."""

    engine: AsyncEngine

    async def add(self, digest: str, path: str, lasts: timedelta) -> None:
        """Keep a link to a page for so long; old ones are forgotten."""
        given = {"digest": digest, "path": path, "seconds": lasts.total_seconds()}
        async with single_statement(self.engine) as connection:
            await connection.execute(_FORGET)
            await connection.execute(_ADD, given)

    async def use(self, digest: str) -> str | None:
        """Use a link up and return its page."""
        async with single_statement(self.engine) as connection:
            found = await connection.execute(_USE, {"digest": digest})
            path: str | None = found.scalar_one_or_none()
            return path
