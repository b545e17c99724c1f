"""AES-256-GCM twice: a data key for each secret, and a key-encryption key round that.

A seal is bound to its place: a row that is copied to another account does not open there.
Rotation seals data keys anew, never the secrets themselves.
"""

import secrets
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.vault.keys import KEY_BYTES, key_bytes, key_name
from application.ports.vault import CannotOpen, CannotSeal, Sealed, SecretPlace
from application.secret import Secret

NONCE_BYTES = 12
"""96 bits, as NIST SP 800-38D recommends; random, and a data key seals once only."""
NO_KEY = (
    "there is no key to seal with: set SIGNALMAN_ENCRYPTION_KEYS, "
    "for which `signalman keys new` prints one"
)


class KeyRing:
    """The key-encryption keys: the first seals, all of them open."""

    def __init__(self, keys: Sequence[str]) -> None:
        read = [key_bytes(Secret(key).reveal()) for key in keys]
        self._keys: Mapping[str, bytes] = {key_name(key): key for key in read}

    def keys(self) -> tuple[str, ...]:
        """Return the names of the keys, the one that seals first."""
        return tuple(self._keys)

    def seal(self, plain: bytes, place: SecretPlace) -> Sealed:
        """Seal under a data key of its own."""
        if not self._keys:
            raise CannotSeal(NO_KEY)
        data_key = secrets.token_bytes(KEY_BYTES)
        return self._sealed(data_key, _encrypted(data_key, plain, place.about), place)

    def open(self, sealed: Sealed, place: SecretPlace) -> bytes:
        """Return what was sealed."""
        return _decrypted(self._data_key(sealed, place), sealed.body, place.about)

    def rewrap(self, sealed: Sealed, place: SecretPlace) -> Sealed:
        """Return it under the first key."""
        data_key = self._data_key(sealed, place)
        # Opened as well: what was changed is found now, not when it is needed.
        _decrypted(data_key, sealed.body, place.about)
        if sealed.key == next(iter(self._keys)):
            return sealed
        return self._sealed(data_key, sealed.body, place)

    def _sealed(self, data_key: bytes, body: bytes, place: SecretPlace) -> Sealed:
        name, key = next(iter(self._keys.items()))
        wrapped = _encrypted(key, data_key, f"{place.about}/{name}")
        return Sealed(key=name, wrapped=wrapped, body=body)

    def _data_key(self, sealed: Sealed, place: SecretPlace) -> bytes:
        key = self._keys.get(sealed.key)
        if key is None:
            of = f"{place.kind.value} {place.owner}"
            message = (
                f"the secret of {of} is sealed under key {sealed.key}, which "
                "SIGNALMAN_ENCRYPTION_KEYS does not have"
            )
            raise CannotOpen(message)
        return _decrypted(key, sealed.wrapped, f"{place.about}/{sealed.key}")


def _encrypted(key: bytes, plain: bytes, about: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, about.encode())


def _decrypted(key: bytes, sealed: bytes, about: str) -> bytes:
    nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, body, about.encode())
    except (InvalidTag, ValueError):
        message = f"what is kept for {about} is not what was sealed there"
        raise CannotOpen(message) from None
