"""Logging in, staying in and being thrown out, on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.clock.fixed import FixedClock
from adapters.clock.system import SystemClock
from adapters.passwords.argon2id import Argon2Passwords
from adapters.passwords.totp import TotpCodes
from adapters.store.postgres.engine import create_engine
from adapters.store.postgres.sealed_secrets import PostgresSealedSecrets
from adapters.store.postgres.sessions import (
    FREE_ATTEMPTS,
    PostgresApiTokens,
    PostgresLoginThrottle,
    PostgresSessions,
)
from adapters.store.postgres.users import PostgresUsers
from adapters.vault.aes_gcm import KeyRing
from adapters.vault.keys import new_key
from application.logging_in import (
    IDLE,
    LASTS,
    Credentials,
    Enroll,
    LinkRefused,
    LogIn,
    LoginRefused,
    Refused,
    digest_of,
    password_problem,
)
from application.ports.access import NameTaken, Permission, Role, Session, UserId
from application.ports.vault import SecretKind, SecretPlace
from application.secret import Secret
from application.vault import OpenSecret, SealSecret
from tests.adapters.store.stores import AUTHOR

PASSWORD = Secret("correct horse battery")
ADA = Credentials(name="ada", password=PASSWORD, address="203.0.113.7", agent="a browser")
WRONG = replace(ADA, password=Secret("wrong horse battery"))
READ = frozenset({Permission.READ})


@dataclass(frozen=True, slots=True)
class Door:
    """One installation's people."""

    engine: AsyncEngine
    users: PostgresUsers
    sessions: PostgresSessions
    tokens: PostgresApiTokens
    log_in: LogIn
    enroll: Enroll
    ring: KeyRing
    clock: FixedClock

    async def later(self, by: timedelta) -> None:
        """Make everything so much older."""
        async with self.engine.begin() as connection:
            for table, column in (
                ("sessions", "created_at"),
                ("sessions", "seen_at"),
                ("login_attempts", "last_at"),
                ("one_time_links", "expires_at"),
            ):
                seconds = by.total_seconds()
                moved = f"UPDATE {table} SET {column} = {column} - interval '{seconds} s'"  # noqa: S608 - names from above
                await connection.execute(text(moved))

    async def session(self, id: Secret) -> Session | None:
        """Return the session of an id."""
        return await self.sessions.find(digest_of(id.reveal()), IDLE, LASTS)


@pytest.fixture
async def door(database_url: str) -> AsyncIterator[Door]:
    engine = create_engine(database_url)
    users, clock = PostgresUsers(engine), FixedClock(SystemClock().now())
    passwords = Argon2Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    ring = KeyRing([new_key()])
    ids = iter(range(1_000))
    log_in = LogIn(
        users=users,
        sessions=PostgresSessions(engine),
        throttle=PostgresLoginThrottle(engine),
        passwords=passwords,
        codes=TotpCodes(),
        open_secret=OpenSecret(ring, PostgresSealedSecrets(engine)),
        clock=clock,
        new_token=lambda: f"token-{next(ids)}",
    )
    yield Door(
        engine=engine,
        users=users,
        sessions=PostgresSessions(engine),
        tokens=PostgresApiTokens(engine),
        log_in=log_in,
        enroll=Enroll(users=users, passwords=passwords, new_token=log_in.new_token),
        ring=ring,
        clock=clock,
    )
    await engine.dispose()


@pytest.fixture
async def ada(door: Door) -> UserId:
    hashed = await door.log_in.passwords.hash(PASSWORD)
    return await door.users.add("ada", Role.OPERATOR, hashed, AUTHOR)


async def refusal(door: Door, given: Credentials) -> Refused:
    with pytest.raises(LoginRefused) as refused:
        await door.log_in(given)
    return refused.value.why


async def test_who_knows_the_password_is_let_in(door: Door, ada: UserId) -> None:
    session = await door.session(await door.log_in(replace(ADA, name="Ada")))

    assert session is not None
    assert (session.user.id, session.user.role) == (ada, Role.OPERATOR)
    assert (session.address, session.agent) == (ADA.address, ADA.agent)


@pytest.mark.usefixtures("ada")
async def test_each_login_is_a_session_of_its_own(door: Door) -> None:
    one, two = await door.log_in(ADA), await door.log_in(ADA)

    assert one != two
    await door.sessions.end(digest_of(one.reveal()))
    assert await door.session(one) is None
    assert await door.session(two) is not None


@pytest.mark.usefixtures("ada")
async def test_a_wrong_name_and_a_wrong_password_are_told_alike(door: Door) -> None:
    assert await refusal(door, WRONG) is Refused.WRONG
    assert await refusal(door, replace(ADA, name="bob")) is Refused.WRONG


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize(
    ("by", "is_good"), [(IDLE / 2, True), (IDLE, False), (LASTS, False)]
)
async def test_a_session_ends_when_nobody_uses_it(
    door: Door, by: timedelta, *, is_good: bool
) -> None:
    id = await door.log_in(ADA)

    await door.later(by)

    assert (await door.session(id) is not None) is is_good


