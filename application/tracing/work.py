"""The steps of one bot's work: queued, checked, sized, planned, and its orders."""

from collections.abc import Iterator, Mapping

from application import wording
from application.ports.views import AlertRow, JobTrace
from application.records import DecisionRecord, IntentStatus, JobStatus, RevisionId
from application.tracing.arithmetic import Terms, sum_of
from application.tracing.checks import check_lines
from application.tracing.execution import Execution, executions
from application.tracing.outcome import job_sentence, profit, reason_sentence
from application.tracing.step import Step, StepState
from application.tracing.venue import order_steps
from domain.position import Trade
from domain.reason_catalogue import entry
from domain.reasons import Reason, ReasonClass

TermsOf = Mapping[RevisionId, Terms]


def job_steps(alert: AlertRow, job: JobTrace, terms: TermsOf) -> Iterator[Step]:
    """Yield what one bot did with an alert: each decision, then what it caused."""
    yield _queued(job)
    waiting, trades = list(executions(job)), list(job.trades)
    for decision, bot in zip(job.decisions, job.decision_bots, strict=False):
        yield _checked(job, decision, bot)
        if decision.sized is not None:
            yield _sized(job, decision, bot, terms.get(decision.revision))
        caused = [one for one in waiting if _is_caused(one, decision)]
        waiting = [one for one in waiting if one not in caused]
        yield from _executed(job, caused, trades)
    yield from _executed(job, waiting, trades)
    yield from (_closed(job, trade) for trade in trades)
    yield _result(alert, job)


def _is_caused(one: Execution, decision: DecisionRecord) -> bool:
    """Say whether a decision led to an intent; an entry may have waited for a close."""
    if one.intent.bot != decision.bot:
        return False
    waits = one.intent.enters and not one.orders
    return decision.reason is (Reason.EXIT_REVERSED if waits else one.intent.reason)


def _executed(job: JobTrace, done: list[Execution], trades: list[Trade]) -> Iterator[Step]:
    for one in done:
        yield _planned(one)
        yield from order_steps(one)
        if trades and not one.intent.enters and one.intent.status is IntentStatus.DONE:
            yield _closed(job, trades.pop(0))


def _queued(job: JobTrace) -> Step:
    return Step(
        state=StepState.PASSED,
        title="Queued",
        sentence=f"For bot {job.bot}: {job.symbol} on account {job.account} ({job.mode}).",
        at=job.queued_at,
        bot=job.bot,
    )


def _checked(job: JobTrace, decision: DecisionRecord, bot: str) -> Step:
    known = entry(decision.reason)
    whose = f"Bot {bot}: " if bot != job.bot else ""
    fix = () if known.reason_class in _NEUTRAL else (f"what to do: {known.fix}",)
    return Step(
        state=_STATES.get(known.reason_class, StepState.STOPPED),
        title="Checked",
        sentence=whose + _DECIDED.get(decision.reason, reason_sentence(decision)),
        at=decision.at,
        details=(
            *check_lines(decision),
            *fix,
            f"configuration: revision {decision.revision}",
        ),
        bot=bot,
    )


_DECIDED = {
    Reason.EXIT_CLOSE: "Close the position: the alert asks for it.",
    Reason.EXIT_OPPOSITE: "Close the position: the opposite condition holds.",
    Reason.EXIT_REVERSED: "Close the position and open the other side: the opposite "
    "condition holds, and the bot reverses.",
    Reason.ENTRY_OPENED: "Open the first entry: every rule lets it pass.",
    Reason.ENTRY_SCALED_IN: "Add an entry: every rule lets it pass.",
}
_STATES = {
    ReasonClass.TRADED: StepState.PASSED,
    ReasonClass.DECISION: StepState.NOT_NEEDED,
}
_NEUTRAL = tuple(_STATES)


def _sized(job: JobTrace, decision: DecisionRecord, bot: str, terms: Terms | None) -> Step:
    sized = decision.sized
    if sized is None:
        message = "a decision without a size has no step Sized"
        raise ValueError(message)
    later = [wording.number(quantity) for quantity in sized.planned]
    reserve = (f"reserved for all entries: {', '.join(later)} {job.base}",) if later else ()
    equity = sized.equity
    known = () if equity is None else (f"equity: {wording.number(equity)} {job.quote}",)
    return Step(
        state=StepState.PASSED,
        title="Sized",
        sentence=f"{sum_of(sized, job.base, job.quote, terms)}.",
        details=(f"price: {wording.price(sized.price)} {job.quote}", *known, *reserve),
        bot=bot,
    )


def _planned(one: Execution) -> Step:
    intent = one.intent
    side = intent.side.value.lower()
    amount = "" if one.quantity is None else f"{wording.number(one.quantity)} {one.base} "
    what = f"entry {intent.number} {side}" if intent.enters else f"close the {side}"
    verb = "Buy" if one.buys else "Sell"
    level = () if intent.level is None else (f"level: {wording.price(intent.level)}",)
    held = (
        (f"reserved: {wording.number(intent.reserved)} {one.quote}",)
        if intent.reserved
        else ()
    )
    return Step(
        state=StepState.PASSED if one.orders else StepState.NOT_NEEDED,
        title="Planned",
        sentence=f"{verb} {amount}at the market: {what}."
        if one.orders
        else f"{verb} once the close is confirmed: {what}.",
        at=one.orders[0].created_at if one.orders else None,
        details=(f"intent: {intent.id}", *level, *held),
        bot=one.bot,
    )


def _closed(job: JobTrace, trade: Trade) -> Step:
    side, entries = trade.side.value.capitalize(), wording.plural(trade.entries, "entry")
    return Step(
        state=StepState.PASSED,
        title="Trade closed",
        sentence=f"{side} with {entries}: {profit(trade, job.quote)}.",
        at=None,
        details=(
            f"opened: {wording.moment(trade.opened_at)} UTC",
            f"closed: {wording.moment(trade.closed_at)} UTC",
            f"quantity: {wording.number(trade.quantity)} {job.base}",
            f"entry cost: {wording.number(trade.entry_cost)} {job.quote}",
            f"exit proceeds: {wording.number(trade.exit_proceeds)} {job.quote}",
            f"fees: {wording.number(trade.fees)} {job.quote}",
        ),
        bot=job.bot,
    )


def _result(alert: AlertRow, job: JobTrace) -> Step:
    over = job.status is JobStatus.DONE
    return Step(
        state=StepState.PASSED if over else StepState.WARNING,
        title="Result",
        sentence=job_sentence(alert, job),
        at=job.finished_at,
        bot=job.bot,
    )
