"""Every place at which a process may die, numbered, and the decorators that let it.

A checkpoint is a moment of one call to a port: before it, inside its transaction (what was
decided is not written yet), or after it. The decorators are wired by ``program.py``, so the
product itself knows nothing of them.
"""

import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from multiprocessing.synchronize import Event
from typing import Any

Condition = Callable[[Sequence[Any], Any], bool]
"""Says by a call's arguments, and its result once there is one, whether it counts."""


class Moment(Enum):
    """When a process dies: seen from the call."""

    BEFORE = "before"
    INSIDE = "inside"
    AFTER = "after"


class Way(Enum):
    """What happens to the process at its checkpoint."""

    KILLED = "killed"
    STOPPED = "stopped"
    """SIGSTOP: every thread sleeps until SIGCONT."""
    WITHHELD = "withheld"
    """The call is not made, and the process goes on until it is killed from outside."""
    HELD = "held"
    """It waits until ``reached`` is set, and goes on as if nothing had been."""


def _always(_arguments: Sequence[Any], _result: Any) -> bool:
    return True


def _sends(_arguments: Sequence[Any], result: Any) -> bool:
    return bool(result.to_send)


def _records(arguments: Sequence[Any], _result: Any) -> bool:
    """Say whether the venue has answered: by the news of a call, or by a planner's desk."""
    return any(getattr(one, "answers", ()) for one in arguments)


def _turns(arguments: Sequence[Any], result: Any) -> bool:
    """Say whether a close is recorded and the entry the other way leaves, in one."""
    return _records(arguments, result) and _sends(arguments, result)


def _of_keys(arguments: Sequence[Any], _result: Any) -> bool:
    return bool(arguments[0])


def _of_alerts(arguments: Sequence[Any], _result: Any) -> bool:
    return not arguments[0]


def _routed_some(_arguments: Sequence[Any], result: Any) -> bool:
    return bool(result.keys)