@pytest.mark.usefixtures("ada")
async def test_a_session_ends_however_busy_it_is(door: Door) -> None:
    id = await door.log_in(ADA)

    for _ in range(int(LASTS / (IDLE / 2)) - 1):
        await door.later(IDLE / 2)
        assert await door.session(id) is not None
    await door.later(IDLE / 2)

    assert await door.session(id) is None


async def test_another_password_role_or_a_shut_door_end_every_session(
    door: Door, ada: UserId
) -> None:
    hashed = await door.log_in.passwords.hash(PASSWORD)
    changes: list[Callable[[], Awaitable[None]]] = [
        lambda: door.users.set_password(ada, hashed, AUTHOR),
        lambda: door.users.set_role(ada, Role.VIEWER, AUTHOR),
        lambda: door.users.disable(ada, AUTHOR),
    ]
    for change in changes:
        id = await door.log_in(ADA)
        await change()
        assert await door.session(id) is None
    assert await refusal(door, ADA) is Refused.WRONG


@pytest.mark.usefixtures("ada")
async def test_wrong_passwords_cost_time_for_the_name_and_for_the_address(
    door: Door,
) -> None:
    for _ in range(FREE_ATTEMPTS):
        assert await refusal(door, WRONG) is Refused.WRONG

    assert await refusal(door, replace(ADA, address="203.0.113.8")) is Refused.WAIT
    assert await refusal(door, replace(ADA, name="bob")) is Refused.WAIT
    await door.later(timedelta(seconds=2))
    assert await door.log_in(ADA)
    assert await refusal(door, WRONG) is Refused.WRONG


@pytest.mark.usefixtures("ada")
async def test_guesses_made_at_the_same_time_are_counted_all_the_same(door: Door) -> None:
    answers = await asyncio.gather(*(refusal(door, WRONG) for _ in range(12)))

    assert answers.count(Refused.WRONG) == FREE_ATTEMPTS


async def test_a_code_is_asked_for_and_used_up(door: Door, ada: UserId) -> None:
    secret = TotpCodes().new_secret()
    seal = SealSecret(door.ring, PostgresSealedSecrets(door.engine))
    await seal(SecretPlace(SecretKind.TOTP, ada), {"totp": secret}, AUTHOR)
    await door.users.set_totp(ada, AUTHOR, on=True)
    code = pyotp.TOTP(secret.reveal()).at(door.clock.now())

    assert await refusal(door, ADA) is Refused.CODE_NEEDED
    assert await door.log_in(replace(ADA, code=code))
    assert await refusal(door, replace(ADA, code=code)) is Refused.WRONG
    assert await refusal(door, replace(ADA, code="000000")) is Refused.WRONG


@pytest.mark.usefixtures("ada")
async def test_a_name_is_given_once_in_whatever_letters(door: Door) -> None:
    with pytest.raises(NameTaken):
        await door.users.add("ADA", Role.VIEWER, None, AUTHOR)


async def test_the_first_link_makes_one_administrator_and_no_second(door: Door) -> None:
    first = await door.enroll.first_link()
    second = await door.enroll.first_link()
    assert first is not None
    assert second is not None

    with pytest.raises(LinkRefused):
        await door.enroll(first, "eve", PASSWORD)
    await door.enroll(second, "ada", PASSWORD)

    assert [(one.name, one.role) for one in await door.users.all()] == [("ada", Role.ADMIN)]
    assert await door.log_in(ADA)
    assert await door.enroll.first_link() is None
    with pytest.raises(LinkRefused):
        await door.enroll(second, "eve", PASSWORD)


async def test_a_link_is_good_for_a_day(door: Door, ada: UserId) -> None:
    link = await door.enroll.link(ada)

    await door.later(timedelta(hours=25))

    with pytest.raises(LinkRefused):
        await door.enroll(link, "", PASSWORD)


async def test_a_token_comes_in_until_it_is_revoked(door: Door) -> None:
    await door.tokens.add("grafana", digest_of("t"), READ, AUTHOR)
    known = await door.tokens.find(digest_of("t"))

    revoked = await door.tokens.revoke("grafana", AUTHOR)

    assert known is not None
    assert (known.name, known.scopes) == ("grafana", READ)
    assert revoked
    assert await door.tokens.find(digest_of("t")) is None
    await door.tokens.add("grafana", digest_of("u"), READ, AUTHOR)


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("short", "at least 12"),
        ("my name is ada ok", "name"),
        ("aaaaaaaaaaaabb", "different"),
        ("x" * 2000, "at most"),
        ("correct horse battery", ""),
    ],
)
def test_a_password_is_judged_by_what_matters(password: str, word: str) -> None:
    assert word in password_problem(Secret(password), "ada")
    assert (password_problem(Secret(password), "ada") == "") is (word == "")
