"""What a venue's answer changes: the order, its fills, the position, the intent, the job.

Pure, and the same however often an answer is recorded: an execution counts once by its
trade id, and an order that is over changes only by late fills.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from application.answers import (
    Acknowledged,
    FillReport,
    NotFound,
    NotPlaced,
    Refused,
    Report,
)
from application.deciding import decided
from application.identity import client_order_id
from application.observing import moment
from application.records import (
    BotId,
    Changes,
    ClosedTrade,
    Desk,
    FillRecord,
    Intent,
    IntentStatus,
    Job,
    JobStatus,
    Timer,
    Transition,
    WorkingOrder,
)
from domain.exits import bars_end
from domain.money import ZERO, subtract
from domain.order import Order, OrderEvent, OrderStatus
from domain.position import Fill
from domain.state import BotState


@dataclass(slots=True)
class _Ledger:
    """What the recording of one answer has come to so far."""

    order: Order
    state: BotState
    trade_ids: frozenset[str]
    transitions: list[Transition]
    fills: list[FillRecord]
    trades: list[ClosedTrade]
    timers: list[Timer]


def record(desk: Desk, job: Job, working: WorkingOrder, answer: Report) -> Changes:
    """Return what ``answer`` changes about the order's job."""
    intent = next(one for one in job.intents if one.id == working.intent)
    ledger = _Ledger(
        order=working.order,
        state=desk.bots[intent.bot].state,
        trade_ids=working.trade_ids,
        transitions=[],
        fills=[],
        trades=[],
        timers=[],
    )
    match answer:
        case Acknowledged():
            _acknowledged(ledger, desk, job, intent, answer)
        case Refused():
            _moved(ledger, OrderEvent.REJECTED, f"{answer.code}: {answer.text}", desk.now)
        case NotPlaced():
            _moved(ledger, OrderEvent.NOT_PLACED, answer.evidence, desk.now)
        case NotFound(authoritative=True) if _cannot_arrive(working.order, desk.now):
            _moved(ledger, OrderEvent.NOT_PLACED, answer.evidence, desk.now)
        case _:
            _moved(ledger, OrderEvent.BECAME_UNKNOWN, answer.evidence, desk.now)
    return _changes(ledger, desk, job, replace(working, order=ledger.order), intent)


def _acknowledged(
    ledger: _Ledger, desk: Desk, job: Job, intent: Intent, answer: Acknowledged
) -> None:
    ledger.order = replace(ledger.order, venue_order_id=answer.venue_order_id)
    for report in answer.fills:
        if report.trade_id not in ledger.trade_ids:
            _filled(ledger, desk, job, intent, report)
    if ledger.order.status.is_over:
        return
    if answer.ended:
        _moved(ledger, OrderEvent.CANCELED, answer.evidence, desk.now)
    elif ledger.order.status in (OrderStatus.SUBMITTING, OrderStatus.UNKNOWN):
        opened = not ledger.order.filled
        event = OrderEvent.OPENED if opened else OrderEvent.FILLED_IN_PART
        _moved(ledger, event, answer.evidence, desk.now)


def _filled(
    ledger: _Ledger, desk: Desk, job: Job, intent: Intent, report: FillReport
) -> None:
    at = moment(desk, job) if desk.account.by_bar else report.at
    before = ledger.state.position
    fill = _as_fill(desk, job, intent, report, at)
    ledger.state = ledger.state.filled(fill, job.signal)
    position = ledger.state.position
    realized = ZERO if intent.enters else subtract(position.realized, before.realized)
    ledger.order = ledger.order.after_fill(report.quantity, report.price)
    whole = ledger.order.filled >= ledger.order.quantity
    event = OrderEvent.FILLED if whole else OrderEvent.FILLED_IN_PART
    evidence = f"trade {report.trade_id}: {report.quantity:f} at {report.price:f}"
    ledger.transitions.append(
        Transition(order=ledger.order.id, event=event, evidence=evidence, at=desk.now)
    )
    ledger.fills.append(
        FillRecord(
            order=ledger.order.id,
            trade_id=report.trade_id,
            quantity=report.quantity,
            price=report.price,
            fee=report.fee,
            fee_currency=report.fee_currency,
            realized=realized,
            at=at,
        )
    )
    ledger.trade_ids = ledger.trade_ids | {report.trade_id}
    if not intent.enters and position.is_flat:
        _closed(ledger, intent, at)
    elif intent.enters and before.is_flat:
        _opened(ledger, desk, intent)


