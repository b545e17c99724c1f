"""Keeping what one transaction's steps came to: all of it in one statement.

However many keys moved, and however many steps each took: of every row the last state is
written, once. What else is to be kept of the same decisions, orders and fills belongs into
``parts`` and ``rows_of``, a row for each of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import asyncpg

from adapters.store.postgres import rows, trees
from adapters.store.postgres.driver import Driver
from adapters.store.postgres.kept import WHOLE, WRITING
from adapters.store.postgres.notices import notice_row
from adapters.store.postgres.states import Target, set_state
from adapters.store.postgres.telling import told
from adapters.store.postgres.turnover import KEPT_TURNOVERS
from adapters.store.shared import braked, statuses_after
from application.in_use import lost_in_row
from application.notifying.work import notices
from application.ports.configuration import Scope
from application.ports.workbench import Claim, ClaimLost
from application.records import (
    AccountId,
    BotId,
    Changes,
    Desk,
    FillRecord,
    Intent,
    IntentId,
    Step,
)
from application.reserving import Reservation, ReservationKind, reserving
from application.usage import DayMark, fee_worth, held_quantity
from domain.money import ZERO, add
from domain.order import Order, OrderStatus
from domain.risk import TradingState
from domain.state import BotState

Row = dict[str, Any]


class Moved(NamedTuple):
    """What became of one key in this transaction."""

    claim: Claim
    desk: Desk
    """As it was loaded, before the first step."""
    steps: Sequence[Step]
    mark: DayMark | None
    """The price after the steps, if it is another."""


class Peak(NamedTuple):
    """An account's highest equity, as it was kept and as it was measured now."""

    before: Decimal | None
    measured: Decimal


async def save(
    driver: Driver, moved: Sequence[Moved], peaks: Mapping[AccountId, Peak]
) -> frozenset[Claim]:
    """Keep all steps of all keys, and hold the keys until the commit.

    Returns the claims that do not stand any more. Where there are any, the transaction
    must be undone: what was written for them is not theirs.
    """
    written = rows_of(moved, peaks)
    found = await WRITING(driver, written)
    if found["moved"] != len(written["moved_orders"]):
        raise ClaimLost("an order was changed by somebody else")
    held = {tuple(one) for one in found["held"] or ()}
    lost = {one.claim for one in moved if tuple(one.claim.key) not in held}
    if not lost:
        await _brake(driver, moved)
    return frozenset(lost)


async def saved_at_once(driver: Driver, moved: Sequence[Moved]) -> bool:
    """Keep all steps by a statement that commits by itself: no limit was asked for.

    Returns false, and keeps nothing, if not every claim and every order is as it was.
    """
    try:
        await WHOLE(driver, rows_of(moved, {}))
    except asyncpg.DivisionByZeroError:
        return False
    return True


def rows_of(
    moved: Sequence[Moved], peaks: Mapping[AccountId, Peak]
) -> dict[str, list[Row]]:
    """Return what is to be written, by the names of the statement's parts."""
    keys = sorted(moved, key=lambda one: one.claim.key)
    written: dict[str, list[Row]] = {part: [] for part in WRITING.names}
    for one in keys:
        key = one.claim.key
        written["held"].append(
            {**key._asdict(), "owner": one.claim.owner, "fence": one.claim.fence}
        )
        if one.mark is not None:
            written["kept_marks"].append({**key._asdict(), **one.mark._asdict()})
        if one.steps:
            _OfKey(one, written).add_all()
    written[KEPT_TURNOVERS.name] = written["kept_fills"]
    written["totals"] = _totals(keys, peaks)
    return written


