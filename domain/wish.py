"""What a strategy answers: a side to be on, nothing, or to leave; and why."""

from collections.abc import Callable
from enum import Enum

from domain.reasons import Finding
from domain.rules import Rules
from domain.signal import Direction, Signal
from domain.state import BotState


class Leave(Enum):
    """The wish to be flat."""

    NOW = "leave"


LEAVE = Leave.NOW
View = tuple[Direction | Leave | None, Finding]
Strategy = Callable[[BotState, Signal, Rules], View]
