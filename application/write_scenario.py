"""Write what one bot made of an alert as a scenario, as the domain's tests run it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from application.configuration.charts import Listing, Listings
from application.configuration.reader import read_bot
from application.ports.configuration import ConfigurationStore, DeployedBot, Kind
from application.ports.views import JobTrace, Only, Views, WorkRow
from application.records import JobId, RevisionId
from application.scenario.writing import CannotBeTold, Episode, scenario
from application.tracing.execution import Execution, executions
from domain.instrument import Instrument
from domain.money import subtract
from domain.order import OrderStatus
from domain.reasons import Reason
from domain.rules import Rules
from domain.signal import AlertId

LOOKED_AT = 300
"""How many of the bot's alerts before the one that is asked about are looked at."""
WAITING = "The bot has not decided about this alert yet."


@dataclass(frozen=True, slots=True)
class WriteScenario:
    """The use case behind "Copy as scenario"."""

    views: Views
    configuration: ConfigurationStore
    listings: Iterable[Listing]

    async def __call__(self, alert: AlertId, bot: str) -> str:
        """Return the case of an alert on a bot it reached.

        Raises:
            CannotBeTold: If it is no bot's day; it says why.
        """
        asked = await self.views.work(limit=1, only=Only(bot=bot, alerts=(alert,)))
        if not asked:
            message = f"The alert did not reach bot {bot}."
            raise CannotBeTold(message)
        row = asked[0]
        if row.decision is None:
            raise CannotBeTold(WAITING)
        rules, market = await self._by(row, row.decision.revision)
        before = JobId(row.job + 1)
        rows = await self.views.work(limit=LOOKED_AT, before=before, only=Only(bot=bot))
        episodes = [await self._episode(one) for one in reversed(rows)]
        return scenario(rules, market, [one for one in episodes if one is not None])

    async def _by(self, row: WorkRow, revision: RevisionId) -> tuple[Rules, Instrument]:
        """Return the rules that decided, and the market they were for."""
        deployed = await self.configuration.deployed()
        bot = next(one for one in deployed.bots if one.config.name == row.bot)
        exchange = next(
            one.config.exchange
            for one in deployed.accounts
            if one.config.name == row.account
        )
        market = Listings(self.listings).find(exchange, bot.symbol)
        if market is None:
            message = f"Nothing is known of the market {row.symbol}."
            raise CannotBeTold(message)
        return await self._rules(bot, revision, market), market

    async def _rules(
        self, bot: DeployedBot, revision: RevisionId, market: Instrument
    ) -> Rules:
        if revision == bot.revision:
            return bot.config.rules
        for row in await self.configuration.history(Kind.BOT, bot.config.name):
            known = read_bot(row.tree).value if row.id == revision else None
            if known is not None:
                return replace(known.rules, can_short=market.can_short)
        message = f"Revision {revision} of the bot is not kept."
        raise CannotBeTold(message)

    async def _episode(self, row: WorkRow) -> Episode | None:
        """Return one alert as the bot took it; None for what came to nothing by a timer."""
        if row.signal is None and row.order is None:
            return None
        if row.order is None or row.alert is None or row.signal is None:
            reasons = () if row.decision is None else (row.decision.reason,)
            return _quiet(row, reasons)
        trace = await self.views.alert(row.alert)
        jobs = () if trace is None else trace.jobs
        job = next(one for one in jobs if one.bot == row.bot)
        done = [one for one in executions(job) if one.bot == row.bot]
        return Episode(
            signal=row.signal,
            reasons=_reasons(job),
            quantities=tuple(one.quantity or Decimal(0) for one in done),
            fills=tuple(_fill(one) for one in done if one.filled),
            settled=all(_is_settled(one) for one in done),
        )


def _quiet(row: WorkRow, reasons: Sequence[Reason]) -> Episode:
    """Return an alert without an order; a timer's order makes the day untellable."""
    if row.signal is None:
        message = "A timer closed the position: a bot's day knows alerts only."
        raise CannotBeTold(message)
    return Episode(signal=row.signal, reasons=tuple(reasons), quantities=(), fills=())


def _reasons(job: JobTrace) -> tuple[Reason, ...]:
    """Return why exit rules fired, then what the signal led to.

    The entry after a reversal's close is a decision of its own; where it was made, the day
    calls both together a reversal.
    """
    found = [
        decision.reason
        for decision, bot in zip(job.decisions, job.decision_bots, strict=False)
        if bot == job.bot
    ]
    if Reason.EXIT_REVERSED in found[:-1]:
        first, last = found[: found.index(Reason.EXIT_REVERSED)], found[-1]
        return (*first, Reason.EXIT_REVERSED if last is Reason.ENTRY_OPENED else last)
    return tuple(found)


def _fill(one: Execution) -> tuple[Decimal, Decimal]:
    """Return what was held after an order, and at which price: base fees reduce it."""
    held = one.filled
    for order in one.orders:
        if one.intent.enters and order.fee_currency == one.base:
            held = subtract(held, order.fees)
    return held, one.average_price or Decimal(0)


def _is_settled(one: Execution) -> bool:
    return bool(one.orders) and one.orders[-1].order.status is OrderStatus.FILLED