def _as_fill(
    desk: Desk, job: Job, intent: Intent, report: FillReport, at: datetime
) -> Fill:
    """Return the fill as the position sees it; a fee taken in base reduces the lot."""
    quantity, fee = report.quantity, report.fee
    if intent.enters and report.fee_currency == desk.instrument.base:
        quantity, fee = subtract(quantity, fee), ZERO
    bar = job.signal.bar_time if job.signal else None
    return Fill(intent.side, intent.number, quantity, report.price, fee, at, bar)


def _closed(ledger: _Ledger, intent: Intent, at: datetime) -> None:
    trade = ledger.state.position.trade(at)
    ledger.trades.append(ClosedTrade(bot=intent.bot, intent=intent.id, trade=trade))


def _opened(ledger: _Ledger, desk: Desk, intent: Intent) -> None:
    bot = desk.bots[intent.bot]
    first, timeframe = ledger.state.position.first_bar, bot.rules.timeframe
    if first is None or timeframe is None or desk.account.by_bar:
        return
    due = bars_end(bot.rules.exits, first, timeframe)
    if due is not None:
        ledger.timers.append(Timer(bot=bot.id, due_at=due))


def _moved(ledger: _Ledger, event: OrderEvent, evidence: str, at: datetime) -> None:
    ledger.order = ledger.order.after(event)
    ledger.transitions.append(
        Transition(order=ledger.order.id, event=event, evidence=evidence, at=at)
    )


def _cannot_arrive(order: Order, now: datetime) -> bool:
    return order.may_arrive_until is None or now > order.may_arrive_until


def _changes(
    ledger: _Ledger, desk: Desk, job: Job, working: WorkingOrder, intent: Intent
) -> Changes:
    intent, again = _next(ledger, desk, working, intent)
    intents = tuple(intent if one.id == intent.id else one for one in job.intents)
    over = all(one.status.is_over for one in intents) and decided(job)
    states: dict[BotId, BotState] = {}
    if ledger.state is not desk.bots[intent.bot].state:
        states[intent.bot] = ledger.state
    return Changes(
        job=job.id,
        status=JobStatus.DONE if over else JobStatus.WORKING,
        states=states,
        intents=(intent,),
        orders=(replace(working, trade_ids=ledger.trade_ids), *again),
        transitions=tuple(ledger.transitions),
        fills=tuple(ledger.fills),
        trades=tuple(ledger.trades),
        timers=tuple(ledger.timers),
    )


def _next(
    ledger: _Ledger, desk: Desk, working: WorkingOrder, intent: Intent
) -> tuple[Intent, tuple[WorkingOrder, ...]]:
    """Return the intent as it stands now, and the order that tries again if one must."""
    order = working.order
    if not order.status.is_over:
        return intent, ()
    if order.status is OrderStatus.NEEDS_OPERATOR:
        return replace(intent, status=IntentStatus.NEEDS_OPERATOR), ()
    rest = _rest(ledger, intent, order)
    if rest == ZERO:
        return replace(intent, status=IntentStatus.DONE), ()
    again = order.status is OrderStatus.NOT_PLACED or (
        not intent.enters and order.status in (OrderStatus.CANCELED, OrderStatus.FILLED)
    )
    if again:
        return intent, (_generation(desk, working, rest),)
    return replace(intent, status=_end(order)), ()


def _rest(ledger: _Ledger, intent: Intent, order: Order) -> Decimal:
    """Return what is still to be done: the rest of an entry, an exit's open lots."""
    if intent.enters:
        return subtract(order.quantity, order.filled)
    return ledger.state.position.quantity


def _end(order: Order) -> IntentStatus:
    return IntentStatus.DONE if order.filled > ZERO else IntentStatus.FAILED


def _generation(desk: Desk, working: WorkingOrder, rest: Decimal) -> WorkingOrder:
    """Return the same order once more under an id of its own, for what is left of it."""
    order = working.order
    number = order.generation + 1
    id = client_order_id(
        desk.installation, working.intent, leg=order.leg, generation=number
    )
    again = Order(
        id=id,
        symbol=order.symbol,
        side=order.side,
        reduces=order.reduces,
        quantity=rest,
        decision_price=order.decision_price,
        generation=number,
        leg=order.leg,
        trigger_price=order.trigger_price,
        triggers_stop=order.triggers_stop,
    )
    return WorkingOrder(intent=working.intent, order=again)
