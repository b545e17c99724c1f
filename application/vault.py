"""Keys and tokens: sealed by whoever takes them in, opened only where they are used."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from application.ports.configuration import Author
from application.ports.vault import Opener, SealedSecrets, Sealer, SecretPlace
from application.secret import Secret


@dataclass(frozen=True, slots=True)
class SealSecret:
    """Take a secret in. It is never handed out again to people."""

    sealer: Sealer
    secrets: SealedSecrets

    async def __call__(
        self, place: SecretPlace, parts: Mapping[str, Secret], author: Author
    ) -> None:
        """Seal and keep it, in place of the one before.

        Raises:
            CannotSeal: If there is no key to seal with.
        """
        plain = json.dumps({name: part.reveal() for name, part in parts.items()}).encode()
        sealed = self.sealer.seal(plain, place)
        await self.secrets.keep(place, sealed, sorted(parts), author)


@dataclass(frozen=True, slots=True)
class OpenSecret:
    """Open a secret, for whoever uses it at once."""

    opener: Opener
    secrets: SealedSecrets

    async def __call__(self, place: SecretPlace) -> Mapping[str, Secret] | None:
        """Return its parts by name; None when nothing was ever sealed there.

        Raises:
            CannotOpen: If its key is not there, or it is not what was sealed.
        """
        found = await self.secrets.find(place)
        if found is None:
            return None
        parts = json.loads(self.opener.open(found.sealed, place))
        return {name: Secret(value) for name, value in parts.items()}


class Rotated(NamedTuple):
    """How many secrets went under the first key, and how many were there before."""

    moved: int
    kept: int


@dataclass(frozen=True, slots=True)
class RotateKeys:
    """Put every secret under the first key, so that the others can be retired."""

    opener: Opener
    secrets: SealedSecrets

    async def __call__(self) -> Rotated:
        """Rewrap what is under another key. Doing it twice changes nothing.

        Raises:
            CannotOpen: Naming the first secret whose key is not there; those before it
                are under the first key by then.
        """
        moved = kept = 0
        for row in await self.secrets.all():
            after = self.opener.rewrap(row.sealed, row.place)
            if after is row.sealed:
                kept += 1
            else:
                moved += await self.secrets.rewrapped(row.place, row.sealed, after)
        return Rotated(moved, kept)
