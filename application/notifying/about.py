"""What one notice is about, and the parts of sentences that several of them share."""

from dataclasses import dataclass
from decimal import Decimal

from application import wording
from application.records import Changes, Desk, DeskBot, Intent, Job
from domain.money import divide_down
from domain.order import Order
from domain.reason_catalogue import sentence
from domain.reasons import Finding, Reason

_MARKET_SAID = (Reason.RSI_IN_ZONE, Reason.SIGNAL_TRUSTED)
_BY_THE_MARKET = (
    *(Reason.ENTRY_OPENED, Reason.ENTRY_SCALED_IN),
    *(Reason.EXIT_OPPOSITE, Reason.EXIT_REVERSED),
)
"""Reasons that say less than what the market said."""


@dataclass(frozen=True, slots=True)
class About:
    """One intent of a job, as a step left it."""

    desk: Desk
    job: Job
    step: Changes
    intent: Intent

    @property
    def bot(self) -> DeskBot:
        """Return the bot whose intent it is."""
        return self.desk.bots[self.intent.bot]

    @property
    def side(self) -> str:
        """Return the position's side as it is written in a sentence."""
        return self.intent.side.value.lower()

    @property
    def where(self) -> str:
        """Return which bot, and whether it is play: ``btc-4h · PAPER``."""
        return of_bot(self.desk, self.bot)

    @property
    def symbol(self) -> str:
        """Return what is traded."""
        return str(self.desk.key.symbol)

    def filled_at(self, order: Order) -> str:
        """Return how much at which price: ``0.011 BTC at 84,008.40, 0.01 % worse …``."""
        amount = f"{wording.number(order.filled)} {self.desk.instrument.base}"
        if order.filled < order.quantity:
            amount = f"{wording.number(order.filled)} of {self.whole(order)}"
        price = divide_down(order.cost, order.filled)
        seen = order.decision_price or None
        text = f"{amount} at {wording.price(price, seen)}"
        return f"{text}, {self._away(order, price)}" if seen else text

    def whole(self, order: Order) -> str:
        """Return how much was ordered, with its currency."""
        return f"{wording.number(order.quantity)} {self.desk.instrument.base}"

    def why(self) -> str:
        """Return the reason for the intent in words, with what was measured."""
        reason = self.intent.reason
        wanted = _MARKET_SAID if reason in _BY_THE_MARKET else (reason,)
        for decision in (*self.step.decisions, *self.job.decisions):
            for finding in decision.findings:
                if decision.bot == self.intent.bot and finding.reason in wanted:
                    return sentence(finding)
        return sentence(Finding(reason, passed=True, limit=self.intent.level))

    def evidence(self, order: Order) -> str:
        """Return what was last seen of the order; empty where nothing was."""
        seen = [one.evidence for one in self.step.transitions if one.order == order.id]
        return next((text for text in reversed(seen) if text), "")

    def _away(self, order: Order, price: Decimal) -> str:
        seen = order.decision_price
        signal = self.job.signal
        own = signal is not None and signal.price == seen
        seen_by = "alert's" if own else "price seen,"
        named = f"the {seen_by} {wording.price(seen)}"
        if price == seen:
            return f"exactly {named}"
        worse = (price > seen) is order.buys
        share = wording.change(price, seen).lstrip(f"+{wording.MINUS}")
        return f"{share} {'worse' if worse else 'better'} than {named}"


def of_bot(desk: Desk, bot: DeskBot) -> str:
    """Return a bot's name, and whether its money is real."""
    return f"{bot.name} · {desk.account.mode.upper()}"
