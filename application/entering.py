"""From a wish to enter to an order: sized, checked against every limit, and recorded."""

from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from application.identity import client_order_id
from application.limit_entries import entry_price, limit_at, market_price
from application.observing import age, moment
from application.records import (
    Asks,
    Changes,
    DecisionRecord,
    Desk,
    DeskBot,
    Intent,
    IntentStatus,
    Job,
    JobStatus,
    LoadedUsage,
    Planned,
    WorkingOrder,
)
from domain.money import add, subtract
from domain.order import Order
from domain.reasons import Finding, Reason
from domain.risk import BRAKES, Bounds, check, too_old
from domain.rules import SizingMode
from domain.signal import Direction
from domain.sizing import Budget, Sized, size_entry

_NEEDS_BALANCE = (SizingMode.EQUITY_PERCENT, SizingMode.RISK_PERCENT)


class Entry(NamedTuple):
    """What sizing and checking led to: ``denial`` is None for an entry that may be sent."""

    sized: Sized | None
    findings: tuple[Finding, ...]
    denial: Reason | None

    @property
    def brake(self) -> Finding | None:
        """Return the brake that fired, if one did."""
        last = self.findings[-1] if self.findings else None
        return last if last is not None and self.denial in BRAKES else None


def try_entry(desk: Desk, job: Job, side: Direction, number: int) -> Entry | Planned:
    """Size entry ``number`` and measure it against the limits, or ask what is missing."""
    if desk.not_cleared is not None:
        return Entry(None, (desk.not_cleared,), desk.not_cleared.reason)
    bot = desk.bots[job.bot]
    early = too_old(age(desk, job), bot.limits.max_age_seconds)
    if early is not None and not early.passed:
        return Entry(None, (early,), early.reason)
    asks = _asks(desk, job, bot)
    if asks is not None or desk.usage is None:
        return asks or Planned(asks=Asks.USAGE)
    sized = size_entry(side, number, bot.rules, desk.instrument, _budget(desk, job, bot))
    if isinstance(sized, Finding):
        return Entry(None, (sized,), sized.reason)
    usage = replace(desk.usage.usage, opens_position=number == 1)
    findings = check(sized, usage, _bounds(desk, job, bot, side))
    denied = findings[-1] if findings and not findings[-1].passed else None
    return Entry(sized, findings, denied.reason if denied else None)


def working_entry(
    desk: Desk, job: Job, intent: Intent, sized: Sized
) -> tuple[Intent, Order]:
    """Return the intent that is now under way and its first order."""
    own = sized.notional
    under_way = replace(
        intent,
        status=IntentStatus.WORKING,
        quantity=sized.quantity,
        price=sized.price,
        reserved=own,
        reserved_rest=subtract(sized.reserved, own),
        at=moment(desk, job),
    )
    order = Order(
        id=client_order_id(desk.installation, intent.id, leg=1, generation=1),
        symbol=desk.key.symbol,
        side=sized.side,
        reduces=False,
        quantity=sized.quantity,
        decision_price=market_price(desk, sized),
        limit_price=limit_at(desk, intent.bot, sized),
    )
    return under_way, order


def entry_leg(desk: Desk, job: Job, intent: Intent) -> Changes | Planned:
    """Take up an entry that waited for a close: everything is checked again."""
    bot = desk.bots[intent.bot]
    if desk.mark is None or not bot.state.position.is_closed(
        desk.instrument, desk.mark.price
    ):
        return _dropped(desk, job, intent, Entry(None, (), Reason.ORDER_NOT_PLACED))
    entry = try_entry(desk, job, intent.side, intent.number)
    if isinstance(entry, Planned):
        return entry
    if entry.denial is not None or entry.sized is None:
        return _dropped(desk, job, intent, entry)
    under_way, order = working_entry(desk, job, intent, entry.sized)
    return Changes(
        job=job.id,
        status=JobStatus.WORKING,
        decisions=(decision_step(desk, job, Reason.ENTRY_OPENED, entry),),
        states={bot.id: remembered_entry(bot, entry.sized).state},
        intents=(under_way,),
        orders=(WorkingOrder(intent=intent.id, order=order),),
    )


def remembered_entry(bot: DeskBot, sized: Sized) -> DeskBot:
    """Return the bot once it remembers what it planned; the bar counts once filled."""
    memory = bot.state.memory._replace(planned=sized.planned)
    return replace(bot, state=bot.state._replace(memory=memory))


def decision_step(desk: Desk, job: Job, reason: Reason, entry: Entry) -> DecisionRecord:
    """Return the record of this step of deciding."""
    bot = desk.bots[job.bot]
    return DecisionRecord(
        step=len(job.decisions),
        bot=bot.id,
        revision=bot.revision,
        reason=reason,
        findings=entry.findings,
        sized=entry.sized,
        at=desk.now,
    )


def _dropped(desk: Desk, job: Job, intent: Intent, entry: Entry) -> Changes:
    reason = entry.denial or Reason.ORDER_NOT_PLACED
    return Changes(
        job=job.id,
        status=JobStatus.DONE,
        decisions=(decision_step(desk, job, reason, entry),),
        intents=(replace(intent, status=IntentStatus.DENIED),),
        brake=entry.brake,
    )


def _asks(desk: Desk, job: Job, bot: DeskBot) -> Planned | None:
    if bot.rules.sizing.mode in _NEEDS_BALANCE and desk.balance is None:
        return Planned(asks=Asks.BALANCE, asking_job=job.id)
    if desk.usage is None or desk.usage.job != job.id:
        return Planned(asks=Asks.USAGE, asking_job=job.id, asking_now=moment(desk, job))
    return None


def _budget(desk: Desk, job: Job, bot: DeskBot) -> Budget:
    return Budget(
        price=entry_price(desk, job),
        equity=_equity(desk, desk.usage),
        fee_rate=desk.account.costs.fee_rate,
        planned=bot.state.memory.planned if bot.state.entries else (),
    )


def _equity(desk: Desk, loaded: LoadedUsage | None) -> Decimal | None:
    if desk.balance is None or loaded is None:
        return None
    return add(desk.balance, loaded.open_value)


def _bounds(desk: Desk, job: Job, bot: DeskBot, side: Direction) -> Bounds:
    return Bounds(
        state=bot.trading_state,
        bot=bot.limits,
        account=desk.account.limits,
        total=desk.total_limits,
        age=age(desk, job),
        held_by=_opponent(desk, bot, side),
        collar_percent=bot.rules.order.collar_percent,
    )


def _opponent(desk: Desk, bot: DeskBot, side: Direction) -> str | None:
    """Return the name of another bot that holds the other side here."""
    for other in desk.bots.values():
        if other.id != bot.id and other.state.side is side.opposite:
            return other.name
    return None
