"""Test an account: keys, rights, modes, clock, and what its bots will need."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from application.configuration.charts import Listing
from application.ports.clearances import Clearances
from application.ports.configuration import (
    Author,
    ConfigurationStore,
    Deployed,
    DeployedAccount,
)
from application.ports.venue_check import BotNeeds, ClosingVenueCheck, Health, VenueFinding
from domain.money import ZERO
from domain.rules import Rules, SizingMode


@dataclass(frozen=True, slots=True)
class CheckAccount:
    """Ask an account's venue whether its bots may and can trade there."""

    configuration: ConfigurationStore
    clearances: Clearances
    open_venues: Callable[[], ClosingVenueCheck]
    listings: tuple[Listing, ...]

    async def __call__(
        self, name: str, author: Author
    ) -> Sequence[VenueFinding] | Deployed:
        """Return the findings, which are kept as what is known of the keys in force.

        What is deployed comes back where there is no such account.
        """
        deployed = await self.configuration.deployed()
        account = next((one for one in deployed.accounts if one.config.name == name), None)
        if account is None:
            return deployed
        if account.config.mode == "paper":
            text = "a paper account asks no venue"
            return [VenueFinding(name="venue", health=Health.GOOD, detail=text)]
        needs = list(self._needs(deployed, account))
        # Keys that are set meanwhile are newer than this, so that what is kept is stale.
        tested = await self.clearances.subject(account.id)
        venue = self.open_venues()
        try:
            findings = await venue.check(account.id, needs)
        finally:
            await venue.close()
        if tested is not None:
            await self.clearances.keep_test(account.id, tested, findings, author)
        return findings

    def _needs(self, deployed: Deployed, account: DeployedAccount) -> Iterable[BotNeeds]:
        markets = {
            (one.instrument.exchange, one.instrument.symbol): one.instrument
            for one in self.listings
        }
        for bot in deployed.bots:
            instrument = markets.get((account.config.exchange, bot.symbol))
            ours = bot.config.account == account.config.name and not bot.archived
            if ours and instrument is not None:
                rules = bot.config.rules
                yield BotNeeds(
                    bot=bot.config.name,
                    instrument=instrument,
                    notional=_first_notional(rules),
                    leverage=rules.leverage,
                    has_stop=_has_stop(rules),
                )


def _first_notional(rules: Rules) -> Decimal | None:
    """Return the notional of the first entry where it is a fixed amount of quote."""
    fixed = rules.sizing.mode is SizingMode.QUOTE
    return rules.sizing.amount if fixed and rules.sizing.amount > ZERO else None


def _has_stop(rules: Rules) -> bool:
    exits = rules.exits
    return exits.stop_loss_percent is not None or exits.trailing_percent is not None
