"""The ways in which alerts are written, and how a field of another way was understood."""

from enum import Enum
from typing import NamedTuple


class Dialect(Enum):
    """Whose message it is, as it is called for a trader."""

    NATIVE = "Signalman's own message"
    STRATEGY = "a message with the placeholders of a strategy"
    TRADERSPOST = "a TradersPost message"
    ORDER_WORDS = "a message for another receiver"


class Reading(NamedTuple):
    """One field: its dotted name in the body, its value, and what it was read as."""

    path: str
    value: str
    meaning: str
