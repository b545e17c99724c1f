"""A file of heads beside the data: a line each, appended to, for you to copy elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from application.ports.audit import Anchor, Head

NAME = "audit-anchors"


@dataclass(frozen=True, slots=True)
class AnchorFile:
    """Anchors in a data directory."""

    directory: Path

    def keep(self, at: datetime, head: Head) -> None:
        """Append a head."""
        self.directory.mkdir(parents=True, exist_ok=True)
        line = f"{at.isoformat()} {head.position} {head.hash.hex()}\n"
        with self._path.open("a", encoding="ascii") as file:
            file.write(line)

    def all(self) -> Sequence[Anchor]:
        """Return what was kept; a line that a crash cut short is left out."""
        if not self._path.is_file():
            return ()
        lines = self._path.read_text(encoding="ascii", errors="replace").splitlines()
        return [anchor for line in lines if (anchor := _anchor(line)) is not None]

    @property
    def _path(self) -> Path:
        return self.directory / NAME


def _anchor(line: str) -> Anchor | None:
    try:
        at, position, digest = line.split()
        head = Head(int(position), bytes.fromhex(digest))
        return Anchor(datetime.fromisoformat(at), head)
    except ValueError:
        return None
