"""Argon2id in threads: at most a few at a time, since each takes 64 MiB on purpose."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from application.ports.access import TooBusy
from application.secret import Secret

T = TypeVar("T")

AT_ONCE = 2
WAITING_MAX = 20
NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$Qe1WuQ71Mu/K2VUaSIkACA"
    "$1Gt3nvixaO+sfpZXnvy2whjnUSiP9qyUlbzHkTT0l4A"
)
"""What a user that there is not has as its hash, so that asking takes as long."""


@dataclass(slots=True)
class Argon2Passwords:
    """Hashes by argon2-cffi's parameters of today (RFC 9106, low memory)."""

    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _waiting: int = 0

    async def hash(self, password: Secret) -> str:
        """Return the hash to keep."""
        return await self._alone(partial(self.hasher.hash, password.reveal()))

    async def verify(self, kept: str | None, password: Secret) -> bool:
        """Say whether it is the password."""
        right = await self._alone(partial(self._is_right, kept or NOBODY, password))
        return right and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Say whether the hash was made by other parameters."""
        return self.hasher.check_needs_rehash(kept)

    def _is_right(self, kept: str, password: Secret) -> bool:
        try:
            return self.hasher.verify(kept, password.reveal())
        except (VerificationError, InvalidHashError):
            return False

    async def _alone(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING_MAX:
            raise TooBusy
        self._waiting += 1
        try:
            async with self._room:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1
