"""Every table, by theme. The migrations make them; a test holds the two together."""

from adapters.store.postgres.tables.access import sealed_secrets
from adapters.store.postgres.tables.book import (
    fills,
    intents,
    marks,
    order_transitions,
    orders,
    positions,
    reservations,
    trades,
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
from adapters.store.postgres.tables.paper import (
    paper_balances,
    paper_fills,
    paper_holdings,
    paper_orders,
)
from adapters.store.postgres.tables.work import (
    bot_memory,
    decisions,
    events,
    jobs,
    timers,
    work_keys,
)

__all__ = [
    "account_totals",
    "accounts",
    "alert_keys",
    "alerts",
    "bot_memory",
    "bots",
    "decisions",
    "events",
    "feeds",
    "fills",
    "flattenings",
    "installation",
    "instruments",
    "intents",
    "jobs",
    "marks",
    "metadata",
    "operator_actions",
    "order_transitions",
    "orders",
    "paper_balances",
    "paper_fills",
    "paper_holdings",
    "paper_orders",
    "positions",
    "refused_counts",
    "refused_requests",
    "reservations",
    "revisions",
    "sealed_secrets",
    "timers",
    "trades",
    "trading_states",
    "work_keys",
]
