"""The statement that keeps what steps came to, part by part."""

from adapters.store.postgres import rows
from adapters.store.postgres.tables import (
    bot_memory,
    decisions,
    dust,
    events,
    fills,
    intents,
    marks,
    notifications,
    orders,
    positions,
    timers,
    trades,
)
from adapters.store.postgres.turnover import KEPT_TURNOVERS
from adapters.store.postgres.writing import (
    Part,
    Writing,
    columns_of,
    kept_in,
)
from application.usage import DayMark
from domain.position import FLAT

_POSITION = tuple(rows.position_row(FLAT))


def _newest(*names: str) -> str:
    """Return the clause that lets a row take over these columns."""
    return ", ".join(f'"{name}" = excluded."{name}"' for name in names)


_HELD = Part(
    name="held",
    sql="""
        SELECT work_keys.account, work_keys.symbol
        FROM {rows} JOIN work_keys USING (account, symbol)
        WHERE work_keys.fence = new.fence AND work_keys.owner = new.owner
          AND work_keys.account = ANY({all:account})
          AND work_keys.symbol = ANY({all:symbol})
        ORDER BY work_keys.account, work_keys.symbol
        FOR NO KEY UPDATE OF work_keys
    """,
    columns={"account": "BIGINT", "symbol": "TEXT", "owner": "TEXT", "fence": "BIGINT"},
)
_DECISIONS = kept_in(
    decisions, "job", "step", "bot", "revision", "reason", "findings", "sized", "at"
)
_INTENTS = kept_in(
    intents,
    *("id", "job", "ordinal", "bot", "account", "symbol", "revision", "side", "number"),
    *("reason", "status", "quantity", "price", "level", "reserved", "reserved_rest", "at"),
    then="ON CONFLICT (id) DO UPDATE SET "
    + _newest("status", "quantity", "price", "reserved", "reserved_rest", "at"),
)
_ORDERS = kept_in(
    orders,
    *("id", "intent", "job", "bot", "account", "symbol", "revision", "leg", "generation"),
    *("side", "reduces", "quantity", "decision_price", "trigger_price", "triggers_stop"),
    *("limit_price", "rests_until", "cancel_asked_at", "cancel_cause"),
    *("status", "filled", "cost", "venue_order_id", "may_arrive_until"),
)
_MOVED_ORDERS = Part(
    name="moved_orders",
    sql="""
        UPDATE orders
        SET status = new.status, filled = new.filled, cost = new.cost,
            venue_order_id = new.venue_order_id, may_arrive_until = new.may_arrive_until,
            rests_until = new.rests_until, cancel_asked_at = new.cancel_asked_at,
            cancel_cause = new.cancel_cause, updated_at = clock_timestamp()
        FROM {rows}
        WHERE orders.id = new.id AND orders.status = new.before
          AND orders.id = ANY({all:id})
        RETURNING orders.id
    """,
    columns={
        "id": "TEXT",
        "before": "TEXT",
        "status": "TEXT",
        "filled": "NUMERIC",
        "cost": "NUMERIC",
        "venue_order_id": "TEXT",
        "may_arrive_until": "TIMESTAMPTZ",
        "rests_until": "TIMESTAMPTZ",
        "cancel_asked_at": "TIMESTAMPTZ",
        "cancel_cause": "TEXT",
    },
)
_TRANSITIONS = Part(
    name="kept_transitions",
    sql="""
        INSERT INTO order_transitions ("order", seq, event, status_after, evidence, at)
        SELECT new."order", new.place + (
                   SELECT coalesce(max(seq), 0) FROM order_transitions AS known
                   WHERE known."order" = new."order"
               ),
               new.event, new.status_after, new.evidence, new.at
        FROM {rows}
    """,
    columns={
        "order": "TEXT",
        "event": "TEXT",
        "status_after": "TEXT",
        "evidence": "TEXT",
        "at": "TIMESTAMPTZ",
    },
)
_FILLS = kept_in(
    fills,
    *("order", "trade_id", "intent", "bot", "account", "symbol", "revision", "side"),
    *("reduces", "quantity", "price", "fee", "fee_currency", "held", "realized"),
    *("charged", "at"),
)
_DUST = kept_in(dust, "intent", "bot", "account", "symbol", "quantity", "price", "at")
_TRADES = kept_in(
    trades,
    *("bot", "account", "symbol", "revision", "intent", "job", "side", "entries"),
    *("quantity", "entry_cost", "exit_proceeds", "fees", "pnl", "opened_at", "closed_at"),
)
_POSITIONS = Part(
    name="kept_positions",
    sql=f"""
        INSERT INTO positions (bot, account, symbol, bound_revision, {", ".join(_POSITION)})
        SELECT bot, account, symbol, bound, {", ".join(_POSITION)} FROM {{rows}}
        ON CONFLICT (bot) DO UPDATE
        SET {_newest(*_POSITION)}, updated_at = clock_timestamp(),
            -- A position keeps the revision it was opened under until it is flat.
            bound_revision = CASE WHEN excluded.quantity > 0 THEN
                coalesce(positions.bound_revision, excluded.bound_revision) END
    """,  # noqa: S608 - names of our columns
    columns={
        "bot": "BIGINT",
        "account": "BIGINT",
        "symbol": "TEXT",
        "bound": "BIGINT",
        **columns_of(positions, *_POSITION),
    },
)
_MEMORY = kept_in(
    bot_memory,
    "bot",
    "memory",
    then=f"ON CONFLICT (bot) DO UPDATE SET {_newest('memory')}",
)
_MARKS = kept_in(
    marks,
    *("account", "symbol", *DayMark._fields),
    then=f"ON CONFLICT (account, symbol) DO UPDATE SET {_newest(*DayMark._fields)}",
)
_RELEASED_ENTRIES = Part(
    name="released_entries",
    sql="""
        UPDATE reservations SET released_at = clock_timestamp() FROM {rows}
        WHERE released_at IS NULL AND kind = 'entry' AND reservations.intent = new.intent
          AND reservations.intent = ANY({all:intent})
    """,
    columns={"intent": "UUID"},
)
_RELEASED_RESTS = Part(
    name="released_rests",
    sql="""
        UPDATE reservations SET released_at = clock_timestamp() FROM {rows}
        WHERE released_at IS NULL AND kind = 'rest' AND reservations.bot = new.bot
          AND reservations.bot = ANY({all:bot})
        RETURNING reservations.id
    """,
    columns={"bot": "BIGINT"},
)
_RESERVATIONS = Part(
    name="kept_reservations",
    # What is released gives way before anything is held: the count makes it run first.
    sql="""
        INSERT INTO reservations (intent, bot, account, kind, notional)
        SELECT intent, bot, account, kind, notional FROM {rows}
        WHERE (SELECT count(*) FROM released_rests) >= 0
        ORDER BY place
        ON CONFLICT (intent, kind) WHERE released_at IS NULL
        DO UPDATE SET notional = excluded.notional
    """,
    columns={
        "intent": "UUID",
        "bot": "BIGINT",
        "account": "BIGINT",
        "kind": "TEXT",
        "notional": "NUMERIC",
    },
    after=("released_rests",),
)
_ENDED_TIMERS = Part(
    name="ended_timers",
    sql="""
        DELETE FROM timers USING {rows}
        WHERE timers.bot = new.bot AND timers.bot = ANY({all:bot})
    """,
    columns={"bot": "BIGINT"},
)
_TIMERS = kept_in(
    timers,
    "bot",
    "due_at",
    then=f"ON CONFLICT (bot) DO UPDATE SET {_newest('due_at')}",
)
_TOTALS = Part(
    name="totals",
    # Locked in the order of their ids, as every other transaction does.
    sql="""
        UPDATE account_totals
        SET realized = account_totals.realized + moved.realized,
            fees = account_totals.fees + moved.fees,
            losses_in_row = moved.losses
                + CASE WHEN moved.won THEN 0 ELSE account_totals.losses_in_row END,
            equity_peak = CASE
                WHEN moved.peak IS NOT NULL
                 AND account_totals.equity_peak IS NOT DISTINCT FROM moved.peak_before
                THEN moved.peak ELSE account_totals.equity_peak END
        FROM (
            SELECT new.* FROM {rows} JOIN account_totals AS known USING (account)
            ORDER BY known.account FOR NO KEY UPDATE OF known
        ) AS moved
        WHERE account_totals.account = moved.account
          AND account_totals.account = ANY({all:account})
    """,
    columns={
        "account": "BIGINT",
        "realized": "NUMERIC",
        "fees": "NUMERIC",
        "losses": "INTEGER",
        "won": "BOOLEAN",
        "peak": "NUMERIC",
        "peak_before": "NUMERIC",
    },
)
_JOBS = Part(
    name="jobs",
    sql="""
        UPDATE jobs
        SET status = new.status,
            finished_at = CASE WHEN new.status = 'DONE' THEN clock_timestamp() END
        FROM {rows} WHERE jobs.id = new.id AND jobs.id = ANY({all:id})
    """,
    columns={"id": "BIGINT", "status": "TEXT"},
)
_EVENTS = kept_in(events, "kind", "alert", "bot", "payload")
_NOTIFICATIONS = kept_in(notifications, "kind", "weight", "title", "lines", "bot", "alert")

