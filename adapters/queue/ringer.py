"""Sends rings from a thread of its own, so that whoever rings never waits for Redis."""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from adapters.queue.tasks import Ring
from application.records import Key

PAUSE_SECONDS = 0.25
"""Between two attempts while nobody answers; what is rung meanwhile waits for the next."""

GATHER_SECONDS = 0.005
"""After each sending, so that a thousand alerts a second are not a thousand messages.

Whoever rings first after a while is heard at once.
"""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Outage:
    """Says once that something is away, and once that it is back, whoever notices."""

    what: str
    _began: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def began(self, error: BaseException) -> None:
        """Note that it does not answer."""
        with self._lock:
            news, self._began = not self._began, True
        if news:
            facts = {"what": self.what, "error": f"{type(error).__name__}: {error}"}
            log.warning("Redis does not answer; the sweep covers it", extra=facts)

    def ended(self) -> None:
        """Note that it answers."""
        if not self._began:
            return
        with self._lock:
            news, self._began = self._began, False
        if news:
            log.info("Redis answers again", extra={"what": self.what})


@dataclass(slots=True)
class Ringer:
    """What is to be rung, and the thread that rings it. Rings of one key become one."""

    send: Callable[[Sequence[Ring]], None]
    """Blocks until they are sent; the most urgent come first."""
    let_go: Callable[[], None]
    """Closes what ``send`` has opened; called last, in the same thread."""
    _pending: dict[Key | str, Ring] = field(default_factory=dict[Key | str, Ring])
    """By their key, or by their task where they have none."""
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _closing: threading.Event = field(default_factory=threading.Event)
    _outage: Outage = field(default_factory=lambda: Outage("ringing"))
    _thread: threading.Thread | None = None

    def ring(self, rings: Iterable[Ring]) -> None:
        """Have these rung soon; returns at once. They are lost while nobody answers."""
        with self._changed:
            waiting = bool(self._pending)
            for ring in rings:
                about = ring.key or ring.task.name
                known = self._pending.get(about)
                if known is None or ring.urgency < known.urgency:
                    self._pending[about] = ring
            if waiting and self._thread is not None:
                return  # the thread has been told, and takes all there is
            if self._thread is None and self._pending:
                self._closing.clear()
                self._thread = threading.Thread(
                    target=self._serve, name="ringer", daemon=True
                )
                self._thread.start()
            self._changed.notify()

    def close(self, seconds: float = 5.0) -> None:
        """Send what is pending, and end the thread; a later ring starts another."""
        with self._changed:
            thread = self._thread
            self._closing.set()
            self._changed.notify()
        if thread is not None:
            thread.join(seconds)

    def _serve(self) -> None:
        while self._thread is not None:
            while rings := self._next():
                self._try(rings)
            self.let_go()
            with self._changed:
                if not self._pending:
                    self._thread = None

    def _try(self, rings: Sequence[Ring]) -> None:
        try:
            self.send(rings)
        except Exception as error:  # noqa: BLE001 - whatever it is, the sweep covers it
            self._outage.began(error)
            self._closing.wait(PAUSE_SECONDS)
        else:
            self._outage.ended()
            self._closing.wait(GATHER_SECONDS)

    def _next(self) -> Sequence[Ring]:
        """Wait for rings; return none when the thread is to end."""
        with self._changed:
            while not self._pending and not self._closing.is_set():
                self._changed.wait()
            rings = sorted(self._pending.values(), key=lambda ring: ring.urgency)
            self._pending.clear()
            return rings
