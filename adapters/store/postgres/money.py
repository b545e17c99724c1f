"""Keeping what concerns money: intents, orders, fills, trades, reservations and totals."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.postgres import rows
from adapters.store.postgres.desk import LoadedDesk
from adapters.store.postgres.reservations import keep_reservations
from adapters.store.postgres.sql import (
    AMOUNT,
    COUNT,
    MOMENT,
    NUMBER,
    SWITCH,
    WORD,
    keep_all,
    many,
    statement,
)
from adapters.store.postgres.tables import (
    fills,
    intents,
    orders,
    timers,
    trades,
)
from adapters.store.shared import lost_in_row, statuses_after
from application.ports.workbench import ClaimLost
from application.records import Changes, FillRecord, Intent, WorkingOrder
from application.reserving import reserving
from application.usage import fee_worth, held_quantity
from domain.money import ZERO, add
from domain.order import Order, OrderId

_INTENT = upsert(intents)
_KEEP_INTENT = _INTENT.on_conflict_do_update(
    index_elements=[intents.c.id],
    set_={
        name: _INTENT.excluded[name]
        for name in ("status", "quantity", "price", "reserved", "reserved_rest", "at")
    },
)

_MOVE_ORDER = (
    update(orders)
    .where(orders.c.id == bindparam("known_id"), orders.c.status == bindparam("before"))
    .values(
        status=bindparam("after"),
        filled=bindparam("now_filled"),
        cost=bindparam("now_cost"),
        venue_order_id=bindparam("named"),
        may_arrive_until=bindparam("until"),
        updated_at=func.clock_timestamp(),
    )
)

_KEEP_TRANSITIONS = statement(
    """
    INSERT INTO order_transitions ("order", seq, event, status_after, evidence, at)
    SELECT new.id, new.place + (
               SELECT coalesce(max(seq), 0) FROM order_transitions WHERE "order" = new.id
           ),
           new.event, new.status, new.evidence, new.at
    FROM unnest(:orders, :events, :statuses, :evidence, :ats) WITH ORDINALITY
        AS new (id, event, status, evidence, at, place)
    """,
    orders=many(WORD),
    events=many(WORD),
    statuses=many(WORD),
    evidence=many(WORD),
    ats=many(MOMENT),
)

_TIMER = upsert(timers)
_SET_TIMER = _TIMER.on_conflict_do_update(
    index_elements=[timers.c.bot], set_={"due_at": _TIMER.excluded.due_at}
)

_TOTALS = statement(
    """
    UPDATE account_totals
    SET realized = realized + :realized, fees = fees + :fees,
        losses_in_row = :losses + CASE WHEN :won THEN 0 ELSE losses_in_row END
    WHERE account = :account
    """,
    account=NUMBER,
    realized=AMOUNT,
    fees=AMOUNT,
    losses=COUNT,
    won=SWITCH,
)


class Books:
    """The money of one transaction's steps, kept in the order their references need."""

    def __init__(self, connection: AsyncConnection, loaded: LoadedDesk) -> None:
        """Take what the steps were decided on."""
        self._connection = connection
        self._loaded = loaded
        self._known: Mapping[str, Order] = {
            working.order.id: working.order
            for job in loaded.desk.jobs
            for working in job.orders
        }

    async def keep(self, steps: Sequence[Changes]) -> None:
        """Keep everything about money that the steps changed; mostly there is nothing."""
        for changes in steps:
            if changes.intents or changes.orders or changes.fills:
                await self._keep(changes)

    async def _keep(self, changes: Changes) -> None:
        owners = self._owners(changes)
        await keep_all(
            self._connection, _KEEP_INTENT, [owners[one.id] for one in changes.intents]
        )
        await self._orders(changes, owners)
        await self._transitions(changes)
        of = {working.order.id: owners[working.intent] for working in changes.orders}
        await keep_all(
            self._connection, insert(fills), [self._fill(one, of) for one in changes.fills]
        )
        await self._trades(changes, owners)
        desk = self._loaded.desk
        await keep_reservations(self._connection, desk.account.id, reserving(desk, changes))
        await self._timers(changes)
        await self._totals(changes, of)

    def _owners(self, changes: Changes) -> dict[str, dict[str, Any]]:
        """Return the row of every intent that the step names, with whose it is."""
        known = {one.id: one for job in self._loaded.desk.jobs for one in job.intents}
        known |= {one.id: one for one in changes.intents}
        return {id: self._intent(intent) for id, intent in known.items()}

    def _intent(self, intent: Intent) -> dict[str, Any]:
        desk = self._loaded.desk
        current = desk.bots[intent.bot].revision
        return {
            **rows.intent_row(intent),
            "account": desk.account.id,
            "symbol": desk.key.symbol,
            "revision": self._loaded.revisions.get(intent.id, current),
        }

    async def _orders(
        self, changes: Changes, owners: Mapping[str, Mapping[str, Any]]
    ) -> None:
        known = [one for one in changes.orders if one.order.id in self._known]
        new = [one for one in changes.orders if one.order.id not in self._known]
        for working in known:
            await self._move(working)
        await keep_all(
            self._connection,
            insert(orders),
            [
                {
                    **rows.order_row(working),
                    "job": owners[working.intent]["job"],
                    "bot": owners[working.intent]["bot"],
                    "account": owners[working.intent]["account"],
                    "revision": owners[working.intent]["revision"],
                }
                for working in new
            ],
        )

    async def _move(self, working: WorkingOrder) -> None:
        """Change an order that still is as it was loaded."""
        order = working.order
        moved = await self._connection.execute(
            _MOVE_ORDER,
            {
                "known_id": order.id,
                "before": self._known[order.id].status.value,
                "after": order.status.value,
                "now_filled": order.filled,
                "now_cost": order.cost,
                "named": order.venue_order_id,
                "until": order.may_arrive_until,
            },
        )
        if moved.rowcount != 1:
            raise ClaimLost(f"order {order.id} was changed by somebody else")

    async def _transitions(self, changes: Changes) -> None:
        if not changes.transitions:
            return
        reached = list(statuses_after(self._known, changes.transitions))
        await self._connection.execute(
            _KEEP_TRANSITIONS,
            {
                "orders": [one.order for one, _ in reached],
                "events": [one.event.value for one, _ in reached],
                "statuses": [status.value for _, status in reached],
                "evidence": [one.evidence for one, _ in reached],
                "ats": [one.at for one, _ in reached],
            },
        )

    def _fill(
        self, fill: FillRecord, of: Mapping[OrderId, Mapping[str, Any]]
    ) -> dict[str, Any]:
        """Return a fill's row. A trade id that is there already undoes the whole step."""
        owner = of[fill.order]
        return {
            "order": fill.order,
            "trade_id": fill.trade_id,
            "intent": owner["id"],
            **{
                name: owner[name]
                for name in ("bot", "account", "symbol", "revision", "side")
            },
            "reduces": owner["number"] == 0,
            "quantity": fill.quantity,
            "price": fill.price,
            "fee": fill.fee,
            "fee_currency": fill.fee_currency,
            "held": self._held(fill, owner),
            "realized": fill.realized,
            "at": fill.at,
        }

    def _held(self, fill: FillRecord, owner: Mapping[str, Any]) -> Decimal:
        base = self._loaded.desk.instrument.base
        return held_quantity(fill, base, enters=owner["number"] > 0)

    async def _trades(
        self, changes: Changes, owners: Mapping[str, Mapping[str, Any]]
    ) -> None:
        names = ("bot", "account", "symbol", "revision", "job")
        found = [
            {
                **rows.trade_row(one.trade),
                **{name: owners[one.intent][name] for name in names},
                "intent": one.intent,
            }
            for one in changes.trades
        ]
        await keep_all(self._connection, insert(trades), found)

    async def _timers(self, changes: Changes) -> None:
        closed = [one.bot for one in changes.trades]
        if closed:
            await self._connection.execute(delete(timers).where(timers.c.bot.in_(closed)))
        due = [{"bot": one.bot, "due_at": one.due_at} for one in changes.timers]
        await keep_all(self._connection, _SET_TIMER, due)

    async def _totals(
        self, changes: Changes, of: Mapping[OrderId, Mapping[str, Any]]
    ) -> None:
        if not changes.fills:
            return
        desk = self._loaded.desk
        realized = fees = ZERO
        for fill in changes.fills:
            realized = add(realized, fill.realized)
            held = self._held(fill, of[fill.order])
            fees = add(fees, fee_worth(fill, held, desk.account.currency))
        losses, won = lost_in_row(one.trade for one in changes.trades)
        await self._connection.execute(
            _TOTALS,
            {
                "account": desk.account.id,
                "realized": realized,
                "fees": fees,
                "losses": losses,
                "won": won,
            },
        )
