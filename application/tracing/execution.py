"""What came of one intent at the venue, over all the orders it took."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from application import wording
from application.ports.views import JobTrace, OrderTrace
from application.records import Intent, Transition
from domain.money import ZERO, add, divide_down
from domain.order import Order, OrderEvent
from domain.signal import Direction

FILLS = (OrderEvent.FILLED, OrderEvent.FILLED_IN_PART)


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """An intent with its orders, oldest first; the last one tells how it stands."""

    bot: str
    base: str
    quote: str
    intent: Intent
    orders: tuple[OrderTrace, ...]

    @property
    def order(self) -> Order | None:
        """Return the newest order; None while the intent waits or was denied."""
        return self.orders[-1].order if self.orders else None

    @property
    def filled(self) -> Decimal:
        """Return what was executed, in base."""
        total = ZERO
        for one in self.orders:
            total = add(total, one.order.filled)
        return total

    @property
    def quantity(self) -> Decimal | None:
        """Return what was to be done, in base; None until the intent's turn comes."""
        if self.intent.quantity is not None:
            return self.intent.quantity
        return self.orders[0].order.quantity if self.orders else None

    @property
    def average_price(self) -> Decimal | None:
        """Return what was paid or received per unit; None when nothing was executed."""
        if not self.filled:
            return None
        cost = ZERO
        for one in self.orders:
            cost = add(cost, one.order.cost)
        return divide_down(cost, self.filled)

    @property
    def buys(self) -> bool:
        """Say whether it buys: a long entry or the exit of a short."""
        return (self.intent.side is Direction.LONG) is self.intent.enters

    @property
    def last_fill(self) -> datetime | None:
        """Return when the newest execution happened, as the account counts time."""
        times = [one.at for one in self.transitions() if one.event in FILLS]
        return times[-1] if times else None

    def transitions(self) -> Iterator[Transition]:
        """Yield what happened to the orders, in order."""
        for one in self.orders:
            yield from one.transitions

    @property
    def evidence(self) -> str:
        """Return what was last seen of the newest order; empty when nothing was."""
        last = self.orders[-1].transitions if self.orders else ()
        return next((one.evidence for one in reversed(last) if one.evidence), "")

    @property
    def amount(self) -> str:
        """Return the executed quantity in base, beside the whole if that is more."""
        whole = self.quantity
        if whole is None or self.filled == whole:
            return f"{wording.number(self.filled)} {self.base}"
        return f"{wording.number(self.filled)} of {wording.number(whole)} {self.base}"


def executions(job: JobTrace) -> tuple[Execution, ...]:
    """Return the job's intents in their order, each with its orders."""
    names = {
        decision.bot: name
        for decision, name in zip(job.decisions, job.decision_bots, strict=False)
    }
    return tuple(
        Execution(
            bot=names.get(intent.bot, job.bot),
            base=job.base,
            quote=job.quote,
            intent=intent,
            orders=tuple(one for one in job.orders if one.intent == intent.id),
        )
        for intent in sorted(job.intents, key=lambda one: one.ordinal)
    )
