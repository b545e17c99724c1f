"""Which alert is being worked on: every log line that is written meanwhile carries it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from domain.signal import AlertId

current_alert: ContextVar[AlertId | None] = ContextVar("current_alert", default=None)


@contextmanager
def about(alert: AlertId | None) -> Iterator[None]:
    """Say that what happens inside is about one alert."""
    token = current_alert.set(alert)
    try:
        yield
    finally:
        current_alert.reset(token)
