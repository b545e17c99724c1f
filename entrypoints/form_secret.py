"""The secret that signs the tokens of forms: one for all processes of an installation."""

import os
import secrets
from pathlib import Path

FILE = "form-secret"


def form_secret(directory: Path) -> str:
    """Return the secret of a data directory; the first to ask makes it.

    Processes on several machines have a directory each, so a form must return to the
    machine it came from; a load balancer that is sticky does that.
    """
    path = directory / FILE
    directory.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    return path.read_text(encoding="ascii")
