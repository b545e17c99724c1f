"""The steps of an order: sent, acknowledged or refused or unknown, and each fill."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from application import wording
from application.ports.views import OrderTrace
from application.records import Transition
from application.tracing.execution import FILLS, Execution
from application.tracing.outcome import difference
from application.tracing.step import Step, StepState
from domain.money import divide_down
from domain.order import OrderEvent


def order_steps(one: Execution) -> Iterator[Step]:
    """Yield what happened to an intent's orders, each order from sent to its end."""
    for trace in one.orders:
        acknowledged = False
        for transition in trace.transitions:
            if transition.event in FILLS and not acknowledged:
                yield _acknowledged(one, trace, transition)
            acknowledged = acknowledged or transition.event in (*FILLS, OrderEvent.OPENED)
            yield _TELL[transition.event](one, trace, transition)


def _sent(one: Execution, trace: OrderTrace, transition: Transition) -> Step:
    again = trace.order.generation
    which = "" if again == 1 else f" (attempt {again}, under an id of its own)"
    text = f"As client order id {trace.order.id}{which}."
    return _step(one, transition, _Told("Sent", text))


def _acknowledged(one: Execution, trace: OrderTrace, transition: Transition) -> Step:
    venue = trace.order.venue_order_id
    named = f" under its order id {venue}" if venue else ""
    return _step(one, transition, _Told("Acknowledged", f"The venue took it{named}."))


def _filled(one: Execution, trace: OrderTrace, transition: Transition) -> Step:
    fills = [other for other in trace.transitions if other.event in FILLS]
    text = transition.evidence or "executed"
    if len(fills) == 1 and one.average_price is not None:
        order = trace.order
        price = divide_down(order.cost, order.filled)
        text = f"{one.amount} at {wording.price(price, order.decision_price or None)}"
        if order.decision_price:
            away = difference(price, order.decision_price, buys=order.buys)
            text += f", {away} the price decided on"
    elif transition.event is OrderEvent.FILLED_IN_PART:
        text = f"In part: {text}"
    step = _step(one, transition, _Told("Filled", f"{text}."))
    if transition is not fills[-1] or not trace.fees:
        return step
    fees = f"fees: {wording.number(trace.fees)} {trace.fee_currency}"
    return replace(step, details=(*step.details, fees))


class _Told(NamedTuple):
    """How a step is told that leaves no doubt about the order."""

    title: str
    text: str
    state: StepState = StepState.PASSED


_Tell = Callable[[Execution, OrderTrace, Transition], Step]


def _ended(title: str, text: str, state: StepState) -> _Tell:
    def tell(one: Execution, _trace: OrderTrace, transition: Transition) -> Step:
        return _step(one, transition, _Told(title, text, state))

    return tell


_TELL: Mapping[OrderEvent, _Tell] = MappingProxyType(
    {
        OrderEvent.SUBMITTED: _sent,
        OrderEvent.OPENED: _acknowledged,
        OrderEvent.FILLED_IN_PART: _filled,
        OrderEvent.FILLED: _filled,
        OrderEvent.DENIED: _ended(
            "Held back",
            "It was denied at the last check before it left.",
            StepState.STOPPED,
        ),
        OrderEvent.REJECTED: _ended(
            "Refused", "The venue said no: the order does not exist.", StepState.STOPPED
        ),
        OrderEvent.BECAME_UNKNOWN: _ended(
            "Unknown",
            "No clear answer: the order may or may not exist. The venue is asked by its id "
            "before anything is sent again.",
            StepState.WARNING,
        ),
        OrderEvent.NOT_PLACED: _ended(
            "Not placed", "The venue proved that it never got it.", StepState.WARNING
        ),
        OrderEvent.CANCEL_ASKED: _ended(
            "Taken back", "The venue is asked to end it.", StepState.WARNING
        ),
        OrderEvent.CANCELED: _ended("Canceled", "The order is over.", StepState.WARNING),
        OrderEvent.EXPIRED: _ended("Expired", "The order is over.", StepState.WARNING),
        OrderEvent.GIVEN_TO_OPERATOR: _ended(
            "Needs you",
            "The venue cannot tell with authority what became of it; it is not sent again.",
            StepState.STOPPED,
        ),
    }
)


def _step(one: Execution, transition: Transition, told: _Told) -> Step:
    evidence = transition.evidence if told.title != "Acknowledged" else ""
    return Step(
        state=told.state,
        title=told.title,
        sentence=told.text,
        at=transition.at,
        details=(f"evidence: {evidence}",) if evidence else (),
        bot=one.bot,
    )
