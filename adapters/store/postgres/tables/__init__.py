"""Every table, by theme. The migrations make them; a test holds the two together."""

from adapters.store.postgres.tables.access import (
    api_tokens,
    login_attempts,
    one_time_links,
    page_links,
    sealed_secrets,
    sessions,
    users,
)
from adapters.store.postgres.tables.audit import audit_log, audit_state
from adapters.store.postgres.tables.backtests import backtests
from adapters.store.postgres.tables.book import (
    dust,
    fills,
    intents,
    marks,
    order_transitions,
    orders,
    positions,
    reservations,
    trades,
    turnovers,
)
from adapters.store.postgres.tables.configuration import (
    account_totals,
    accounts,
    bots,
    feeds,
    flattenings,
    installation,
    instruments,
    operator_actions,
    revisions,
    trading_states,
)
from adapters.store.postgres.tables.intake import (
    alert_keys,
    alerts,
    refused_counts,
    refused_requests,
)
from adapters.store.postgres.tables.metadata import metadata
from adapters.store.postgres.tables.movements import movements
from adapters.store.postgres.tables.paper import (
    paper_balances,
    paper_fills,
    paper_holdings,
    paper_orders,
)
from adapters.store.postgres.tables.telling import channels, notifications
from adapters.store.postgres.tables.venues import (
    comparisons,
    missing_stops,
    protections,
    venue_budgets,
)
from adapters.store.postgres.tables.work import (
    bot_memory,
    decisions,
    events,
    heartbeats,
    jobs,
    timers,
    work_keys,
)

__all__ = [
    "account_totals",
    "accounts",
    "alert_keys",
    "alerts",
    "api_tokens",
    "audit_log",
    "audit_state",
    "backtests",
    "bot_memory",
    "bots",
    "channels",
    "comparisons",
    "decisions",
    "dust",
    "events",
    "feeds",
    "fills",
    "flattenings",
    "heartbeats",
    "installation",
    "instruments",
    "intents",
    "jobs",
    "login_attempts",
    "marks",
    "metadata",
    "missing_stops",
    "movements",
    "notifications",
    "one_time_links",
    "operator_actions",
    "order_transitions",
    "orders",
    "page_links",
    "paper_balances",
    "paper_fills",
    "paper_holdings",
    "paper_orders",
    "positions",
    "protections",
    "refused_counts",
    "refused_requests",
    "reservations",
    "revisions",
    "sealed_secrets",
    "sessions",
    "timers",
    "trades",
    "trading_states",
    "turnovers",
    "users",
    "venue_budgets",
    "work_keys",
]