_PARTS = (
    *(_HELD, _DECISIONS, _INTENTS, _ORDERS, _MOVED_ORDERS, _TRANSITIONS, _FILLS),
    KEPT_TURNOVERS,
    *(_TRADES, _POSITIONS, _MEMORY, _MARKS, _RELEASED_ENTRIES, _RELEASED_RESTS),
    *(_DUST, _RESERVATIONS, _ENDED_TIMERS, _TIMERS, _TOTALS, _JOBS, _EVENTS),
    _NOTIFICATIONS,
)
_ALWAYS = (_HELD.name, _MOVED_ORDERS.name)

WRITING = Writing(
    _PARTS,
    """
    SELECT (SELECT count(*) FROM moved_orders) AS moved,
           (SELECT jsonb_agg(jsonb_build_array(account, symbol)) FROM held) AS held
    """,
    always=_ALWAYS,
)
WHOLE = Writing(
    _PARTS,
    # Whatever is not as it was thought to be divides by zero, which undoes every part.
    """
    SELECT 1 / ((SELECT count(*) FROM held) = json_array_length({held})
                AND (SELECT count(*) FROM moved_orders) = json_array_length({moved_orders})
               )::integer AS whole
    """,
    always=_ALWAYS,
)
"""The same as a statement that commits by itself: it keeps everything, or fails."""
