"""What is kept of the jobs of one key: what was decided, intended and ordered so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from adapters.store.postgres import rows, trees
from adapters.store.postgres.driver import Driver, Prepared
from adapters.store.postgres.rows import Row
from adapters.store.postgres.sql import COUNT, NUMBER, WORD, many, statement
from adapters.store.shared import OLDEST_JOBS
from application.records import (
    BotId,
    DecisionRecord,
    Intent,
    IntentId,
    Job,
    JobCause,
    JobId,
    JobStatus,
    Key,
    Mark,
    Triggered,
    WorkingOrder,
)
from application.steps import bars_of
from domain.order import OrderId
from domain.reasons import Reason
from domain.signal import Direction


@dataclass(frozen=True, slots=True)
class Details:
    """What is kept of jobs that are under way, and every entry that may still fill."""

    decisions: Mapping[int, tuple[DecisionRecord, ...]]
    intents: tuple[Intent, ...]
    orders: Mapping[str, tuple[WorkingOrder, ...]]
    bars: Mapping[JobId, datetime | None] = field(
        default_factory=dict[JobId, datetime | None]
    )
    """The bars of jobs under way; entries of other jobs belong to ones that are over."""

    def of(self, job: Job) -> Job:
        """Return the job with what came of it so far."""
        own = tuple(one for one in self.intents if one.job == job.id)
        return replace(
            job,
            decisions=self.decisions.get(job.id, ()),
            intents=own,
            orders=tuple(order for one in own for order in self.orders.get(one.id, ())),
        )


NO_DETAILS = Details({}, (), {})

_UNFINISHED = Prepared(
    statement(
        """
        SELECT jobs.*, alerts.received_at, alerts.signal, protections.reason,
               protections.side, protections.quantity, protections.filled,
               protections.level,
               protections.venue_order_id
        FROM unnest(:accounts, :symbols, :after) AS wanted (account, symbol, after)
        CROSS JOIN LATERAL (
            SELECT id, bot, account, symbol, cause, status, alert, price, priced_at,
                   told, protection
            FROM jobs
            WHERE jobs.account = wanted.account AND jobs.symbol = wanted.symbol
              AND jobs.status <> 'DONE' AND jobs.id > wanted.after
              AND (jobs.due_at IS NULL OR jobs.due_at <= clock_timestamp())
            ORDER BY jobs.id
            LIMIT :most
        ) AS jobs
        LEFT JOIN alerts ON alerts.id = jobs.alert
        LEFT JOIN protections ON protections.id = jobs.protection
        ORDER BY jobs.id
        """,
        accounts=many(NUMBER),
        symbols=many(WORD),
        after=many(NUMBER),
        most=COUNT,
    )
)
_INTENTS = Prepared(
    statement(
        """
        SELECT intents.*
        FROM unnest(:accounts, :symbols) AS wanted (account, symbol)
        JOIN intents ON intents.account = wanted.account
                    AND intents.symbol = wanted.symbol
                    AND intents.number > 0
                    AND intents.status IN ('WORKING', 'NEEDS_OPERATOR')
        UNION
        SELECT * FROM intents WHERE job = ANY(:jobs)
        """,
        accounts=many(NUMBER),
        symbols=many(WORD),
        jobs=many(NUMBER),
    )
)
_DECISIONS = Prepared(
    statement(
        "SELECT * FROM decisions WHERE job = ANY(:jobs) ORDER BY job, step",
        jobs=many(NUMBER),
    )
)
_ORDERS = Prepared(
    statement(
        """
        SELECT orders.*, (
            SELECT array_agg(trade_id) FROM fills WHERE fills."order" = orders.id
        ) AS trade_ids
        FROM orders
        WHERE intent = ANY(CAST(:intents AS uuid[]))
        ORDER BY intent, leg, generation
        """,
        intents=many(WORD),
    )
)


async def unfinished(
    driver: Driver, after: Mapping[Key, int]
) -> dict[Key, tuple[Job, ...]]:
    """Return the oldest unfinished jobs of each key beyond one that is known, in order.

    They come without what came of them.
    """
    asked = {
        "accounts": [key.account for key in after],
        "symbols": [key.symbol for key in after],
        "after": list(after.values()),
        "most": OLDEST_JOBS,
    }
    found: dict[Key, tuple[Job, ...]] = dict.fromkeys(after, ())
    for row in await _UNFINISHED(driver, asked):
        key = Key(row["account"], row["symbol"])
        found[key] = (*found[key], _job(row))
    return found


async def load_details(
    driver: Driver, alive: Sequence[Key], under_way: Sequence[Job]
) -> Details:
    """Return what came of these jobs, and these keys' entries that may still fill."""
    bars = bars_of(under_way)
    mine = {
        "accounts": [key.account for key in alive],
        "symbols": [key.symbol for key in alive],
        "jobs": list(bars),
    }
    found = [rows.intent(row) for row in await _INTENTS(driver, mine)]
    known = sorted(found, key=lambda one: one.ordinal)
    return Details(
        decisions=await _decisions(driver, list(bars)),
        intents=tuple(known),
        orders=await _orders(driver, [one.id for one in known]),
        bars=bars,
    )


def _job(row: Row) -> Job:
    alert = row["alert"]
    return Job(
        id=JobId(row["id"]),
        bot=BotId(row["bot"]),
        cause=JobCause(row["cause"]),
        status=JobStatus(row["status"]),
        signal=trees.signal(alert, row["received_at"], row["signal"]) if alert else None,
        triggered=_triggered(row) if row["protection"] else None,
        seen=Mark(price=row["price"], at=row["priced_at"]) if row["price"] else None,
        told=trees.fill_reports(row["told"] or ()),
    )


def _triggered(row: Row) -> Triggered:
    return Triggered(
        order=OrderId(row["protection"]),
        reason=Reason(row["reason"]),
        side=Direction(row["side"]),
        quantity=row["quantity"],
        filled=row["filled"],
        level=row["level"],
        venue_order_id=row["venue_order_id"],
    )


async def _decisions(
    driver: Driver, under_way: Sequence[JobId]
) -> dict[int, tuple[DecisionRecord, ...]]:
    if not under_way:
        return {}
    found: dict[int, tuple[DecisionRecord, ...]] = {}
    for row in await _DECISIONS(driver, {"jobs": list(under_way)}):
        found[row["job"]] = (*found.get(row["job"], ()), rows.decision(row))
    return found


async def _orders(
    driver: Driver, of: Sequence[IntentId]
) -> dict[str, tuple[WorkingOrder, ...]]:
    if not of:
        return {}
    found: dict[str, tuple[WorkingOrder, ...]] = {}
    for row in await _ORDERS(driver, {"intents": list(of)}):
        working = WorkingOrder(
            intent=IntentId(str(row["intent"])),
            order=rows.order(row),
            trade_ids=frozenset(row["trade_ids"] or ()),
        )
        found[working.intent] = (*found.get(working.intent, ()), working)
    return found
