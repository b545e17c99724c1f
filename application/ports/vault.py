"""Sealing secrets, keeping them sealed, and opening them again where they are used.

Whoever takes secrets in needs a ``Sealer`` only; an ``Opener`` is for whoever asks venues.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple, Protocol

from application.ports.configuration import Author


class SecretKind(Enum):
    """What a secret is for."""

    ACCOUNT = "account"
    """The keys of an account at its venue."""
    TOTP = "totp"
    """What a user's one-time codes are made from."""


class SecretPlace(NamedTuple):
    """Whose secret it is. A secret opens in its own place only."""

    kind: SecretKind
    owner: int

    @property
    def about(self) -> str:
        """Return what a seal is bound to."""
        return f"signalman/1/{self.kind.value}/{self.owner}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A secret that only its key opens. ``key`` names that key and tells nothing of it."""

    key: str
    wrapped: bytes
    """The data key, sealed by the key-encryption key."""
    body: bytes
    """The secret, sealed by the data key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRow:
    """A sealed secret as it is kept: what it consists of, and since when."""

    place: SecretPlace
    sealed: Sealed
    names: tuple[str, ...]
    at: datetime


class CannotSeal(Exception):
    """There is no key to seal with. Says how to give one."""


class CannotOpen(Exception):
    """A seal does not open: its key is not there, or it is not what was sealed."""


class Sealer(Protocol):
    """Seals."""

    def seal(self, plain: bytes, place: SecretPlace) -> Sealed:
        """Seal under a data key of its own, bound to its place.

        Raises:
            CannotSeal: If there is no key.
        """
        ...


class Opener(Protocol):
    """Opens what was sealed, and seals it under another key."""

    def open(self, sealed: Sealed, place: SecretPlace) -> bytes:
        """Return what was sealed.

        Raises:
            CannotOpen: If its key is unknown, it was changed, or it belongs elsewhere.
        """
        ...

    def rewrap(self, sealed: Sealed, place: SecretPlace) -> Sealed:
        """Return it under the first key; the same where it is under that one already.

        Raises:
            CannotOpen: As ``open`` does.
        """
        ...

    def keys(self) -> tuple[str, ...]:
        """Return the names of the keys that are there, the one that seals first."""
        ...


class SealedSecrets(Protocol):
    """Where sealed secrets are kept."""

    async def keep(
        self, place: SecretPlace, sealed: Sealed, names: Sequence[str], author: Author
    ) -> None:
        """Keep a secret in place of the one before, and audit that, not what."""
        ...

    async def find(self, place: SecretPlace) -> SealedRow | None:
        """Return what is kept at a place; None for nothing."""
        ...

    async def all(self) -> Sequence[SealedRow]:
        """Return everything that is kept, by kind and owner."""
        ...

    async def rewrapped(self, place: SecretPlace, before: Sealed, after: Sealed) -> bool:
        """Keep the same secret under another key; false if it changed meanwhile."""
        ...

    async def forget(self, place: SecretPlace, author: Author) -> bool:
        """Forget a secret, and audit it; false when there was none."""
        ...