def _found_some(_arguments: Sequence[Any], result: Any) -> bool:
    return bool(result)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One place. ``says`` completes "it dies ..."."""

    number: int
    port: str
    method: str
    moment: Moment
    says: str
    when: Condition = _always

    def __str__(self) -> str:
        """Return what a test is named by."""
        return f"{self.number:02} {self.says}"

    @property
    def is_of_orders(self) -> bool:
        """Say whether every order passes it, so that it may be met several times."""
        return self.method in ("advance", "execute", "place") and self.when is not _turns


_B, _I, _A = Moment.BEFORE, Moment.INSIDE, Moment.AFTER

OPENED = Checkpoint(0, "configuration", "sync_instruments", _A, "when it is ready to work")
WEB = (
    Checkpoint(1, "inbox", "receive", _B, "before the alert is kept"),
    Checkpoint(2, "inbox", "receive", _A, "when it is kept, before ring and answer"),
    Checkpoint(3, "queue", "ring", _A, "when it is rung, before the answer", _of_alerts),
)
ANSWERED = Checkpoint(4, "queue", "ring", _B, "when it is answered, not rung", _of_alerts)

FAN_OUT = (
    Checkpoint(10, "inbox", "fan_out", _I, "inside the fan-out"),
    Checkpoint(11, "inbox", "fan_out", _A, "after the fan-out's commit", _routed_some),
)
WORK = (
    Checkpoint(20, "work_queue", "claim", _B, "before the claim"),
    Checkpoint(21, "work_queue", "claim", _A, "after the claim", _found_some),
    Checkpoint(22, "workbench", "advance", _I, "while planning"),
    Checkpoint(23, "workbench", "advance", _A, "after a round"),
    Checkpoint(24, "workbench", "advance", _I, "at the last check before sending", _sends),
    Checkpoint(25, "workbench", "advance", _A, "when SUBMITTING is kept", _sends),
    Checkpoint(26, "paper_ledger", "execute", _I, "while the venue executes"),
    Checkpoint(27, "paper_ledger", "execute", _A, "when the venue took it"),
    Checkpoint(28, "workbench", "advance", _I, "while recording", _records),
    Checkpoint(29, "workbench", "advance", _A, "after recording", _records),
    Checkpoint(30, "workbench", "advance", _A, "between close and entry", _turns),
    Checkpoint(31, "work_queue", "release", _B, "before the release"),
    Checkpoint(32, "work_queue", "release", _A, "after the release"),
)
VENUE = (
    Checkpoint(33, "open_venues", "place", _B, "before the request leaves"),
    Checkpoint(34, "open_venues", "place", _A, "when the venue has answered"),
)
"""Round the call of a real venue: in place of those of the paper ledger (26, 27)."""
AROUND_THE_CALL = (*(one for one in WORK if one.number in (24, 25, 28, 29, 30)), *VENUE)
LEAD = (Checkpoint(40, "leadership", "lead", _A, "when it has the lead", _found_some),)
SWEEP = (
    Checkpoint(41, "inbox", "fan_out", _B, "before it routes"),
    Checkpoint(42, "inbox", "fan_out", _I, "while it routes"),
    Checkpoint(43, "inbox", "fan_out", _A, "when it has routed", _routed_some),
    Checkpoint(44, "queue", "ring", _A, "when it has rung", _of_keys),
)
TIMERS = (
    Checkpoint(50, "work_queue", "ring_timers", _B, "before the timers"),
    Checkpoint(51, "work_queue", "ring_timers", _A, "after the timers", _found_some),
    Checkpoint(52, "work_queue", "due", _A, "when it knows what is due", _found_some),
)
PORTS = (
    "configuration",
    "inbox",
    "work_queue",
    "workbench",
    "paper_ledger",
    "open_venues",
    "leadership",
    "queue",
)


@dataclass(slots=True)
class Fate:
    """What becomes of one process: at which checkpoint, the how manieth time, and how."""

    checkpoint: Checkpoint
    way: Way = Way.KILLED
    time: int = 1
    reached: Event | None = None
    """Set where the process lives on; where it is held, by whoever lets it go."""
    _count: int = 0

    def __str__(self) -> str:
        """Return what a failure is named by."""
        return f"{self.checkpoint}, {self.way.value} at time {self.time}"

    def comes(self, port: str, method: str, moment: Moment) -> bool:
        """Say whether the checkpoint is at this moment of this call."""
        here = self.checkpoint
        return (here.port, here.method, here.moment) == (port, method, moment)

    def meet(self, arguments: Sequence[Any], result: Any = None) -> bool:
        """Die or stop if it is time; return whether the call is to be withheld."""
        if not self.checkpoint.when(arguments, result):
            return False
        self._count += 1
        if self._count != self.time:
            return False
        if self.way is Way.KILLED:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.reached is not None and self.way is Way.HELD:
            self.reached.wait()
        elif self.reached is not None:
            self.reached.set()
        if self.way is Way.STOPPED:
            os.kill(os.getpid(), signal.SIGSTOP)
        return self.way is Way.WITHHELD


@dataclass(frozen=True, slots=True)
class Mortal:
    """A port, one of whose calls may be the last."""

    port: Any
    name: str
    fate: Fate

    def __getattr__(self, method: str) -> Any:
        """Return the port's own method, guarded where the checkpoint is."""
        call = getattr(self.port, method)
        comes = {one: self.fate.comes(self.name, method, one) for one in Moment}
        if not any(comes.values()):
            return call

        async def guarded(*given: Any, **named: Any) -> Any:
            if comes[Moment.BEFORE] and self.fate.meet(given):
                return None
            if comes[Moment.INSIDE]:
                given = tuple(self._guarded(one) for one in given)
            result = await call(*given, **named)
            if comes[Moment.AFTER]:
                self.fate.meet(given, result)
            return result

        return guarded

    def _guarded(self, argument: Any) -> Any:
        """Return what a transaction calls back, dying once it knows what to write."""
        if not callable(argument):
            return argument

        def deciding(*given: Any) -> Any:
            decided = argument(*given)
            self.fate.meet(given, decided)
            return decided

        return deciding
