"""Values and their rows, both ways side by side."""

from decimal import Decimal
from typing import Any, Protocol

from adapters.store.postgres import trees
from application.ports.configuration import Author, Kind, RevisionRow
from application.records import (
    BotId,
    DecisionRecord,
    Intent,
    IntentId,
    IntentStatus,
    JobId,
    RevisionId,
    WorkingOrder,
)
from domain.instrument import Instrument, Symbol
from domain.instrument import Kind as MarketKind
from domain.order import CancelCause, Order, OrderId, OrderStatus
from domain.position import Lot, Position, Trade
from domain.reasons import Reason
from domain.signal import Direction

Values = dict[str, Any]


class Row(Protocol):
    """A row of a table, of SQLAlchemy's or of the driver's."""

    def __getitem__(self, name: str, /) -> Any:
        """Return a column."""
        ...


def decision_row(job: JobId, decision: DecisionRecord) -> Values:
    """Return the row of one step of deciding."""
    return {
        "job": job,
        "step": decision.step,
        "bot": decision.bot,
        "revision": decision.revision,
        "reason": decision.reason.value,
        "findings": trees.findings_json(decision.findings),
        "sized": trees.sized_json(decision.sized),
        "at": decision.at,
    }


def decision(row: Row) -> DecisionRecord:
    """Return the step of deciding that a row keeps."""
    return DecisionRecord(
        step=row["step"],
        bot=BotId(row["bot"]),
        revision=RevisionId(row["revision"]),
        reason=Reason(row["reason"]),
        findings=trees.findings(row["findings"]),
        sized=trees.sized(row["sized"]),
        at=row["at"],
    )


def position_row(position: Position) -> Values:
    """Return a position's columns, whose owner the caller names."""
    return {
        "side": position.side.value if position.side else None,
        "quantity": position.quantity,
        "cost": position.cost,
        "realized": position.realized,
        "fees": position.fees,
        "lots": [[str(lot.quantity), str(lot.price)] for lot in position.lots],
        "numbers": list(position.numbers),
        "entered_quantity": position.entered.quantity,
        "entered_cost": position.entered.price,
        "left_quantity": position.left.quantity,
        "left_proceeds": position.left.price,
        "last_entry_quantity": position.last_entry.quantity,
        "last_entry_cost": position.last_entry.price,
        "opened_at": position.opened_at,
        "first_bar": position.first_bar,
        "best": position.best,
    }


def position(row: Row) -> Position:
    """Return the position that a row keeps."""
    return Position(
        side=Direction(row["side"]) if row["side"] else None,
        lots=tuple(
            Lot(Decimal(quantity), Decimal(price)) for quantity, price in row["lots"]
        ),
        numbers=tuple(row["numbers"]),
        realized=row["realized"],
        fees=row["fees"],
        entered=Lot(row["entered_quantity"], row["entered_cost"]),
        left=Lot(row["left_quantity"], row["left_proceeds"]),
        last_entry=Lot(row["last_entry_quantity"], row["last_entry_cost"]),
        opened_at=row["opened_at"],
        first_bar=row["first_bar"],
        best=row["best"],
    )


def intent_row(intent: Intent) -> Values:
    """Return an intent's row, apart from the account and symbol it is for."""
    return {
        "id": intent.id,
        "job": intent.job,
        "ordinal": intent.ordinal,
        "bot": intent.bot,
        "revision": intent.revision,
        "side": intent.side.value,
        "number": intent.number,
        "reason": intent.reason.value,
        "status": intent.status.value,
        "quantity": intent.quantity,
        "price": intent.price,
        "level": intent.level,
        "reserved": intent.reserved,
        "reserved_rest": intent.reserved_rest,
        "at": intent.at,
    }


def intent(row: Row) -> Intent:
    """Return the intent that a row keeps."""
    return Intent(
        id=IntentId(str(row["id"])),
        job=JobId(row["job"]),
        ordinal=row["ordinal"],
        bot=BotId(row["bot"]),
        revision=RevisionId(row["revision"]),
        side=Direction(row["side"]),
        number=row["number"],
        reason=Reason(row["reason"]),
        status=IntentStatus(row["status"]),
        quantity=row["quantity"],
        price=row["price"],
        level=row["level"],
        reserved=row["reserved"],
        reserved_rest=row["reserved_rest"],
        at=row["at"],
    )


