"""Read one alert whole and tell it, with the rules it was decided by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from application.configuration.charts import Listing, Listings
from application.configuration.reader import read_bot
from application.ports.configuration import (
    ConfigurationStore,
    Deployed,
    Kind,
    RevisionRow,
)
from application.ports.views import AlertTrace, JobTrace, Views
from application.records import RevisionId
from application.trace import Terms, Trace, trace_of
from domain.money import ZERO
from domain.signal import AlertId


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """An alert as it is kept, and as it is told."""

    alert: AlertTrace
    trace: Trace


@dataclass(frozen=True, slots=True)
class ExplainAlert:
    """The use case behind ``signalman alert show``."""

    views: Views
    configuration: ConfigurationStore
    listings: Iterable[Listing]

    async def __call__(self, id: AlertId) -> Explained | None:
        """Return what became of an alert; None when there is no such alert."""
        alert = await self.views.alert(id)
        if alert is None:
            return None
        terms: dict[RevisionId, Terms] = {}
        if any(decision.sized for job in alert.jobs for decision in job.decisions):
            deployed = await self.configuration.deployed()
            listings = Listings(self.listings)
            for job in alert.jobs:
                history = await self.configuration.history(Kind.BOT, job.bot)
                terms |= _terms(job, history, deployed, listings)
        return Explained(alert=alert, trace=trace_of(alert, terms))


def _terms(
    job: JobTrace, history: Sequence[RevisionRow], deployed: Deployed, listings: Listings
) -> dict[RevisionId, Terms]:
    """Return the sizing rules of the revisions that a job was decided by."""
    used = {decision.revision for decision in job.decisions}
    accounts = {one.config.name: one.config for one in deployed.accounts}
    account = accounts.get(job.account)
    market = None if account is None else listings.find(account.exchange, job.symbol)
    fee = account.paper.fee_rate if account else None
    if fee is None:
        fee = market.taker_fee if market else ZERO
    found: dict[RevisionId, Terms] = {}
    for row in history:
        bot = read_bot(row.tree).value if row.id in used else None
        if bot is not None:
            found[row.id] = Terms(
                sizing=bot.rules.sizing,
                stop_loss_percent=bot.rules.exits.stop_loss_percent,
                quantity_step=market.quantity_step if market else None,
                fee_rate=fee,
            )
    return found
