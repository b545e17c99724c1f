"""One bot's book while a backtest runs: what it holds, its cash, and what was executed."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from application.backtesting.log import Log, Moment
from application.backtesting.request import BacktestRequest
from application.backtesting.result import Refused
from domain.exits import ExitDue
from domain.fills import Costs, fee_of, fill_price, rule_price
from domain.instrument import Instrument, Kind
from domain.limit_order import met_once
from domain.means import needed_for
from domain.money import ZERO, add, multiply, subtract
from domain.position import gain
from domain.reasons import Finding, Reason, refusal
from domain.signal import LONG, SHORT, Direction
from domain.sizing import Sized

When: TypeAlias = tuple[int, Moment]
"""The bar of a fill, by index, and when within the bar it was."""


_OPENED, _SCALED_IN = Reason.ENTRY_OPENED, Reason.ENTRY_SCALED_IN


@dataclass(slots=True)
class Book:
    """What a run changes. Every change is a fill, priced by the shared fill model.

    ``side``, ``entries``, ``quantity`` and ``cost`` are those of the state's position: kept
    beside it, so that the position itself is made only when a rule looks at more.
    """

    request: BacktestRequest
    log: Log
    balance: Decimal
    instrument: Instrument = field(init=False)
    costs: Costs = field(init=False)
    slips: bool = field(init=False)
    is_spot: bool = field(init=False)
    trails: bool = field(init=False)
    pays: bool = field(init=False)
    """Whether an entry that could not be paid for is refused."""
    waits: bool = field(init=False)
    """Whether entries are limit orders."""
    side: Direction | None = None
    entries: int = 0
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    began: Decimal = ZERO
    """The balance before the trade that is open."""
    first: int = 0
    """The bar that called for the first entry."""
    planned: tuple[Decimal, ...] = ()
    """The quantities that a reserving bot fixed at the first entry."""
    refused: list[Refused] = field(default_factory=list[Refused])

    def __post_init__(self) -> None:
        """Take what every fill looks at out of the request."""
        settings = self.request.settings
        self.instrument, self.costs = self.request.instrument, settings.costs
        self.slips = self.costs.slips
        self.is_spot = self.instrument.kind is Kind.SPOT
        self.pays = settings.margin
        self.trails = self.request.rules.exits.trailing_percent is not None
        self.waits = self.request.rules.order.waits

    @property
    def best(self) -> Decimal | None:
        """Return the best price since the first entry; None where no stop trails it."""
        return self.log.best

    def equity(self, mark: Decimal) -> Decimal:
        """Return the balance plus what closing at ``mark`` would add, before fees."""
        if self.side is None:
            return self.balance
        worth = multiply(self.quantity, mark)
        return add(self.balance, gain(self.side, self.cost, worth))

    def enter(
        self, sized: Sized, market: Decimal, when: When, decided: int
    ) -> Finding | None:
        """Fill an entry at ``market`` with slippage, or say why the venue refuses it.

        ``decided`` is the bar that called for it.
        """
        side, number, quantity, _, _, _, _, planned = sized
        bar, moment = when
        price = market
        if self.slips:
            price = fill_price(market, self.instrument, self.costs, buys=side is LONG)
        if self.waits:
            rules = self.request.rules.order
            met = met_once(sized, market, rules, self.instrument, self.costs)
            if isinstance(met, Finding):
                self.refused.append(Refused(bar, met))
                return met
            price = met
        worth = multiply(quantity, price)
        paid = fee_of(worth, self.costs)
        cost = worth if number == 1 else add(self.cost, worth)
        refused = self._refused(quantity, worth, paid, cost)
        if refused is not None:
            self.refused.append(Refused(bar, refused))
            return refused
        if number == 1:
            self.side, self.entries, self.quantity = side, 1, quantity
            self.first, self.planned, self.began = decided, planned, self.balance
            self.log.best = price if self.trails else None
            reason = _OPENED
        else:
            self.entries, reason = self.entries + 1, _SCALED_IN
            self.quantity = add(self.quantity, quantity)
        self.cost = cost
        self.balance = subtract(self.balance, paid)
        self.log.rows.append(
            (bar, side, number, quantity, price, paid, reason, moment, decided, planned)
        )
        return None

    def leave(self, price: Decimal, when: When, reason: Reason) -> None:
        """Close everything at ``price``, which has its slippage in it already."""
        side, quantity = self.side, self.quantity
        if side is None:
            return
        worth = multiply(quantity, price)
        paid = fee_of(worth, self.costs)
        gained = subtract(gain(side, self.cost, worth), paid)
        bar, moment = when
        self.balance = add(self.balance, gained)
        self.log.earned.append(subtract(self.balance, self.began))
        self.side, self.entries, self.planned = None, 0, ()
        self.quantity, self.cost, self.log.best = ZERO, ZERO, None
        self.log.rows.append((bar, side, 0, quantity, price, paid, reason, moment, bar, ()))

    def exit_price(self, market: Decimal) -> Decimal:
        """Return where closing at the market fills."""
        if not self.slips:
            return market
        buys = self.side is SHORT
        return fill_price(market, self.instrument, self.costs, buys=buys)

    def rule_price(self, due: ExitDue, market: Decimal) -> Decimal:
        """Return where an exit rule that fired fills; one without a level at the market."""
        if due.level is None:
            return self.exit_price(market)
        return rule_price(
            (market, due.level),
            self.instrument,
            self.costs,
            buys=self.side is SHORT,
            stop=due.reason is not Reason.EXIT_TAKE_PROFIT,
        )

    def _refused(
        self, quantity: Decimal, worth: Decimal, paid: Decimal, cost: Decimal
    ) -> Finding | None:
        """Return why a venue would not take an entry: too small, or beyond the means.

        ``cost`` is that of the position with the entry in it.
        """
        instrument, balance = self.instrument, self.balance
        if instrument.is_below(quantity, worth):
            return refusal(Reason.ORDER_REJECTED, "below the market's minimum")
        if not self.pays:
            return None
        if self.is_spot:
            balance, cost = subtract(balance, self.cost), worth
        leverage = self.request.rules.leverage
        asked = needed_for(worth, paid, instrument, cost, leverage)
        if asked <= balance:
            return None
        return refusal(Reason.ORDER_REJECTED, asked, balance)
