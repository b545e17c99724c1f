"""Passwords and one-time codes."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock

import pyotp
import pytest
from argon2 import PasswordHasher

from adapters.passwords.argon2id import AT_ONCE, WAITING_MAX, Argon2Passwords
from adapters.passwords.totp import TotpCodes
from application.ports.access import TooBusy
from application.secret import Secret

RIGHT, WRONG = Secret("correct horse battery"), Secret("correct horse batterz")
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def quick() -> Argon2Passwords:
    return Argon2Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


async def test_a_password_is_kept_as_argon2id_of_64_mib() -> None:
    kept = await Argon2Passwords().hash(RIGHT)

    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await Argon2Passwords().verify(kept, RIGHT)
    assert not await Argon2Passwords().verify(kept, WRONG)


async def test_nobody_has_a_password_however_it_is_guessed() -> None:
    assert not await quick().verify(None, Secret("nobody at all"))
    assert not await quick().verify("no hash", RIGHT)


async def test_a_hash_of_weaker_days_is_known_as_such() -> None:
    kept = await quick().hash(RIGHT)

    assert Argon2Passwords().is_outdated(kept)
    assert not quick().is_outdated(kept)


@dataclass(slots=True)
class HasherThatCounts(PasswordHasher):
    """Notes how many work at once."""

    most: int = 0
    now: int = 0
    lock: Lock = field(default_factory=Lock)
    parameters: None = None

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        del salt
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        kept = PasswordHasher(memory_cost=1024).hash(password)
        with self.lock:
            self.now -= 1
        return kept


async def test_only_a_few_are_hashed_at_once_and_the_loop_goes_on() -> None:
    hasher = HasherThatCounts()
    passwords = Argon2Passwords(hasher)

    await asyncio.gather(*(passwords.hash(RIGHT) for _ in range(8)))

    assert hasher.most == AT_ONCE


async def test_more_than_there_is_room_for_are_sent_away() -> None:
    passwords = quick()
    waiting = [passwords.hash(RIGHT) for _ in range(WAITING_MAX + 3)]

    done = await asyncio.gather(*waiting, return_exceptions=True)

    assert sum(isinstance(one, TooBusy) for one in done) == 3


@pytest.mark.parametrize("late", [0, 30, -30])
def test_a_code_is_right_for_a_clock_that_is_a_step_off(late: int) -> None:
    codes = TotpCodes()
    secret = codes.new_secret()
    code = pyotp.TOTP(secret.reveal()).at(NOW + timedelta(seconds=late))

    assert codes.step(secret, code, NOW) is not None
    assert codes.step(secret, code, NOW + timedelta(minutes=3)) is None


def test_an_authenticator_is_told_whose_code_it_is() -> None:
    codes = TotpCodes()

    uri = codes.uri(codes.new_secret(), "ada").reveal()

    assert uri.startswith("otpauth://totp/Signalman:ada?secret=")
