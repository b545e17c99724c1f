"""The paper venue's books in memory."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from application.ports.broker import Acknowledged, Refused, VenueOrder
from application.ports.clock import Clock
from application.ports.paper_ledger import Books, Executed, Holding, Matcher, rests
from application.records import AccountId
from domain.instrument import Kind
from domain.money import ZERO, add, total
from domain.order import OrderId

_Place = tuple[AccountId, str]


@dataclass(slots=True)
class MemoryPaperLedger:
    """Orders, executions and balances, apart from ours."""

    clock: Clock
    answers: dict[OrderId, Acknowledged | Refused] = field(
        default_factory=dict[OrderId, Acknowledged | Refused]
    )
    balances: dict[AccountId, Decimal] = field(default_factory=dict[AccountId, Decimal])
    holdings: dict[_Place, Holding] = field(default_factory=dict[_Place, Holding])
    _margins: dict[_Place, Decimal] = field(default_factory=dict[_Place, Decimal])
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def execute(
        self, order: VenueOrder, match: Matcher
    ) -> Acknowledged | Refused | None:
        """Match the order against the books and keep the result, once for its id."""
        async with self._lock:
            id = order.order.id
            if id in self.answers:
                return self.answers[id]
            until = order.order.may_arrive_until
            if until is not None and self.clock.now() > until:
                return None
            return self._matched(order, match)

    async def look_again(
        self, order: VenueOrder, match: Matcher
    ) -> Acknowledged | Refused | None:
        """Match an order that rests against the books once more."""
        async with self._lock:
            known = self.answers.get(order.order.id)
            if known is None or not rests(known):
                return known
            return self._matched(order, match)

    async def find(self, order: VenueOrder) -> Acknowledged | Refused | None:
        """Return what was kept for the order's id; None when nothing was."""
        return self.answers.get(order.order.id)

    async def balance(self, account: AccountId) -> Decimal | None:
        """Return the cash of an account; None before its first order."""
        return self.balances.get(account)

    async def held(self, account: AccountId, symbol: str) -> Decimal:
        """Return how much of a market is held; 0 for nothing."""
        return self.holdings.get((account, symbol), Holding(ZERO, ZERO)).quantity

    def executed(self) -> Mapping[OrderId, Decimal]:
        """Return the quantity that was executed of each order, for reconciling."""
        return {
            id: total(fill.quantity for fill in answer.fills)
            for id, answer in self.answers.items()
            if isinstance(answer, Acknowledged) and answer.fills
        }

    def _matched(self, order: VenueOrder, match: Matcher) -> Acknowledged | Refused:
        place = (order.account.id, order.instrument.symbol)
        result = match(order, self._books(order, place))
        if isinstance(result, Executed):
            self._executed(order, place, result)
            self.answers[order.order.id] = result.answer
        else:
            self.answers[order.order.id] = result
        return self.answers[order.order.id]

    def _books(self, order: VenueOrder, place: _Place) -> Books:
        return Books(
            balance=self.balances.setdefault(order.account.id, order.account.start_balance),
            holding=self.holdings.get(place, Holding(ZERO, ZERO)),
            margin_used=total(
                margin
                for other, margin in self._margins.items()
                if other[0] == place[0] and other != place
            ),
        )

    def _executed(self, order: VenueOrder, place: _Place, result: Executed) -> None:
        account = order.account.id
        self.balances[account] = add(self.balances[account], result.balance_change)
        self.holdings[place] = result.holding
        if order.instrument.kind is Kind.PERPETUAL:
            self._margins[place] = abs(result.holding.cost)
