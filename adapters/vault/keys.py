"""Key-encryption keys as people handle them: text, made, checked and named."""

import base64
import binascii
import hashlib
import secrets

KEY_BYTES = 32


class KeyInvalid(ValueError):
    """A key-encryption key that is not 32 bytes in base64. Does not repeat it."""


def new_key() -> str:
    """Return a new key-encryption key: 256 random bits in base64."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def key_bytes(text: str) -> bytes:
    """Return the key that a setting spells.

    Raises:
        KeyInvalid: If it is not 32 bytes in base64, standard or for URLs.
    """
    standard = text.strip().replace("-", "+").replace("_", "/")
    try:
        key = base64.b64decode(standard, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        message = "a key must be 32 bytes in base64; `signalman keys new` prints one"
        raise KeyInvalid(message)
    return key


def key_name(key: bytes) -> str:
    """Return a name that tells keys apart and nothing about them."""
    return hashlib.sha256(b"signalman key " + key).hexdigest()[:8]
