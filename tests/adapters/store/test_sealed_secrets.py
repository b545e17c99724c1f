"""Sealed secrets in PostgreSQL, and the use cases over them."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres.engine import create_engine
from adapters.store.postgres.sealed_secrets import PostgresSealedSecrets
from adapters.vault.aes_gcm import KeyRing
from adapters.vault.keys import new_key
from application.ports.vault import CannotOpen, SecretKind, SecretPlace
from application.secret import Secret
from application.vault import OpenSecret, RotateKeys, SealSecret
from tests.adapters.store.stores import AUTHOR

FIRST = SecretPlace(SecretKind.ACCOUNT, 1)
SECOND = SecretPlace(SecretKind.ACCOUNT, 2)
KEYS = {"apiKey": Secret("PLANTED-KEY"), "secret": Secret("PLANTED-SECRET")}
OLD, NEW = new_key(), new_key()


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    one = create_engine(database_url)
    yield one
    await one.dispose()


@pytest.fixture
async def secrets(engine: AsyncEngine) -> PostgresSealedSecrets:
    kept = PostgresSealedSecrets(engine)
    seal = SealSecret(KeyRing([OLD]), kept)
    await seal(FIRST, KEYS, AUTHOR)
    await seal(SECOND, {"apiKey": Secret("PLANTED-OTHER")}, AUTHOR)
    return kept


async def test_keys_open_as_they_were_sealed(secrets: PostgresSealedSecrets) -> None:
    opened = OpenSecret(KeyRing([OLD]), secrets)

    assert await opened(FIRST) == KEYS
    assert await opened(SecretPlace(SecretKind.TOTP, 1)) is None


async def test_new_keys_take_the_place_of_the_old(secrets: PostgresSealedSecrets) -> None:
    await SealSecret(KeyRing([OLD]), secrets)(FIRST, {"token": Secret("t")}, AUTHOR)

    assert await OpenSecret(KeyRing([OLD]), secrets)(FIRST) == {"token": Secret("t")}


async def test_a_row_copied_to_another_account_does_not_open(
    secrets: PostgresSealedSecrets, engine: AsyncEngine
) -> None:
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "UPDATE sealed_secrets SET wrapped = one.wrapped, body = one.body "
                "FROM sealed_secrets AS one "
                "WHERE one.owner = 1 AND sealed_secrets.owner = 2"
            )
        )

    with pytest.raises(CannotOpen):
        await OpenSecret(KeyRing([OLD]), secrets)(SECOND)


async def test_rotation_moves_everything_once(secrets: PostgresSealedSecrets) -> None:
    rotate = RotateKeys(KeyRing([NEW, OLD]), secrets)

    first, second = await rotate(), await rotate()

    assert (first, second) == ((2, 0), (0, 2))
    assert await OpenSecret(KeyRing([NEW]), secrets)(FIRST) == KEYS


async def test_a_key_that_is_missing_stops_the_rotation_and_is_named(
    secrets: PostgresSealedSecrets,
) -> None:
    with pytest.raises(CannotOpen, match="account 1 is sealed under key"):
        await RotateKeys(KeyRing([NEW]), secrets)()


async def test_nothing_that_is_kept_shows_a_secret(
    secrets: PostgresSealedSecrets, engine: AsyncEngine
) -> None:
    del secrets
    async with engine.begin() as connection:
        tables = await connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )
        kept = [
            str(row)
            for table in tables.scalars().all()
            for row in (await connection.execute(text(f"SELECT * FROM {table}"))).all()  # noqa: S608 - names from the catalog
        ]

    assert any("secret sealed" in row for row in kept)
    assert not [row for row in kept if "PLANTED" in row]
