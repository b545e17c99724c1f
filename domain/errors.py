"""What can go wrong in the domain; each error carries its facts."""

from decimal import Decimal


class DomainError(Exception):
    """The parent of all domain errors. Never raised itself."""


class ReductionExceedsPosition(DomainError):
    """A reducing fill was larger than what is held."""

    def __init__(self, excess: Decimal) -> None:
        """Keep by how much."""
        super().__init__(f"the reduction exceeds the position by {excess}")
        self.excess = excess


class SideDiffers(DomainError):
    """A fill pointed the other way than the open position: both sides are never open."""

    def __init__(self, held: str, entered: str) -> None:
        """Keep both sides."""
        super().__init__(f"the position is {held}, the fill was {entered}")
        self.held = held
        self.entered = entered


class IllegalTransition(DomainError):
    """Something happened to an order that cannot happen in its status."""

    def __init__(self, status: str, event: str) -> None:
        """Keep the status and the event."""
        super().__init__(f"{event} cannot happen to an order that is {status}")
        self.status = status
        self.event = event
