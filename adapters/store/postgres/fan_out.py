"""One round of routing on PostgreSQL: six statements, however many alerts wait.

Not waited for: what a crash of the server takes back is routed again.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.postgres import trees
from adapters.store.postgres.locks import take_routing
from adapters.store.postgres.notices import keep_notices
from adapters.store.postgres.sql import NOT_AWAITED, NUMBER, WORD, many, statement
from adapters.store.postgres.tables import alerts
from application.notifying.arrivals import closes_without_bot
from application.ports.inbox import (
    Candidates,
    ChartKeys,
    FannedOut,
    RosterBot,
    Routed,
    Router,
)
from application.records import AccountId, BotId, Key
from domain.instrument import Symbol
from domain.signal import Direction, Signal

_CANDIDATES = statement(
    """
    WITH roster AS NOT MATERIALIZED (
        SELECT id, name, enabled, chart_key, account, symbol, feed,
               (SELECT side FROM positions
                WHERE positions.bot = bots.id AND quantity > 0) AS held,
               EXISTS (
                   SELECT FROM positions
                   JOIN revisions ON revisions.id = positions.bound_revision
                   CROSS JOIN jsonb_each_text(
                       CASE jsonb_typeof(tree -> 'exits') WHEN 'object'
                       THEN tree -> 'exits' ELSE '{}' END
                   ) AS exit
                   WHERE positions.account = bots.account AND quantity > 0
                     AND positions.symbol = bots.symbol AND exit.value IS NOT NULL
               ) AS guarded
        FROM bots
        WHERE archived_at IS NULL AND EXISTS (
            SELECT FROM accounts
            WHERE accounts.id = bots.account AND accounts.archived_at IS NULL
        )
    )
    SELECT roster.* FROM unnest(:chart_feeds, :charts) AS wanted (feed, chart_key)
    JOIN roster ON roster.feed = wanted.feed AND roster.chart_key = wanted.chart_key
    UNION
    SELECT roster.* FROM unnest(:name_feeds, :names) AS wanted (feed, name)
    JOIN roster ON roster.feed = wanted.feed AND roster.name = wanted.name
    UNION
    SELECT first_two.* FROM unnest(:chartless_feeds) AS wanted (feed)
    CROSS JOIN LATERAL (
        SELECT * FROM roster WHERE roster.feed = wanted.feed AND roster.enabled
        ORDER BY roster.id LIMIT 2
    ) AS first_two
    ORDER BY id
    """,
    chart_feeds=many(NUMBER),
    charts=many(WORD),
    name_feeds=many(NUMBER),
    names=many(WORD),
    chartless_feeds=many(NUMBER),
)

_KEEP = statement(
    """
    WITH queued AS (
        INSERT INTO jobs (alert, bot, account, symbol, cause, status)
        SELECT alert, bot, account, symbol, 'SIGNAL', 'QUEUED'
        FROM unnest(:job_alerts, :job_bots, :job_accounts, :job_symbols) WITH ORDINALITY
            AS job (alert, bot, account, symbol, place)
        ORDER BY place
        ON CONFLICT (alert, bot) DO NOTHING
    ),
    keys AS (
        INSERT INTO work_keys (account, symbol)
        SELECT DISTINCT account, symbol
        FROM unnest(:job_accounts, :job_symbols) AS key (account, symbol)
        ORDER BY account, symbol
        ON CONFLICT (account, symbol) DO NOTHING
    ),
    told AS (
        INSERT INTO events (kind, alert, payload)
        SELECT 'alert.routed', alert, jsonb_build_object('reason', reason)
        FROM unnest(:alerts, :reasons) WITH ORDINALITY AS routed (alert, reason, place)
        ORDER BY place
    ),
    done AS (
        UPDATE alerts
        SET reason = routed.reason, value = routed.value, "limit" = routed.limit,
            fanned_out_at = clock_timestamp()
        FROM unnest(:alerts, :reasons, :values, :limits)
            AS routed (alert, reason, value, "limit")
        WHERE alerts.id = routed.alert
    )
    SELECT
    """,
    NOT_AWAITED,
    job_alerts=many(NUMBER),
    job_bots=many(NUMBER),
    job_accounts=many(NUMBER),
    job_symbols=many(WORD),
    alerts=many(NUMBER),
    reasons=many(WORD),
    values=many(WORD),
    limits=many(WORD),
)

_WAITING = (
    select(alerts.c.id, alerts.c.feed, alerts.c.received_at, alerts.c.signal)
    .where(alerts.c.reason.is_(None))
    .order_by(alerts.c.id)
)


class _Waiting(NamedTuple):
    """An alert that waits, with what routing needs to know of it."""

    id: int
    feed: int
    signal: Signal
    charts: tuple[str, ...]


class _Roster:
    """The bots that a batch of alerts may mean, found by feed and chart or name."""

    def __init__(self, rows: Iterable[RowMapping]) -> None:
        self._charts: dict[tuple[int, str], list[RosterBot]] = {}
        self._names: dict[tuple[int, str], RosterBot] = {}
        self._enabled: dict[int, list[RosterBot]] = {}
        for row in rows:
            bot, feed = _roster_bot(row), row["feed"]
            self._charts.setdefault((feed, bot.chart_key), []).append(bot)
            self._names[feed, bot.name] = bot
            if bot.enabled:
                self._enabled.setdefault(feed, []).append(bot)

    def candidates(self, alert: _Waiting) -> Candidates:
        """Return the bots that one alert may mean."""
        name = alert.signal.bot
        found = [
            bot
            for chart in alert.charts
            for bot in self._charts.get((alert.feed, chart), ())
        ]
        enabled = () if alert.charts else tuple(self._enabled.get(alert.feed, ())[:2])
        return Candidates(
            on_charts=tuple(sorted(found, key=lambda bot: bot.id)),
            named=None if name is None else self._names.get((alert.feed, name)),
            enabled=enabled,
        )


async def fan_out(
    connection: AsyncConnection, charts: ChartKeys, router: Router, limit: int
) -> FannedOut:
    """Route the oldest alerts that wait, in a transaction that the caller commits."""
    await take_routing(connection)
    rows = (await connection.execute(_WAITING.limit(limit))).mappings().all()
    if not rows:
        return FannedOut(alerts=0, keys=())
    waiting = [_waiting(row, charts) for row in rows]
    roster = await _roster(connection, waiting)
    routed = [(alert, router(alert.signal, roster.candidates(alert))) for alert in waiting]
    await connection.execute(_KEEP, _kept(routed))
    outcomes = ((alert.signal, one) for alert, one in routed)
    await keep_notices(connection, closes_without_bot(outcomes))
    keys = dict.fromkeys(bot.key for _, one in routed for bot in one.bots)
    exits = dict.fromkeys(key for _, one in routed for key in one.exits)
    return FannedOut(alerts=len(routed), keys=tuple(keys), exits=tuple(exits))


def _roster_bot(row: RowMapping) -> RosterBot:
    return RosterBot(
        id=BotId(row["id"]),
        name=row["name"],
        enabled=row["enabled"],
        chart_key=row["chart_key"],
        key=Key(AccountId(row["account"]), Symbol(row["symbol"])),
        held=Direction(row["held"]) if row["held"] else None,
        guarded=row["guarded"],
    )


def _waiting(row: RowMapping, charts: ChartKeys) -> _Waiting:
    signal = trees.signal(row["id"], row["received_at"], row["signal"])
    return _Waiting(row["id"], row["feed"], signal, tuple(dict.fromkeys(charts(signal))))


async def _roster(connection: AsyncConnection, waiting: Sequence[_Waiting]) -> _Roster:
    on_charts = {(one.feed, chart) for one in waiting for chart in one.charts}
    named = {(one.feed, one.signal.bot) for one in waiting if one.signal.bot is not None}
    found = await connection.execute(
        _CANDIDATES,
        {
            "chart_feeds": [feed for feed, _ in on_charts],
            "charts": [chart for _, chart in on_charts],
            "name_feeds": [feed for feed, _ in named],
            "names": [name for _, name in named],
            "chartless_feeds": list({one.feed for one in waiting if not one.charts}),
        },
    )
    return _Roster(found.mappings())


def _kept(routed: Sequence[tuple[_Waiting, Routed]]) -> dict[str, list[Any]]:
    jobs = [(alert.id, bot) for alert, one in routed for bot in one.bots]
    return {
        "job_alerts": [alert for alert, _ in jobs],
        "job_bots": [bot.id for _, bot in jobs],
        "job_accounts": [bot.key.account for _, bot in jobs],
        "job_symbols": [bot.key.symbol for _, bot in jobs],
        "alerts": [alert.id for alert, _ in routed],
        "reasons": [one.reason.value for _, one in routed],
        "values": [one.value for _, one in routed],
        "limits": [one.limit for _, one in routed],
    }
