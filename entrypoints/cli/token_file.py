"""Feed tokens kept on this machine, so that `signalman alert send` can use them.

The database has only their hashes. A file is readable by its owner alone.
"""

import os
from pathlib import Path

from entrypoints.settings import Settings

_FOLDER = "feeds"
_ENDING = ".token"


def token_path(settings: Settings, feed: str) -> Path:
    """Return where the token of a feed is kept."""
    return settings.data_dir / _FOLDER / f"{feed}{_ENDING}"


def keep_token(settings: Settings, feed: str, token: str) -> Path | None:
    """Write a feed's token for local use; None where nothing can be written."""
    path = token_path(settings, feed)
    fresh = path.with_suffix(".new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(token)
        fresh.replace(path)
    except OSError:
        return None
    return path


def kept_token(settings: Settings, feed: str) -> str | None:
    """Return the token of a feed, if it was made on this machine."""
    try:
        return token_path(settings, feed).read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def kept_feeds(settings: Settings) -> list[str]:
    """Return the feeds whose tokens are kept here, in alphabetical order."""
    folder = settings.data_dir / _FOLDER
    return sorted(path.name.removesuffix(_ENDING) for path in folder.glob(f"*{_ENDING}"))
