import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from adapters.queue.ringer import Ringer
from adapters.queue.tasks import Ring, ring_for_alerts
from application.ports.inbox import Urgency
from application.records import AccountId, Key
from domain.instrument import Symbol

SECONDS = 10.0
BTC = Key(AccountId(1), Symbol("BTC/USDT"))
ETH = Key(AccountId(1), Symbol("ETH/USDT"))


@dataclass(slots=True)
class Wire:
    """A way to Redis that can be cut, and that can be held up while something is on it."""

    open: threading.Event = field(default_factory=threading.Event)
    used: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    sent: list[Ring] = field(default_factory=list[Ring])
    cut: bool = False
    let_go: int = 0

    def send(self, rings: Sequence[Ring]) -> None:
        """Take rings, once the wire is open."""
        self.used.release()
        assert self.open.wait(SECONDS)
        if self.cut:
            raise ConnectionError("nobody answers")
        self.sent += rings

    def close(self) -> None:
        """Count how often it was let go of."""
        self.let_go += 1


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def ringer(wire: Wire) -> Iterator[Ringer]:
    ringer = Ringer(wire.send, wire.close)
    yield ringer
    wire.open.set()
    ringer.close(SECONDS)


def begin(ringer: Ringer, wire: Wire) -> None:
    """Have one ring on the wire, which takes no other until it is opened."""
    ringer.ring([ring_for_alerts()])
    assert wire.used.acquire(timeout=SECONDS)


def test_closing_sends_what_is_pending_and_lets_go(ringer: Ringer, wire: Wire) -> None:
    wire.open.set()
    ringer.ring([Ring(BTC, Urgency.ENTRY), Ring(ETH, Urgency.ENTRY)])

    ringer.close(SECONDS)

    assert wire.sent == [Ring(BTC, Urgency.ENTRY), Ring(ETH, Urgency.ENTRY)]
    assert wire.let_go == 1


def test_rings_of_one_key_are_one_ring_as_urgent_as_the_most_urgent(
    ringer: Ringer, wire: Wire
) -> None:
    begin(ringer, wire)
    for urgency in (Urgency.ENTRY, Urgency.EXIT, Urgency.NOTIFY):
        ringer.ring([Ring(BTC, urgency)])

    wire.open.set()
    ringer.close(SECONDS)

    assert wire.sent == [ring_for_alerts(), Ring(BTC, Urgency.EXIT)]


def test_the_most_urgent_is_sent_first(ringer: Ringer, wire: Wire) -> None:
    begin(ringer, wire)
    ringer.ring([Ring(BTC, Urgency.NOTIFY), Ring(ETH, Urgency.EXIT)])

    wire.open.set()
    ringer.close(SECONDS)

    assert [ring.key for ring in wire.sent] == [None, ETH, BTC]


def test_a_wire_that_was_cut_is_used_again(ringer: Ringer, wire: Wire) -> None:
    wire.cut = True
    begin(ringer, wire)
    wire.open.set()
    ringer.close(SECONDS)
    wire.cut = False

    ringer.ring([Ring(BTC, Urgency.ENTRY)])
    ringer.close(SECONDS)

    assert wire.sent == [Ring(BTC, Urgency.ENTRY)]


def test_no_thread_is_left_after_closing(ringer: Ringer, wire: Wire) -> None:
    before = threading.active_count()
    begin(ringer, wire)
    wire.open.set()

    ringer.close(SECONDS)

    assert threading.active_count() == before


def test_closing_what_never_rang_does_nothing(ringer: Ringer, wire: Wire) -> None:
    ringer.close(SECONDS)

    assert (wire.sent, wire.let_go) == ([], 0)
