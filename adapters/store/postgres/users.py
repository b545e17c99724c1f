"""People in PostgreSQL, and the one-time links of those who have no password yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import (
    RowMapping,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.store.postgres.auditing import audit
from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.tables import one_time_links, sessions, users
from application.ports.access import Link, NameTaken, Role, User, UserId
from application.ports.configuration import Author

_NAMED = select(users).where(func.lower(users.c.name) == func.lower(bindparam("called")))
_LINK = select(one_time_links).where(
    one_time_links.c.digest == bindparam("of_digest"),
    one_time_links.c.expires_at > func.clock_timestamp(),
)


@dataclass(frozen=True, slots=True)
class PostgresUsers:
    """Users and their links."""

    engine: AsyncEngine

    async def exist(self) -> bool:
        """Say whether there is any user."""
        async with single_statement(self.engine) as connection:
            return bool((await connection.execute(select(exists(users.select())))).scalar())

    async def add(
        self, name: str, role: Role, password_hash: str | None, author: Author
    ) -> UserId:
        """Keep a new user, and audit it."""
        row = {"name": name, "role": role.value, "password_hash": password_hash}
        try:
            async with transaction(self.engine) as connection:
                made = await connection.execute(insert(users).returning(users.c.id), row)
                detail = {"role": role.value}
                await audit(connection, "user added", ("user", name), author, detail)
                return UserId(made.scalar_one())
        except IntegrityError:
            raise NameTaken(name) from None

    async def find(self, name: str) -> User | None:
        """Return a user by name."""
        async with single_statement(self.engine) as connection:
            found = await connection.execute(_NAMED, {"called": name})
            row = found.mappings().one_or_none()
        return None if row is None else user(row)

    async def get(self, id: UserId) -> User | None:
        """Return a user by id."""
        async with single_statement(self.engine) as connection:
            found = await connection.execute(select(users).where(users.c.id == id))
            row = found.mappings().one_or_none()
        return None if row is None else user(row)

    async def all(self) -> Sequence[User]:
        """Return all users, by name."""
        async with single_statement(self.engine) as connection:
            found = await connection.execute(select(users).order_by(users.c.name))
            return [user(row) for row in found.mappings()]

    async def set_password(self, id: UserId, password_hash: str, author: Author) -> None:
        """Keep a new password, and end every session."""
        async with transaction(self.engine) as connection:
            named = await _change(connection, id, password_hash=password_hash)
            await _end_sessions(connection, id)
            await audit(connection, "password set", ("user", named), author)

    async def rehash(self, id: UserId, password_hash: str) -> None:
        """Keep the same password by today's parameters."""
        async with transaction(self.engine) as connection:
            await _change(connection, id, password_hash=password_hash)

    async def set_role(self, id: UserId, role: Role, author: Author) -> None:
        """Change the role, and end every session."""
        async with transaction(self.engine) as connection:
            named = await _change(connection, id, role=role.value)
            await _end_sessions(connection, id)
            detail = {"role": role.value}
            await audit(connection, "role set", ("user", named), author, detail)

    async def disable(self, id: UserId, author: Author) -> None:
        """Shut a user out, and end every session."""
        async with transaction(self.engine) as connection:
            named = await _change(connection, id, disabled_at=func.clock_timestamp())
            await _end_sessions(connection, id)
            await audit(connection, "user disabled", ("user", named), author)

    async def use_code(self, id: UserId, step: int) -> bool:
        """Use up a one-time code's time step."""
        async with transaction(self.engine) as connection:
            used = await connection.execute(
                update(users)
                .where(users.c.id == id, users.c.totp_step < step)
                .values(totp_step=step)
            )
            return bool(used.rowcount)

    async def set_totp(self, id: UserId, author: Author, *, on: bool) -> None:
        """Keep whether codes are asked for."""
        async with transaction(self.engine) as connection:
            named = await _change(connection, id, has_totp=on)
            action = "one-time codes on" if on else "one-time codes off"
            await audit(connection, action, ("user", named), author)

    async def add_link(self, digest: str, user: UserId | None, lasts: timedelta) -> None:
        """Keep a link in place of earlier ones."""
        async with transaction(self.engine) as connection:
            await connection.execute(
                delete(one_time_links).where(
                    one_time_links.c.user.is_not_distinct_from(user)
                )
            )
            await connection.execute(
                insert(one_time_links).values(
                    digest=digest, user=user, expires_at=func.clock_timestamp() + lasts
                )
            )

    async def use_link(self, digest: str) -> Link | None:
        """Use up a link."""
        async with transaction(self.engine) as connection:
            found = await connection.execute(_LINK.with_for_update(), {"of_digest": digest})
            row = found.mappings().one_or_none()
            await connection.execute(
                delete(one_time_links).where(one_time_links.c.digest == digest)
            )
        return None if row is None else _link(row)

    async def peek_link(self, digest: str) -> Link | None:
        """Return a link that would still work."""
        async with single_statement(self.engine) as connection:
            found = await connection.execute(_LINK, {"of_digest": digest})
            row = found.mappings().one_or_none()
        return None if row is None else _link(row)


async def _change(connection: AsyncConnection, id: UserId, **values: object) -> str:
    """Change a user; return the name."""
    changed = await connection.execute(
        update(users).where(users.c.id == id).values(**values).returning(users.c.name)
    )
    return str(changed.scalar_one())


async def _end_sessions(connection: AsyncConnection, id: UserId) -> None:
    await connection.execute(delete(sessions).where(sessions.c.user == id))


def user(row: RowMapping) -> User:
    """Return the user that a row keeps."""
    return User(
        id=UserId(row["id"]),
        name=row["name"],
        role=Role(row["role"]),
        password_hash=row["password_hash"],
        has_totp=row["has_totp"],
        disabled=row["disabled_at"] is not None,
        created_at=row["created_at"],
    )


def _link(row: RowMapping) -> Link:
    of = row["user"]
    return Link(user=None if of is None else UserId(of), expires_at=row["expires_at"])
