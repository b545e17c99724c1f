"""What an alert would do with the bots as they stand, in words, with nothing done."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from application.planning import plan
from application.ports.broker import Broker
from application.ports.preview import Preview, Previewed
from application.records import (
    Asks,
    BotId,
    DecisionRecord,
    Desk,
    IntentId,
    Job,
    Planned,
)
from application.tracing.arithmetic import Terms, sum_of
from application.tracing.checks import check_lines
from domain.reason_catalogue import ENTRIES, headline
from domain.reasons import Finding, Reason, ReasonClass
from domain.signal import Signal

_WOULD = {
    Reason.ENTRY_OPENED: "It would open the first entry",
    Reason.ENTRY_SCALED_IN: "It would add an entry",
    Reason.ENTRY_CANCELED: "It would take back the entries that wait",
    Reason.EXIT_CLOSE: "It would close the position",
    Reason.EXIT_OPPOSITE: "It would close the position, for the opposite condition holds",
    Reason.EXIT_REVERSED: "It would close the position and open the other side",
    Reason.EXIT_STOP_LOSS: "Its price would fire the stop loss",
    Reason.EXIT_TAKE_PROFIT: "Its price would fire the take profit",
    Reason.EXIT_TRAILING_STOP: "Its price would fire the trailing stop",
    Reason.EXIT_MAX_BARS: "It would close the position: its bars are up",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Would:
    """What one bot would do: a sentence, the code, and the numbers behind it."""

    sentence: str
    reason: Reason | None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreviewAlert:
    """Ask the planner what it would plan, as if the alert came now."""

    preview: Preview
    broker: Broker
    new_id: Callable[[], IntentId]

    async def __call__(self, signal: Signal, bot: BotId) -> tuple[Would, ...]:
        """Return what the bot would do, step by step; nothing where there is no such bot.

        Raises:
            StoreUnavailable: If the store could not be asked.
        """
        found = await self._planned(signal, bot, None)
        if found is not None and found.planned.asks is Asks.BALANCE:
            balance = await self.broker.balance(found.desk.account)
            if balance is not None:
                found = await self._planned(signal, bot, balance)
        return () if found is None else tuple(would(found))

    async def _planned(
        self, signal: Signal, bot: BotId, balance: Decimal | None
    ) -> Previewed | None:
        def planner(desk: Desk) -> Planned:
            return plan(replace(desk, balance=balance), self.new_id)

        return await self.preview(signal, bot, planner)


def would(found: Previewed) -> Iterator[Would]:
    """Yield what was planned for the signal's own job, a value for each decision."""
    decisions = [
        one
        for changes in found.planned.changes
        if changes.job == found.job
        for one in changes.decisions
    ]
    for decision in decisions:
        yield _said(found.desk, decision)
    if not decisions:
        ahead = [job for job in found.desk.jobs if job.id != found.job]
        yield Would(sentence=_waits(ahead, found.planned), reason=None)


def _said(desk: Desk, decision: DecisionRecord) -> Would:
    lines = check_lines(decision)
    if decision.sized is not None:
        market, rules = desk.instrument, desk.bots[decision.bot].rules
        terms = Terms(
            sizing=rules.sizing,
            stop_loss_percent=rules.exits.stop_loss_percent,
            quantity_step=market.quantity_step,
            fee_rate=desk.account.costs.fee_rate,
        )
        lines = (*lines, sum_of(decision.sized, market.base, market.quote, terms))
    if ENTRIES[decision.reason].reason_class is ReasonClass.TRADED:
        text = f"{_WOULD.get(decision.reason, 'It would trade')}."
    else:
        own = [one for one in decision.findings if one.reason is decision.reason]
        told = headline((*own, Finding(decision.reason, passed=False))[0])
        text = f"It would do nothing. {told}"
    return Would(sentence=text, reason=decision.reason, lines=lines)


def _waits(ahead: list[Job], planned: Planned) -> str:
    if planned.asks is Asks.BALANCE:
        return "What it would do depends on the balance, which the venue does not tell now."
    return f"It would wait: {len(ahead)} earlier alerts of this symbol are not finished."
