"""Histories that were read once, as columns on disk: reading them back takes milliseconds.

A file is a line of JSON, padded to whole words, then the columns one after the other as
64-bit little-endian numbers. It is named after the place, size and time of change of what
it was made from, so that a changed source is read anew. Whatever cannot be read back is
read from its source again, and a cache that cannot be written is done without.
"""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from application.ports.bars import BarIssue, BarIssueKind, Bars
from domain.timeframe import Timeframe

VERSION = 1
_COLUMNS = ("times", "opens", "highs", "lows", "closes")
_WORD = 8


@dataclass(frozen=True, slots=True)
class ColumnCache:
    """A folder of histories; it is made when something is kept."""

    folder: Path

    def of_file(self, path: Path, read: Callable[[], Bars], how: str = "") -> Bars:
        """Return the history of a file, from the cache where the file has not changed.

        ``how`` tells readings of one file apart.
        """
        try:
            stat = path.stat()
        except OSError:
            return read()
        place = str(path.resolve())
        return self.named(f"{place}|{stat.st_size}|{stat.st_mtime_ns}|{how}", read)

    def named(self, name: str, read: Callable[[], Bars]) -> Bars:
        """Return what was kept under a name, or read and keep it."""
        digest = sha256(f"{VERSION}|{name}".encode()).hexdigest()[:32]
        path = self.folder / f"{digest}.bars"
        known = load(path)
        if known is not None:
            return known
        bars = read()
        with suppress(OSError):
            save(bars, path)
        return bars


def save(bars: Bars, path: Path) -> None:
    """Write a history whole: another process sees all of it or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    head = json.dumps(_described(bars)).encode()
    head += b" " * (-(len(head) + 1) % _WORD) + b"\n"
    import tempfile  # noqa: PLC0415 - only where something is kept

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(head)
            for column in _COLUMNS:
                file.write(np.ascontiguousarray(getattr(bars, column), "<i8").data)
            for plot in bars.plots.values():
                file.write(np.ascontiguousarray(plot, "<f8").data)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load(path: Path) -> Bars | None:
    """Return a history that was saved; None if there is none or it is not whole."""
    try:
        content = path.read_bytes()
        head, _, _ = content.partition(b"\n")
        known = json.loads(head)
        count, titles = known["count"], known["plots"]
        start = len(head) + 1
        columns = np.frombuffer(content, "<i8", count * len(_COLUMNS), start)
        start += columns.nbytes
        plots = np.frombuffer(content, "<f8", count * len(titles), start)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    named: dict[str, Any] = dict(zip(_COLUMNS, columns.reshape(-1, count), strict=True))
    return Bars(
        exchange=known["exchange"],
        ticker=known["ticker"],
        timeframe=Timeframe.parse(known["timeframe"]),
        digits=known["digits"],
        plots=dict(zip(titles, plots.reshape(-1, count), strict=True)) if titles else {},
        issues=tuple(
            BarIssue(BarIssueKind(kind), line, text) for kind, line, text in known["issues"]
        ),
        **named,
    )


def _described(bars: Bars) -> dict[str, Any]:
    return {
        "count": len(bars),
        "exchange": bars.exchange,
        "ticker": bars.ticker,
        "timeframe": str(bars.timeframe),
        "digits": bars.digits,
        "plots": list(bars.plots),
        "issues": [[kind.value, line, text] for kind, line, text in bars.issues],
    }
