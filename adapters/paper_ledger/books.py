"""The paper venue's books while orders are matched against them, and what they came to."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from adapters.paper_ledger.kept import KEEP
from adapters.store.postgres.rows import Row
from application.ports.broker import Acknowledged, Refused, VenueOrder
from application.ports.paper_ledger import Books, Executed, Holding, Matcher, rests
from application.records import AccountId
from domain.instrument import Kind
from domain.money import add, total

Taken = Acknowledged | Refused
Place = tuple[AccountId, str]


class Given(NamedTuple):
    """An order with how it is to be matched; ``again`` if it must be known already."""

    order: VenueOrder
    match: Matcher
    again: bool = False


class OpenBooks:
    """Books that are held until the commit, and moved on by every order."""

    def __init__(
        self,
        balances: Mapping[AccountId, Decimal],
        found: Sequence[Row],
        known: Mapping[str, Taken],
        kinds: Mapping[Place, Kind],
    ) -> None:
        self.kinds = kinds
        self.balances = dict(balances)
        self.known = dict(known)
        self.now: datetime = found[0]["now"]
        self.holdings: dict[Place, Holding] = {}
        self.elsewhere: dict[AccountId, Decimal] = {}
        for row in found:
            place = AccountId(row["account"]), row["symbol"]
            self.holdings[place] = Holding(row["quantity"], row["cost"])
            self.elsewhere[place[0]] = row["margin_elsewhere"]
        self._written()

    def left(self) -> None:
        """Begin anew where the last orders left off, once they are kept."""
        self.known = {id: self.known[id] for id in self.orders}
        self._written()

    def _written(self) -> None:
        """Have nothing to write yet."""
        self.moved: set[Place] = set()
        self.orders: dict[str, dict[str, object]] = {}
        self.written: dict[str, list[dict[str, object]]] = {part: [] for part in KEEP.names}

    def match(self, given: Given) -> Taken | None:
        """Return what becomes of one order; the same for an id that is known."""
        order = given.order
        id, until = order.order.id, order.order.may_arrive_until
        known = self.known.get(id)
        if given.again:
            if known is None or not rests(known):
                return known
        elif known is not None:
            return known
        elif until is not None and self.now > until:
            return None
        result = given.match(order, self._books(order))
        if isinstance(result, Executed) and result.answer == known:
            return known
        row = _order_row(order)
        if isinstance(result, Refused):
            row |= {"refusal_code": result.code, "refusal_text": result.text}
            self.known[id] = result
        else:
            row |= self._executed(order, result)
            self.known[id] = result.answer
        self.orders[id] = row
        return self.known[id]

    def rows(self) -> dict[str, list[dict[str, object]]]:
        """Return everything that is to be written; of every order the last row."""
        self.written["kept_paper_orders"] = list(self.orders.values())
        accounts = sorted({account for account, _ in self.moved})
        self.written["balances"] = [
            {"account": one, "balance": self.balances[one]} for one in accounts
        ]
        self.written["kept_paper_holdings"] = [
            {
                "account": place[0],
                "symbol": place[1],
                "kind": self.kinds[place].value,
                "quantity": self.holdings[place].quantity,
                "cost": self.holdings[place].cost,
            }
            for place in sorted(self.moved)
        ]
        return self.written

    def _books(self, order: VenueOrder) -> Books:
        account, symbol = place = place_of(order)
        here = (
            holding.cost.copy_abs()
            for other, holding in self.holdings.items()
            if other[0] == account
            and other[1] != symbol
            and self.kinds[other] is Kind.PERPETUAL
        )
        return Books(
            balance=self.balances[account],
            holding=self.holdings[place],
            margin_used=add(self.elsewhere[account], total(here)),
        )

    def _executed(self, order: VenueOrder, result: Executed) -> dict[str, object]:
        account, symbol = place_of(order)
        self.balances[account] = add(self.balances[account], result.balance_change)
        self.holdings[account, symbol] = result.holding
        self.moved.add((account, symbol))
        self.written["kept_paper_fills"] += (
            {
                "order": order.order.id,
                "trade_id": fill.trade_id,
                "quantity": fill.quantity,
                "price": fill.price,
                "fee": fill.fee,
                "fee_currency": fill.fee_currency,
                "at": fill.at,
            }
            for fill in result.answer.fills
        )
        answer = result.answer
        return {
            "venue_order_id": answer.venue_order_id,
            "ended": answer.ended,
            "evidence": answer.evidence,
        }


def place_of(order: VenueOrder) -> Place:
    """Return the account and the market of an order."""
    return order.account.id, str(order.instrument.symbol)


def _order_row(order: VenueOrder) -> dict[str, object]:
    return {
        "id": order.order.id,
        "account": order.account.id,
        "symbol": order.instrument.symbol,
        "side": order.order.side.value,
        "reduces": order.order.reduces,
        "quantity": order.order.quantity,
        "venue_order_id": None,
        "ended": True,
        "evidence": "",
        "refusal_code": None,
        "refusal_text": None,
    }
