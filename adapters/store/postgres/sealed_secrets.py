"""Sealed secrets in PostgreSQL: what nobody can read without the keys beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres.auditing import audit
from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.tables import sealed_secrets
from application.ports.configuration import Author
from application.ports.vault import Sealed, SealedRow, SecretKind, SecretPlace

_HERE = (sealed_secrets.c.kind == bindparam("of_kind")) & (
    sealed_secrets.c.owner == bindparam("of_owner")
)
_FIND = select(sealed_secrets).where(_HERE)
_FORGET = delete(sealed_secrets).where(_HERE)
_ALL = select(sealed_secrets).order_by(sealed_secrets.c.kind, sealed_secrets.c.owner)
_NEW = upsert(sealed_secrets)
_KEEP = _NEW.on_conflict_do_update(
    index_elements=["kind", "owner"],
    set_={name: _NEW.excluded[name] for name in ("key", "wrapped", "body", "names")}
    | {"at": func.clock_timestamp()},
)
_REWRAP = (
    update(sealed_secrets)
    .where(_HERE, sealed_secrets.c.wrapped == bindparam("before"))
    .values(key=bindparam("new_key"), wrapped=bindparam("new_wrapped"))
)


@dataclass(frozen=True, slots=True)
class PostgresSealedSecrets:
    """Sealed secrets, one a place."""

    engine: AsyncEngine

    async def keep(
        self, place: SecretPlace, sealed: Sealed, names: Sequence[str], author: Author
    ) -> None:
        """Keep a secret in place of the one before, and audit that."""
        row = {
            "kind": place.kind.value,
            "owner": place.owner,
            "key": sealed.key,
            "wrapped": sealed.wrapped,
            "body": sealed.body,
            "names": list(names),
        }
        async with transaction(self.engine) as connection:
            await connection.execute(_KEEP, row)
            detail = {"fields": ", ".join(names), "key": sealed.key}
            await audit(connection, "secret sealed", _of(place), author, detail)

    async def find(self, place: SecretPlace) -> SealedRow | None:
        """Return what is kept at a place."""
        async with single_statement(self.engine) as connection:
            found = await connection.execute(_FIND, _where(place))
            row = found.mappings().one_or_none()
        return None if row is None else _row(row)

    async def all(self) -> Sequence[SealedRow]:
        """Return everything that is kept."""
        async with single_statement(self.engine) as connection:
            return [_row(row) for row in (await connection.execute(_ALL)).mappings()]

    async def rewrapped(self, place: SecretPlace, before: Sealed, after: Sealed) -> bool:
        """Keep the same secret under another key, unless it changed meanwhile."""
        values = {
            **_where(place),
            "before": before.wrapped,
            "new_key": after.key,
            "new_wrapped": after.wrapped,
        }
        author = Author(name="signalman", source="command line")
        async with transaction(self.engine) as connection:
            if not (await connection.execute(_REWRAP, values)).rowcount:
                return False
            detail = {"from": before.key, "to": after.key}
            await audit(connection, "key rotated", _of(place), author, detail)
            return True

    async def forget(self, place: SecretPlace, author: Author) -> bool:
        """Forget a secret, and audit it."""
        async with transaction(self.engine) as connection:
            gone = await connection.execute(_FORGET, _where(place))
            if not gone.rowcount:
                return False
            await audit(connection, "secret forgotten", _of(place), author)
            return True


def _of(place: SecretPlace) -> tuple[str, str]:
    return place.kind.value, str(place.owner)


def _where(place: SecretPlace) -> dict[str, object]:
    return {"of_kind": place.kind.value, "of_owner": place.owner}


def _row(row: RowMapping) -> SealedRow:
    return SealedRow(
        place=SecretPlace(SecretKind(row["kind"]), row["owner"]),
        sealed=Sealed(key=row["key"], wrapped=row["wrapped"], body=row["body"]),
        names=tuple(row["names"]),
        at=row["at"],
    )
