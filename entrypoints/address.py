"""Where `signalman up` serves, kept in the data directory for the other commands."""

from contextlib import suppress
from pathlib import Path

from entrypoints.settings import Settings


def write(settings: Settings, port: int) -> None:
    """Keep the address that is served now."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    _file(settings).write_text(f"http://{settings.host}:{port}\n", encoding="utf-8")


def read(settings: Settings) -> str:
    """Return the address that is served; empty when nothing is."""
    with suppress(OSError):
        return _file(settings).read_text(encoding="utf-8").strip()
    return ""


def forget(settings: Settings) -> None:
    """Say that nothing is served any more."""
    _file(settings).unlink(missing_ok=True)


def _file(settings: Settings) -> Path:
    return settings.data_dir / "address"
