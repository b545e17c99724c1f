"""What the simulator and the wires of its venues say to each other."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.venue.books import Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came: parameters of the query and of the body together."""

    method: str
    host: str
    path: str
    parameters: Mapping[str, Any]
    query: str
    body: str
    headers: Mapping[str, str]
    at: float


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: JSON, or text as it is."""

    content: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class VenueClock:
    """The venue's own idea of the time."""

    skew_milliseconds: int = 0

    def now(self) -> int:
        """Return milliseconds since 1970."""
        return time.time_ns() // 1_000_000 + self.skew_milliseconds


class Wire(Protocol):
    """One venue's protocol."""

    hosts: frozenset[str]
    customers: dict[str, Customer]

    def answer(self, request: Request) -> Response:
        """Do what is asked and answer as the venue would."""
        ...

    def too_many(self, status: int, seconds: int) -> Response:
        """Answer one who asks too often."""
        ...

    def closed(self) -> Response:
        """Answer during maintenance."""
        ...


Route = Callable[[Customer, Request], Any]