def order_row(working: WorkingOrder) -> Values:
    """Return an order's row, apart from whose it is."""
    order = working.order
    return {
        "id": order.id,
        "intent": working.intent,
        "symbol": order.symbol,
        "leg": order.leg,
        "generation": order.generation,
        "side": order.side.value,
        "reduces": order.reduces,
        "quantity": order.quantity,
        "decision_price": order.decision_price,
        "trigger_price": order.trigger_price,
        "triggers_stop": order.triggers_stop,
        "limit_price": order.limit_price,
        "rests_until": order.rests_until,
        "cancel_asked_at": order.cancel_asked_at,
        "cancel_cause": None if order.cancel_cause is None else order.cancel_cause.value,
        "status": order.status.value,
        "filled": order.filled,
        "cost": order.cost,
        "venue_order_id": order.venue_order_id,
        "may_arrive_until": order.may_arrive_until,
    }


def order(row: Row) -> Order:
    """Return the order that a row keeps."""
    cause = row["cancel_cause"]
    return Order(
        id=OrderId(row["id"]),
        symbol=row["symbol"],
        side=Direction(row["side"]),
        reduces=row["reduces"],
        quantity=row["quantity"],
        decision_price=row["decision_price"],
        generation=row["generation"],
        leg=row["leg"],
        trigger_price=row["trigger_price"],
        triggers_stop=row["triggers_stop"],
        limit_price=row["limit_price"],
        rests_until=row["rests_until"],
        cancel_asked_at=row["cancel_asked_at"],
        cancel_cause=cause and CancelCause(cause),
        status=OrderStatus(row["status"]),
        filled=row["filled"],
        cost=row["cost"],
        venue_order_id=row["venue_order_id"],
        may_arrive_until=row["may_arrive_until"],
    )


def trade_row(trade: Trade) -> Values:
    """Return a round trip's columns, whose owner the caller names."""
    return {
        "side": trade.side.value,
        "entries": trade.entries,
        "quantity": trade.quantity,
        "entry_cost": trade.entry_cost,
        "exit_proceeds": trade.exit_proceeds,
        "fees": trade.fees,
        "pnl": trade.pnl,
        "opened_at": trade.opened_at,
        "closed_at": trade.closed_at,
    }


def trade(row: Row) -> Trade:
    """Return the round trip that a row keeps."""
    return Trade(
        side=Direction(row["side"]),
        entries=row["entries"],
        quantity=row["quantity"],
        entry_cost=row["entry_cost"],
        exit_proceeds=row["exit_proceeds"],
        fees=row["fees"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
    )


def instrument_row(instrument: Instrument) -> Values:
    """Return an instrument's columns, apart from what TradingView calls it."""
    return {
        "exchange": instrument.exchange,
        "symbol": instrument.symbol,
        "kind": instrument.kind.value,
        "base": instrument.base,
        "quote": instrument.quote,
        "settle": instrument.settle,
        "price_tick": instrument.price_tick,
        "quantity_step": instrument.quantity_step,
        "quantity_min": instrument.quantity_min,
        "notional_min": instrument.notional_min,
        "contract_size": instrument.contract_size,
        "taker_fee": instrument.taker_fee,
    }


def instrument(row: Row) -> Instrument:
    """Return the instrument that a row keeps."""
    return Instrument(
        exchange=row["exchange"],
        symbol=Symbol(row["symbol"]),
        kind=MarketKind(row["kind"]),
        base=row["base"],
        quote=row["quote"],
        settle=row["settle"],
        price_tick=row["price_tick"],
        quantity_step=row["quantity_step"],
        quantity_min=row["quantity_min"],
        notional_min=row["notional_min"],
        contract_size=row["contract_size"],
        taker_fee=row["taker_fee"],
    )


def revision(row: Row) -> RevisionRow:
    """Return the revision that a row keeps."""
    return RevisionRow(
        id=RevisionId(row["id"]),
        kind=Kind(row["kind"]),
        name=row["name"],
        tree=row["tree"],
        author=Author(name=row["author"], source=row["source"], reason=row["reason"]),
        at=row["at"],
    )
