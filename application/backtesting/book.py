"""One bot's book while a backtest runs: its state, its cash, and what was executed."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from application.backtesting.request import BacktestRequest
from application.backtesting.result import Execution, Moment, Refused
from domain.exits import ExitDue
from domain.fills import fee, fill_price, rule_price
from domain.instrument import Kind
from domain.means import Means, needed
from domain.money import ZERO, add, subtract
from domain.position import Fill, Trade
from domain.reasons import Finding, Reason, refusal
from domain.signal import Direction, Signal
from domain.sizing import Sized
from domain.state import BotState


class When(NamedTuple):
    """The bar of a fill, by index; its time; and when within the bar it was."""

    bar: int
    at: datetime
    moment: Moment


@dataclass(slots=True)
class Book:
    """What a run changes. Every change is a fill, priced by the shared fill model."""

    request: BacktestRequest
    balance: Decimal
    state: BotState = field(default_factory=BotState)
    executions: list[Execution] = field(default_factory=list[Execution])
    trades: list[Trade] = field(default_factory=list[Trade])
    refused: list[Refused] = field(default_factory=list[Refused])

    def equity(self, mark: Decimal) -> Decimal:
        """Return the balance plus what closing at ``mark`` would add, before fees."""
        position = self.state.position
        if not position.lots:
            return self.balance
        return add(self.balance, position.unrealized(mark))

    def enter(
        self, sized: Sized, market: Decimal, when: When, signal: Signal
    ) -> Finding | None:
        """Fill an entry at ``market`` with slippage, or say why the venue refuses it."""
        request, side, state = self.request, sized.side, self.state
        costs, bought = request.settings.costs, sized.quantity
        buys = side is Direction.LONG
        price = fill_price(market, request.instrument, costs, buys=buys)
        refused = self._refused(bought, price)
        if refused is not None:
            self.refused.append(Refused(when.bar, refused))
            return refused
        paid = fee(bought, price, costs)
        bar, at, moment = when
        number = sized.number
        fill = Fill(side, number, bought, price, paid, at, signal.bar_time)
        if sized.planned:
            state = state._replace(memory=state.memory._replace(planned=sized.planned))
        self.state = state.filled(fill, signal)
        self.balance = subtract(self.balance, paid)
        reason = Reason.ENTRY_OPENED if number == 1 else Reason.ENTRY_SCALED_IN
        self.executions.append(Execution(bar, fill, reason, moment))
        return None

    def leave(self, price: Decimal, when: When, reason: Reason) -> None:
        """Close everything at ``price``, which has its slippage in it already."""
        before = self.state.position
        if before.side is None:
            return
        quantity = before.quantity
        paid = fee(quantity, price, self.request.settings.costs)
        bar, at, moment = when
        fill = Fill(before.side, 0, quantity, price, paid, at)
        self.state = state = self.state.filled(fill, None)
        earned = subtract(state.position.realized, before.realized)
        self.balance = add(self.balance, subtract(earned, paid))
        self.executions.append(Execution(bar, fill, reason, moment))
        self.trades.append(state.position.trade(at))

    def exit_price(self, market: Decimal) -> Decimal:
        """Return where closing at the market fills."""
        request, buys = self.request, self.state.position.side is Direction.SHORT
        return fill_price(market, request.instrument, request.settings.costs, buys=buys)

    def rule_price(self, due: ExitDue, market: Decimal) -> Decimal:
        """Return where an exit rule that fired fills; one without a level at the market."""
        if due.level is None:
            return self.exit_price(market)
        request, buys = self.request, self.state.position.side is Direction.SHORT
        return rule_price(
            (market, due.level),
            request.instrument,
            request.settings.costs,
            buys=buys,
            stop=due.reason is not Reason.EXIT_TAKE_PROFIT,
        )

    def _refused(self, quantity: Decimal, price: Decimal) -> Finding | None:
        """Return why a venue would not take an entry: too small, or beyond the means."""
        request, position = self.request, self.state.position
        instrument = request.instrument
        if instrument.is_dust(quantity, price):
            return refusal(Reason.ORDER_REJECTED, "below the market's minimum")
        if not request.settings.margin:
            return None
        cost, balance = position.cost, self.balance
        if instrument.kind is Kind.SPOT:
            balance, cost = subtract(balance, cost), ZERO
        means = Means(balance, cost, ZERO, request.rules.leverage)
        asked = needed(quantity, price, instrument, request.settings.costs, means)
        if asked <= balance:
            return None
        return refusal(Reason.ORDER_REJECTED, asked, balance)