class _OfKey:
    """The rows of one key's steps."""

    def __init__(self, moved: Moved, written: dict[str, list[Row]]) -> None:
        self._desk, self._steps = moved.desk, moved.steps
        self._changes = [step.changes for step in moved.steps]
        self._written = written
        known = [one for job in moved.desk.jobs for one in job.intents]
        new = [one for changes in self._changes for one in changes.intents]
        self._changed = {one.id: one for one in new}
        self._intents = {one.id: one for one in known} | self._changed
        self._rows: dict[IntentId, Row] = {}
        self._orders: dict[str, Order] = {
            one.order.id: one.order for job in moved.desk.jobs for one in job.orders
        }

    def add_all(self) -> None:
        """Add every row."""
        written = self._written
        for changes in self._changes:
            written["kept_decisions"] += (
                rows.decision_row(changes.job, one) for one in changes.decisions
            )
        written["kept_intents"] += map(self._intent, self._changed.values())
        self._add_orders()
        self._add_transitions()
        self._add_fills()
        self._add_states()
        self._add_reservations()
        self._add_timers()
        done = {changes.job: changes.status.value for changes in self._changes}
        written["jobs"] += ({"id": job, "status": done[job]} for job in done)
        written["kept_events"] += (one.row for one in told(self._steps))
        written["kept_notifications"] += map(notice_row, notices(self._steps))

    def _place(self) -> Row:
        return {"account": self._desk.account.id, "symbol": self._desk.key.symbol}

    def _intent(self, intent: Intent) -> Row:
        return rows.intent_row(intent) | self._place()

    def _owner(self, id: IntentId, *names: str) -> Row:
        if id not in self._rows:
            self._rows[id] = self._intent(self._intents[id])
        row = self._rows[id]
        return {name: row[name] for name in names}

    def _add_orders(self) -> None:
        last = {one.order.id: one for changes in self._changes for one in changes.orders}
        for working in last.values():
            row = rows.order_row(working)
            before = self._orders.get(working.order.id)
            if before is None:
                owner = self._owner(working.intent, "job", "bot", "account", "revision")
                self._written["kept_orders"].append(row | owner)
            else:
                self._written["moved_orders"].append(row | {"before": before.status.value})

    def _add_transitions(self) -> None:
        new = (one.order.id for changes in self._changes for one in changes.orders)
        before: dict[str, OrderStatus] = dict.fromkeys(new, OrderStatus.PLANNED)
        before |= {id: order.status for id, order in self._orders.items()}
        happened = [one for changes in self._changes for one in changes.transitions]
        self._written["kept_transitions"] += (
            {
                "order": one.order,
                "event": one.event.value,
                "status_after": status.value,
                "evidence": one.evidence,
                "at": one.at,
            }
            for one, status in statuses_after(before, happened)
        )

    def _add_fills(self) -> None:
        for changes in self._changes:
            of = {one.order.id: one.intent for one in changes.orders}
            self._written["kept_fills"] += (
                self._fill(fill, of[fill.order]) for fill in changes.fills
            )
            self._written["kept_dust"] += (
                self._owner(one.intent, "bot", "account", "symbol")
                | {"intent": one.intent, "quantity": one.quantity}
                | {"price": one.price, "at": one.at}
                for one in changes.dust
            )
            names = ("bot", "account", "symbol", "revision", "job")
            self._written["kept_trades"] += (
                rows.trade_row(one.trade)
                | self._owner(one.intent, *names)
                | {"intent": one.intent}
                for one in changes.trades
            )

    def _fill(self, fill: FillRecord, of: IntentId) -> Row:
        """Return a fill's row. A trade id that is there already undoes everything."""
        intent = self._intents[of]
        return {
            **self._owner(of, "bot", "account", "symbol", "revision", "side"),
            "order": fill.order,
            "trade_id": fill.trade_id,
            "intent": of,
            "reduces": not intent.enters,
            "quantity": fill.quantity,
            "price": fill.price,
            "fee": fill.fee,
            "fee_currency": fill.fee_currency,
            "held": held_quantity(fill, self._desk.instrument.base, enters=intent.enters),
            "realized": fill.realized,
            "charged": fill.charged,
            "at": fill.at,
        }

    def _add_states(self) -> None:
        """Add what the steps made of each bot: its position and what it remembers."""
        last: dict[BotId, BotState] = {}
        bound: dict[BotId, int] = {}
        for changes in self._changes:
            last |= changes.states
            bound |= {one.bot: one.revision for one in changes.intents if one.enters}
        for id, state in last.items():
            bot = self._desk.bots[id]
            if state.position != bot.state.position:
                rules = bound.get(id, bot.revision)
                row = rows.position_row(state.position) | self._place()
                row |= {"bot": id, "bound": None if state.position.is_flat else rules}
                self._written["kept_positions"].append(row)
            if state.memory != bot.state.memory:
                row = {"bot": id, "memory": trees.memory_json(state.memory)}
                self._written["kept_bot_memory"].append(row)

    def _add_reservations(self) -> None:
        """Add what is released and held in the end."""
        entries: dict[IntentId, None] = {}
        rests: dict[BotId, None] = {}
        held: dict[tuple[IntentId, ReservationKind], Reservation] = {}
        for desk, changes in self._steps:
            changed = reserving(desk, changes)
            entries |= dict.fromkeys(changed.released_entries)
            rests |= dict.fromkeys(changed.released_rests)
            for name in list(held):
                released = (
                    name[0] in changed.released_entries
                    if name[1] is ReservationKind.ENTRY
                    else held[name].bot in changed.released_rests
                )
                if released:
                    del held[name]
            held |= {(one.intent, one.kind): one for one in changed.held}
        written = self._written
        still = {intent for intent, kind in held if kind is ReservationKind.ENTRY}
        written["released_entries"] += (
            {"intent": one} for one in entries if one not in still
        )
        written["released_rests"] += ({"bot": one} for one in rests)
        written["kept_reservations"] += (
            {**one._asdict(), "kind": one.kind.value, "account": self._desk.account.id}
            for one in held.values()
        )

    def _add_timers(self) -> None:
        due: dict[BotId, Any] = {}
        for changes in self._changes:
            due |= dict.fromkeys(one.bot for one in changes.trades)
            due |= {one.bot: one.due_at for one in changes.timers}
        for bot, at in due.items():
            part = "ended_timers" if at is None else "kept_timers"
            self._written[part].append({"bot": bot, "due_at": at})


