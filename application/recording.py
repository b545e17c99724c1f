"""What a venue's answer changes: the order, its fills, the position, the intent, the job.

Pure, and the same however often an answer is recorded: an execution counts once by its
trade id, and an order that is over changes only by late fills.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from application.answers import (
    ALREADY_FLAT,
    Acknowledged,
    FillReport,
    Refused,
    Report,
)
from application.deciding import decided
from application.identity import client_order_id
from application.limit_entries import goes_to_market
from application.observing import moment
from application.records import (
    BotId,
    Changes,
    ClosedTrade,
    Desk,
    Dust,
    FillRecord,
    Intent,
    IntentStatus,
    Job,
    JobStatus,
    Timer,
    Transition,
    WorkingOrder,
)
from application.resolving import Silent, event_of
from domain.exits import bars_end
from domain.fills import fee as market_fee
from domain.instrument import Instrument, Kind
from domain.money import ZERO, multiply, subtract
from domain.order import Order, OrderEvent, OrderStatus
from domain.position import Fill, Position
from domain.reasons import Reason
from domain.state import BotState

FRUITLESS_MAX = 5
"""How many orders of an exit may end without a fill before it has failed."""


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
    dust: list[Dust]
    was_over: bool
    """Whether nothing more was expected: then nothing is sent after it either."""
    already_flat: bool
    """Whether the venue has nothing left to reduce."""


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
        dust=[],
        was_over=working.order.status.is_over,
        already_flat=isinstance(answer, Refused) and answer.code == ALREADY_FLAT,
    )
    if isinstance(answer, Acknowledged):
        _acknowledged(ledger, desk, job, intent, answer)
    else:
        event = event_of(desk, working.order, answer)
        if event is not None:
            _moved(ledger, event, _evidence(answer), desk.now)
    return _changes(ledger, desk, job, replace(working, order=ledger.order))


def _acknowledged(
    ledger: _Ledger, desk: Desk, job: Job, intent: Intent, answer: Acknowledged
) -> None:
    ledger.order = replace(ledger.order, venue_order_id=answer.venue_order_id)
    for report in answer.fills:
        if report.trade_id not in ledger.trade_ids:
            _filled(ledger, desk, job, intent, report)
    operated = ledger.order.status is OrderStatus.NEEDS_OPERATOR
    if ledger.order.status.is_over and not operated:
        return
    if answer.ended:
        _moved(ledger, OrderEvent.CANCELED, answer.evidence, desk.now)
    elif ledger.order.status in _IN_DOUBT:
        opened = not ledger.order.filled
        event = OrderEvent.OPENED if opened else OrderEvent.FILLED_IN_PART
        _moved(ledger, event, answer.evidence, desk.now)


_IN_DOUBT = (
    OrderStatus.SUBMITTING,
    OrderStatus.UNKNOWN,
    OrderStatus.NEEDS_OPERATOR,
)


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
            charged=fill.fee,
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
    """Return the fill as the position sees it, with its fee in the settlement currency."""
    quantity, fee = report.quantity, report.fee
    if report.fee_currency == desk.instrument.base != desk.instrument.settle:
        # Taken out of what was bought; from a sale, it is worth what was paid for it.
        if intent.enters:
            quantity, fee = subtract(quantity, fee), ZERO
        else:
            fee = multiply(fee, report.price)
    elif report.fee_currency != desk.instrument.settle:
        # In a coin whose price nobody told: counted as the market's own fee would be.
        fee = market_fee(quantity, report.price, desk.account.costs)
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


def _evidence(answer: Silent) -> str:
    if isinstance(answer, Refused):
        return f"{answer.code}: {answer.text}"
    return answer.evidence


def _changes(ledger: _Ledger, desk: Desk, job: Job, working: WorkingOrder) -> Changes:
    intent, again = _next(ledger, desk, job, working)
    if intent.status is IntentStatus.DONE:
        _write_off(ledger, desk, job, intent)
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
        dust=tuple(ledger.dust),
    )


def _write_off(ledger: _Ledger, desk: Desk, job: Job, intent: Intent) -> None:
    """Let what is left count no more, where the venue takes no order for it.

    It completes the trade; an entry that got so little never began one.
    """
    position, price = ledger.state.position, ledger.order.decision_price
    rest = desk.instrument.round_quantity(position.quantity)
    if position.is_flat or not _is_left(desk.instrument, rest, price):
        return
    if intent.enters and not _is_alone(desk, intent, position):
        return
    at = moment(desk, job) if desk.account.by_bar else desk.now
    if position.left.quantity:
        _closed(ledger, intent, at)
    ledger.state = ledger.state.without_dust()
    ledger.dust.append(
        Dust(
            bot=intent.bot,
            intent=intent.id,
            quantity=position.quantity,
            price=price,
            at=at,
        )
    )


def _is_alone(desk: Desk, intent: Intent, position: Position) -> bool:
    """Say whether an entry is all there is of its position, now and to come."""
    working = {one.number for one in desk.bots[intent.bot].state.working}
    return not position.left.quantity and {*position.numbers, *working} == {intent.number}


def _next(
    ledger: _Ledger, desk: Desk, job: Job, working: WorkingOrder
) -> tuple[Intent, tuple[WorkingOrder, ...]]:
    """Return the intent as it stands now, and the order that tries again if one must."""
    order = working.order
    intent = next(one for one in job.intents if one.id == working.intent)
    if not order.status.is_over:
        return replace(intent, status=IntentStatus.WORKING), ()
    if order.status is OrderStatus.NEEDS_OPERATOR:
        return replace(intent, status=IntentStatus.NEEDS_OPERATOR), ()
    rest = _rest(ledger, desk, intent, order)
    if rest == ZERO or ledger.already_flat:
        return replace(intent, status=IntentStatus.DONE), ()
    again = None
    if not ledger.was_over and not _more_has_happened(desk, job):
        again = _again(desk, job, working, rest)
    if again is not None:
        return intent, (again,)
    return replace(intent, status=_end(order)), ()


def _more_has_happened(desk: Desk, job: Job) -> bool:
    """Say whether the venue closed more of the bot's position than is counted yet.

    What is left after that is for whoever counts it to close.
    """
    return any(
        one.bot == job.bot and one.id != job.id and one.cause.has_happened
        for one in desk.jobs
    )


def _again(
    desk: Desk, job: Job, working: WorkingOrder, rest: Decimal
) -> WorkingOrder | None:
    """Return the order that goes on with what is left; None if nothing is to."""
    order = working.order
    intent = next(one for one in job.intents if one.id == working.intent)
    if _tries_again(intent, order):
        return _generation(desk, working, rest)
    dust = desk.instrument.is_dust(rest, order.decision_price)
    if intent.enters and not dust and goes_to_market(desk, job, order):
        return _at_market(desk, working, rest)
    return None


def _tries_again(intent: Intent, order: Order) -> bool:
    """Say whether another order takes over: an exit goes on while it gets anywhere."""
    if order.status is OrderStatus.NOT_PLACED:
        return True
    if intent.enters or order.status is OrderStatus.REJECTED:
        return False
    return order.filled > ZERO or order.generation < FRUITLESS_MAX


def _rest(ledger: _Ledger, desk: Desk, intent: Intent, order: Order) -> Decimal:
    """Return what is still to be done: the rest of an entry, an exit's open lots.

    Lots that the venue takes no order for stay: they are dust. What the venue closed itself
    was all that it wanted to.
    """
    if intent.enters or intent.reason is Reason.EXIT_BY_VENUE:
        return subtract(order.quantity, order.filled)
    held = ledger.state.position.quantity
    rest = desk.instrument.round_quantity(held)
    return ZERO if _is_left(desk.instrument, rest, order.decision_price) else rest


def _is_left(instrument: Instrument, rest: Decimal, price: Decimal) -> bool:
    """Say whether a rest stays: too little to sell. Reducing knows no least notional."""
    if instrument.kind is Kind.SPOT:
        return instrument.is_dust(rest, price)
    return rest < instrument.quantity_min


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
        limit_price=order.limit_price,
    )
    return WorkingOrder(intent=working.intent, order=again)


def _at_market(desk: Desk, working: WorkingOrder, rest: Decimal) -> WorkingOrder:
    """Return the order that takes at the market what a limit did not get in time."""
    again = _generation(desk, working, rest)
    price = desk.mark.price if desk.mark else again.order.decision_price
    order = replace(again.order, limit_price=None, decision_price=price)
    return replace(again, order=order)
