"""The statement that keeps what the paper venue did, part by part."""

from adapters.store.postgres.tables import paper_fills, paper_holdings, paper_orders
from adapters.store.postgres.writing import Part, Writing, kept_in

_ORDERS = kept_in(
    paper_orders,
    *("id", "account", "symbol", "side", "reduces", "quantity", "venue_order_id"),
    *("ended", "evidence", "refusal_code", "refusal_text"),
    # What rested is known, and may be over now.
    then="ON CONFLICT (id) DO UPDATE "
    "SET ended = excluded.ended, evidence = excluded.evidence",
)
_FILLS = kept_in(
    paper_fills,
    *("order", "trade_id", "quantity", "price", "fee", "fee_currency", "at"),
)
_HOLDINGS = kept_in(
    paper_holdings,
    *("account", "symbol", "kind", "quantity", "cost"),
    then="ON CONFLICT (account, symbol) DO UPDATE "
    "SET quantity = excluded.quantity, cost = excluded.cost",
)
_BALANCES = Part(
    name="balances",
    sql="""
        UPDATE paper_balances SET balance = new.balance
        FROM {rows}
        WHERE paper_balances.account = new.account
          AND paper_balances.account = ANY({all:account})
    """,
    columns={"account": "BIGINT", "balance": "NUMERIC"},
)

KEEP = Writing((_ORDERS, _FILLS, _HOLDINGS, _BALANCES), "SELECT 1 AS done")