def _totals(moved: Iterable[Moved], peaks: Mapping[AccountId, Peak]) -> list[Row]:
    """Return what each account's totals change by, in order of their ids."""
    found: dict[AccountId, Row] = {}
    for one in moved:
        for desk, changes in one.steps:
            if changes.fills:
                _count(
                    found.setdefault(desk.account.id, _total(desk.account.id)),
                    desk,
                    changes,
                )
    for account, peak in peaks.items():
        if peak.before is None or peak.measured > peak.before:
            row = found.setdefault(account, _total(account))
            row |= {"peak": peak.measured, "peak_before": peak.before}
    return [found[account] for account in sorted(found)]


def _total(account: AccountId) -> Row:
    return {
        "account": account,
        "realized": ZERO,
        "fees": ZERO,
        "losses": 0,
        "won": False,
        "peak": None,
        "peak_before": None,
    }


def _count(row: Row, desk: Desk, changes: Changes) -> None:
    known = (*(one for job in desk.jobs for one in job.intents), *changes.intents)
    enters = {one.id: one.enters for one in known}
    of = {one.order.id: one.intent for one in changes.orders}
    for fill in changes.fills:
        held = held_quantity(fill, desk.instrument.base, enters=enters[of[fill.order]])
        row["realized"] = add(row["realized"], fill.realized)
        row["fees"] = add(row["fees"], fee_worth(fill, held, desk.account.currency))
    losses, won = lost_in_row(one.trade for one in changes.trades)
    row["losses"] = losses if won else row["losses"] + losses
    row["won"] = row["won"] or won


async def _brake(driver: Driver, moved: Iterable[Moved]) -> None:
    """Set the accounts whose brakes fired to REDUCING; once each, and rarely at all."""
    fired = {
        one.desk.account.id: (one.desk.account.name, changes.brake)
        for one in moved
        for _, changes in one.steps
        if changes.brake is not None
    }
    for id, (name, brake) in sorted(fired.items()):
        target = Target(scope=Scope.ACCOUNT, id=id, name=name)
        async with driver.usual.begin():
            author = braked(brake)
            await set_state(
                driver.usual, target, TradingState.REDUCING, author, stricter=True
            )
