"""Who is logged in, which programs may come in, and who must wait, in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import RowMapping, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres.auditing import audit
from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.sql import SECONDS, WORD, many, statement
from adapters.store.postgres.tables import api_tokens, login_attempts, sessions, users
from adapters.store.postgres.users import user
from application.ports.access import (
    ApiToken,
    NameTaken,
    Permission,
    Session,
    TokenId,
    UserId,
)
from application.ports.configuration import Author

SEEN_EVERY = timedelta(seconds=30)
"""How exactly is kept when a session was seen: a page asks for many things at once."""
AGENT_MAX = 200
FREE_ATTEMPTS = 5
"""How many wrong passwords there may be before anybody waits."""
WAIT_MAX_SECONDS = 900.0
FORGET = timedelta(days=1)

_OWN = sessions.c.digest == bindparam("of_digest")
_SESSION = (
    select(
        users,
        sessions.c.digest,
        sessions.c.address,
        sessions.c.agent,
        sessions.c.created_at.label("began_at"),
        sessions.c.seen_at,
        sessions.c.proved_at,
    )
    .join(users, users.c.id == sessions.c.user)
    .where(users.c.disabled_at.is_(None))
)
_SEEN = (
    update(sessions)
    .where(_OWN, sessions.c.seen_at < func.clock_timestamp() - SEEN_EVERY)
    .values(seen_at=func.clock_timestamp())
)
_ALONE = statement(
    "SELECT pg_advisory_xact_lock(hashtextextended(of, 0)) FROM unnest(:of) AS given (of)",
    of=many(WORD),
)
_ATTEMPT = statement(
    """
    INSERT INTO login_attempts AS known (of, failures)
    SELECT of, 1 FROM unnest(:of) AS given (of) ORDER BY of
    ON CONFLICT (of) DO UPDATE SET failures = known.failures + 1,
        last_at = clock_timestamp()
    """,
    of=many(WORD),
)
_WAIT = statement(
    """
    SELECT max(extract(epoch FROM last_at - clock_timestamp())
               + least(power(2, failures - :free), :longest))
    FROM login_attempts WHERE of = ANY(:of) AND failures >= :free
    """,
    of=many(WORD),
    free=SECONDS,
    longest=SECONDS,
)


@dataclass(frozen=True, slots=True)
class PostgresSessions:
    """Browsers that are logged in."""

    engine: AsyncEngine

    async def begin(self, digest: str, user: UserId, address: str, agent: str) -> None:
        """Keep a new session, and audit the login."""
        async with transaction(self.engine) as connection:
            row = {"digest": digest, "user": user, "address": address}
            await connection.execute(insert(sessions), row | {"agent": agent[:AGENT_MAX]})
            name = await connection.execute(select(users.c.name).where(users.c.id == user))
            named = name.scalar_one()
            author = Author(name=named, source="web")
            detail = {"address": address}
            await audit(connection, "logged in", ("user", named), author, detail)

    async def find(self, digest: str, idle: timedelta, lasts: timedelta) -> Session | None:
        """Return a session that is still good."""
        now = func.clock_timestamp()
        good = _SESSION.where(
            _OWN, sessions.c.seen_at > now - idle, sessions.c.created_at > now - lasts
        )
        async with single_statement(self.engine) as connection:
            found = await connection.execute(good, {"of_digest": digest})
            row = found.mappings().one_or_none()
            if row is None:
                return None
            await connection.execute(_SEEN, {"of_digest": digest})
        return _session(row)

    async def prove(self, digest: str) -> None:
        """Note that the password was given again."""
        async with single_statement(self.engine) as connection:
            proved = update(sessions).where(_OWN).values(proved_at=func.clock_timestamp())
            await connection.execute(proved, {"of_digest": digest})

    async def end(self, digest: str) -> None:
        """End one session, and whatever has been over for long."""
        old = sessions.c.created_at < func.clock_timestamp() - FORGET
        async with single_statement(self.engine) as connection:
            await connection.execute(
                delete(sessions).where(_OWN | old), {"of_digest": digest}
            )

    async def end_all(self, user: UserId) -> int:
        """End all sessions of a user."""
        async with single_statement(self.engine) as connection:
            ended = await connection.execute(
                delete(sessions).where(sessions.c.user == user)
            )
            return ended.rowcount

    async def of(self, user: UserId) -> Sequence[Session]:
        """Return the sessions of a user."""
        asked = _SESSION.where(users.c.id == user).order_by(sessions.c.seen_at.desc())
        async with single_statement(self.engine) as connection:
            return [_session(row) for row in (await connection.execute(asked)).mappings()]


@dataclass(frozen=True, slots=True)
class PostgresApiTokens:
    """Programs that may come in."""

    engine: AsyncEngine

    async def add(
        self, name: str, digest: str, scopes: frozenset[Permission], author: Author
    ) -> None:
        """Keep a new token, and audit it."""
        words = sorted(scope.value for scope in scopes)
        row = {"name": name, "digest": digest, "scopes": words, "author": author.name}
        detail = {"scopes": ", ".join(words)}
        try:
            async with transaction(self.engine) as connection:
                await connection.execute(insert(api_tokens), row)
                await audit(connection, "token added", ("token", name), author, detail)
        except IntegrityError:
            raise NameTaken(name) from None

    async def find(self, digest: str) -> ApiToken | None:
        """Return a token that is not revoked."""
        used = (
            update(api_tokens)
            .where(api_tokens.c.digest == digest, api_tokens.c.revoked_at.is_(None))
            .values(used_at=func.clock_timestamp())
            .returning(api_tokens)
        )
        async with single_statement(self.engine) as connection:
            row = (await connection.execute(used)).mappings().one_or_none()
        return None if row is None else _token(row)

    async def all(self) -> Sequence[ApiToken]:
        """Return all tokens."""
        order = (api_tokens.c.revoked_at.isnot(None), api_tokens.c.name, api_tokens.c.id)
        async with single_statement(self.engine) as connection:
            found = await connection.execute(select(api_tokens).order_by(*order))
            return [_token(row) for row in found.mappings()]

    async def revoke(self, name: str, author: Author) -> bool:
        """Let a token in no more."""
        async with transaction(self.engine) as connection:
            gone = await connection.execute(
                update(api_tokens)
                .where(api_tokens.c.name == name, api_tokens.c.revoked_at.is_(None))
                .values(revoked_at=func.clock_timestamp())
            )
            if not gone.rowcount:
                return False
            await audit(connection, "token revoked", ("token", name), author)
            return True


@dataclass(frozen=True, slots=True)
class PostgresLoginThrottle:
    """Five attempts are free, then each wrong one doubles the wait, up to 15 minutes."""

    engine: AsyncEngine

    async def attempt(self, name: str, address: str) -> timedelta | None:
        """Count an attempt before it is checked, or say how long to wait instead."""
        of = _counted(name, address)
        async with transaction(self.engine) as connection:
            # One after the other: attempts made at the same time see each other.
            await connection.execute(_ALONE, {"of": of})
            values = {
                "of": of,
                "free": float(FREE_ATTEMPTS),
                "longest": WAIT_MAX_SECONDS,
            }
            seconds = (await connection.execute(_WAIT, values)).scalar_one()
            if seconds is not None and seconds > 0:
                return timedelta(seconds=float(seconds))
            await connection.execute(_ATTEMPT, {"of": of})
            return None

    async def succeeded(self, name: str, address: str) -> None:
        """Forget what was counted, and what is old."""
        old = login_attempts.c.last_at < func.clock_timestamp() - FORGET
        async with single_statement(self.engine) as connection:
            await connection.execute(
                delete(login_attempts).where(
                    login_attempts.c.of.in_(_counted(name, address)) | old
                )
            )


def _counted(name: str, address: str) -> list[str]:
    return [f"address {address}", f"name {name.casefold()[:100]}"]


def _session(row: RowMapping) -> Session:
    return Session(
        digest=row["digest"],
        user=user(row),
        address=row["address"],
        agent=row["agent"],
        created_at=row["began_at"],
        seen_at=row["seen_at"],
        proved_at=row["proved_at"],
    )


def _token(row: RowMapping) -> ApiToken:
    return ApiToken(
        id=TokenId(row["id"]),
        name=row["name"],
        scopes=frozenset(Permission(word) for word in row["scopes"]),
        author=row["author"],
        created_at=row["created_at"],
        used_at=row["used_at"],
        revoked=row["revoked_at"] is not None,
    )
