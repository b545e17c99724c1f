"""The first half of planning: exit rules that fire on a price, then the signal."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from application.entering import (
    Entry,
    decision_step,
    remembered_entry,
    try_entry,
    working_entry,
)
from application.identity import client_order_id
from application.limit_entries import TakeBack, being_taken_back, stands_in_the_way
from application.observing import (
    changed_states,
    is_the_market,
    observed,
    prices_for,
)
from application.records import (
    Changes,
    DecisionRecord,
    Desk,
    DeskBot,
    Intent,
    IntentId,
    IntentStatus,
    Job,
    JobCause,
    JobStatus,
    Planned,
    WorkingOrder,
)
from domain.decision import Cancel, Decision, Enter, Exit, decide
from domain.exits import ExitDue, bars_are_up, bars_end, exit_due
from domain.money import ZERO
from domain.order import Order
from domain.protection import left_to_us
from domain.reasons import Finding, Reason, refusal
from domain.risk import TradingState, entry_state
from domain.signal import Direction

EXIT_RULES = (
    Reason.EXIT_STOP_LOSS,
    Reason.EXIT_TAKE_PROFIT,
    Reason.EXIT_TRAILING_STOP,
    Reason.EXIT_MAX_BARS,
)
NewIntentId = Callable[[], IntentId]


class _Leaving(NamedTuple):
    """An exit on its way: whose, how much of which side, why, and at which level."""

    bot: DeskBot
    side: Direction
    quantity: Decimal
    reason: Reason
    level: Decimal | None


def decided(job: Job) -> bool:
    """Say whether the signal itself has been decided; exit rules do not count."""
    if job.cause not in (JobCause.SIGNAL, JobCause.OPERATOR):
        return bool(job.decisions)
    return any(one.reason not in EXIT_RULES for one in job.decisions)


def exits_due(before: Desk, job: Job, new_id: NewIntentId) -> Changes | TakeBack | None:
    """Return the closes that exit rules call for at this job's price; None without any.

    Entries that rest for a bot that is to leave must end first.
    """
    desk = observed(before, job)
    decisions: list[DecisionRecord] = []
    intents: list[Intent] = []
    orders: list[WorkingOrder] = []
    for bot in desk.bots.values():
        due = _due(desk, job, bot)
        position = bot.state.position
        if due is None or position.side is None:
            continue
        leaving = _Leaving(bot, position.side, position.quantity, due.reason, due.level)
        intent, order = _leave(desk, job, leaving, (new_id(), len(intents)))
        step = len(job.decisions) + len(decisions)
        decisions.append(_exit_decision(desk, leaving, step))
        intents.append(intent)
        orders.append(order)
    if not intents:
        return None
    leaves = frozenset(one.bot for one in intents)
    if stands_in_the_way(desk, leaves):
        return TakeBack(leaves, intents[0].reason)
    return Changes(
        job=job.id,
        status=JobStatus.WORKING,
        decisions=tuple(decisions),
        states=changed_states(before, desk),
        intents=tuple(intents),
        orders=tuple(orders),
        mark=desk.mark,
    )


def flatten_decision(desk: Desk, job: Job, new_id: NewIntentId) -> Changes | TakeBack:
    """Plan the close that an operator asked for; what the venue would not take stays."""
    bot = desk.bots[job.bot]
    if stands_in_the_way(desk, frozenset((bot.id,))):
        return TakeBack(frozenset((bot.id,)), Reason.EXIT_FLATTENED)
    position = bot.state.position
    price = desk.mark.price if desk.mark else position.average_price or ZERO
    if position.side is None or position.is_closed(desk.instrument, price):
        nothing = refusal(Reason.CLOSE_NOTHING_OPEN)
        record = decision_step(desk, job, nothing.reason, Entry(None, (nothing,), None))
        return Changes(job=job.id, status=JobStatus.DONE, decisions=(record,))
    leaving = _Leaving(bot, position.side, position.quantity, Reason.EXIT_FLATTENED, None)
    intent, order = _leave(desk, job, leaving, (new_id(), len(job.intents)))
    return Changes(
        job=job.id,
        status=JobStatus.WORKING,
        decisions=(_exit_decision(desk, leaving, len(job.decisions)),),
        intents=(intent,),
        orders=(order,),
    )


def signal_decision(
    before: Desk, job: Job, new_id: NewIntentId
) -> Changes | Planned | TakeBack:
    """Decide the job's signal and plan what it calls for.

    What closes, turns or cancels waits for the end of the bot's own resting entries.
    """
    signal = job.signal
    desk = observed(before, job)
    if signal is None:
        return _looked(before, desk, job)
    bot = desk.bots[job.bot]
    decision = decide(bot.state, signal, bot.rules)
    stopped = _stopped(bot)
    if stopped is not None:
        decision = Decision(stopped.reason, (), (stopped,), decision.memory)
    if any(not isinstance(wanted, Enter) for wanted in decision.intents):
        own = frozenset((bot.id,))
        if stands_in_the_way(desk, own):
            return TakeBack(own, decision.reason)
    decision = _while_frozen(desk, decision)
    bot = replace(bot, state=bot.state._replace(memory=decision.memory))
    desk = replace(desk, bots={**desk.bots, bot.id: bot})
    return _planned(before, desk, job, decision, new_id)


def _looked(before: Desk, desk: Desk, job: Job) -> Changes:
    """Return what a price or a timer comes to that no exit rule is due for."""
    return Changes(
        job=job.id,
        status=JobStatus.DONE,
        states=changed_states(before, desk),
        mark=desk.mark if desk.mark is not before.mark else None,
    )


def _planned(
    before: Desk, desk: Desk, job: Job, decision: Decision, new_id: NewIntentId
) -> Changes | Planned:
    bot = desk.bots[job.bot]
    entry = Entry(None, (), None)
    intents: list[Intent] = []
    orders: list[WorkingOrder] = []
    for wanted in decision.intents:
        if isinstance(wanted, Cancel):
            continue  # what could be taken back is over by now: see signal_decision
        name = (new_id(), len(job.intents) + len(intents))
        if isinstance(wanted, Exit):
            leaving = _Leaving(bot, wanted.side, wanted.quantity, wanted.reason, None)
            if wanted.quantity > ZERO:
                intent, order = _leave(desk, job, leaving, name)
                intents.append(intent)
                orders.append(order)
        elif orders:
            intents.append(_waiting(desk, job, wanted, name))
        else:
            tried = try_entry(desk, job, wanted.side, wanted.number)
            if isinstance(tried, Planned):
                return tried
            entry = tried
            if entry.sized is not None and entry.denial is None:
                intent = _waiting(desk, job, wanted, name)
                intent, sent = working_entry(desk, job, intent, entry.sized)
                intents.append(intent)
                orders.append(WorkingOrder(intent=intent.id, order=sent))
                bot = remembered_entry(bot, entry.sized)
    reason = entry.denial or decision.reason
    findings = (*decision.findings, *entry.findings)
    desk = replace(desk, bots={**desk.bots, bot.id: bot})
    return Changes(
        job=job.id,
        status=JobStatus.WORKING if orders else JobStatus.DONE,
        decisions=(decision_step(desk, job, reason, Entry(entry.sized, findings, None)),),
        states=changed_states(before, desk),
        intents=tuple(intents),
        orders=tuple(orders),
        mark=desk.mark if desk.mark is not before.mark else None,
        brake=entry.brake,
    )


def _while_frozen(desk: Desk, decision: Decision) -> Decision:
    """Return what may be done while the fate of an entry here is open: nothing but exits.

    That is an entry which waits for the operator, or one that the venue does not end.
    """
    frozen = _frozen(desk)
    if frozen is None or not decision.intents:
        return decision
    left = tuple(
        wanted
        for wanted in decision.intents
        if isinstance(wanted, Exit) and wanted.quantity > ZERO
    )
    reason = decision.reason if left else frozen.reason
    findings = (*decision.findings, frozen)
    return decision._replace(reason=reason, intents=left, findings=findings)


def _frozen(desk: Desk) -> Finding | None:
    """Return why nothing may be entered here, whichever bot wants it."""
    if desk.differs:
        return refusal(Reason.POSITION_DIFFERS)
    unresolved = [bot.name for bot in desk.bots.values() if bot.stuck]
    unresolved += being_taken_back(desk)
    return (
        refusal(Reason.ORDER_NEEDS_OPERATOR, ", ".join(unresolved)) if unresolved else None
    )


def _stopped(bot: DeskBot) -> Finding | None:
    """Return why signals cause nothing for this bot; REDUCING stops entries only."""
    if not bot.enabled:
        return Finding(Reason.BOT_DISABLED, passed=False, value=bot.name)
    if bot.trading_state is TradingState.HALTED:
        return entry_state(bot.trading_state)
    return None


def _due(desk: Desk, job: Job, bot: DeskBot) -> ExitDue | None:
    """Return the exit rule of a bot that fires on this job, if one does."""
    rules, position = bot.rules, bot.state.position
    if position.is_flat:
        return None
    if is_the_market(desk, job):
        prices, exits = prices_for(bot, job), left_to_us(rules.exits, bot.resting)
        if prices is not None:
            due = exit_due(position, exits, prices, desk.instrument)
            if due is not None:
                return due
    return _bars_due(desk, job, bot)


def _bars_due(desk: Desk, job: Job, bot: DeskBot) -> ExitDue | None:
    first, timeframe = bot.state.position.first_bar, bot.rules.timeframe
    if first is None or timeframe is None:
        return None
    if job.signal is not None and job.bot == bot.id:
        up = bars_are_up(bot.rules.exits, first, job.signal.bar_time, timeframe)
    else:
        end = bars_end(bot.rules.exits, first, timeframe)
        up = end is not None and not desk.account.by_bar and desk.now >= end
    return ExitDue(Reason.EXIT_MAX_BARS, None) if up else None


def _exit_decision(desk: Desk, leaving: _Leaving, step: int) -> DecisionRecord:
    price = desk.mark.price if desk.mark else None
    return DecisionRecord(
        step=step,
        bot=leaving.bot.id,
        revision=leaving.bot.revision,
        reason=leaving.reason,
        findings=(Finding(leaving.reason, passed=True, value=price, limit=leaving.level),),
        sized=None,
        at=desk.now,
    )


def _leave(
    desk: Desk, job: Job, leaving: _Leaving, name: tuple[IntentId, int]
) -> tuple[Intent, WorkingOrder]:
    """Return the exit's intent and its reduce-only order."""
    id, ordinal = name
    position = leaving.bot.state.position
    price = desk.mark.price if desk.mark else position.average_price or ZERO
    # What is less than a step stays; a fee taken in base leaves such a rest.
    quantity = desk.instrument.round_quantity(leaving.quantity) or leaving.quantity
    intent = Intent(
        id=id,
        job=job.id,
        ordinal=ordinal,
        bot=leaving.bot.id,
        revision=leaving.bot.revision,
        side=leaving.side,
        number=0,
        reason=leaving.reason,
        status=IntentStatus.WORKING,
        quantity=quantity,
        price=price,
        level=leaving.level,
        at=desk.now,
    )
    order = Order(
        id=client_order_id(desk.installation, id, leg=1, generation=1),
        symbol=desk.key.symbol,
        side=leaving.side,
        reduces=True,
        quantity=quantity,
        decision_price=price,
        trigger_price=leaving.level,
        triggers_stop=leaving.reason is not Reason.EXIT_TAKE_PROFIT,
    )
    return intent, WorkingOrder(intent=id, order=order)


def _waiting(desk: Desk, job: Job, wanted: Enter, name: tuple[IntentId, int]) -> Intent:
    id, ordinal = name
    opened = Reason.ENTRY_OPENED if wanted.number == 1 else Reason.ENTRY_SCALED_IN
    return Intent(
        id=id,
        job=job.id,
        ordinal=ordinal,
        bot=job.bot,
        revision=desk.bots[job.bot].revision,
        side=wanted.side,
        number=wanted.number,
        reason=opened,
        status=IntentStatus.WAITING,
        at=desk.now,
    )
