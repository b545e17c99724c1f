"""The keys of an installation on one machine: a file that only its user may read."""

import os
import secrets
from pathlib import Path

from adapters.vault.keys import new_key

NAME = "encryption.keys"


def keys_beside(directory: Path) -> tuple[str, ...]:
    """Return the keys of a data directory, a line each; made at their first use."""
    path = directory / NAME
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        _make(path)
    return tuple(path.read_text(encoding="ascii").split())


def _make(path: Path) -> None:
    """Make the file whole, or leave the one that somebody else has just made."""
    fresh = path.with_name(f"{NAME}.{secrets.token_hex(4)}")
    made = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(made, "w", encoding="ascii") as file:
        file.write(new_key() + "\n")
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
