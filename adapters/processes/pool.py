"""A pool of processes, each of which holds the work and is sent only what differs."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")
_CHUNKS_EACH = 8
"""So many chunks for each process: few messages, and little waiting for the last."""


@dataclass(frozen=True, slots=True)
class ProcessPool:
    """The port ``Workforce``. One process, or one thing, is worked right here."""

    processes: int = 0
    """0: as many as there are cores."""

    def __call__(
        self, work: Callable[[T], R], things: Sequence[T]
    ) -> Generator[R, None, None]:
        """Yield results as they are done."""
        count = min(self.processes or cores(), len(things))
        if count < 2:  # noqa: PLR2004 - a pool of one only costs
            yield from map(work, things)
            return
        # Forked processes share what is computed already; elsewhere it is sent to each.
        method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
        context = multiprocessing.get_context(method)
        size = max(1, min(64, len(things) // (count * _CHUNKS_EACH)))
        with context.Pool(count, _hold, (work,)) as pool:
            yield from pool.imap_unordered(_call, things, size)


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_held: list[Callable[[Any], Any]] = []


def _hold(work: Callable[[Any], Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked decides what Ctrl-C means
    _held[:] = [work]


def _call(thing: Any) -> Any:
    return _held[0](thing)
