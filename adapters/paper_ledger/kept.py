"""The statement that keeps what the paper venue did, part by part.

It does not wait for the disk: the books that say what came of an order stand in the same
journal, later, and are waited for. What is lost with its end was never recorded; asked
then, the venue has not taken the order.
"""

from adapters.store.postgres.sql import NOT_AWAITED
from adapters.store.postgres.tables import paper_fills, paper_holdings, paper_orders
from adapters.store.postgres.writing import Part, Writing, kept_in

_ORDER = (
    *("id", "account", "symbol", "side", "reduces", "quantity", "venue_order_id"),
    *("ended", "evidence", "refusal_code", "refusal_text"),
)
_FILL = ("order", "trade_id", "quantity", "price", "fee", "fee_currency", "at")
_HOLDING = ("account", "symbol", "kind", "quantity", "cost")
_NEWEST_HOLDING = """
    ON CONFLICT (account, symbol) DO UPDATE
    SET quantity = excluded.quantity, cost = excluded.cost
"""
_ORDERS = kept_in(
    paper_orders,
    *_ORDER,
    # What rested is known, and may be over now.
    then="ON CONFLICT (id) DO UPDATE "
    "SET ended = excluded.ended, evidence = excluded.evidence",
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
_VERSION = "pg_current_xact_id()::xid::text AS version"
"""What ``xmin`` of every account that was changed will be."""

_KEPT = f"{NOT_AWAITED}, {_VERSION}"

KEEP = Writing(
    (
        _ORDERS,
        kept_in(paper_fills, *_FILL),
        kept_in(paper_holdings, *_HOLDING, then=_NEWEST_HOLDING),
        _BALANCES,
    ),
    f"SELECT {_KEPT}",
)

_UNCHANGED = Part(
    name="balances",
    sql="""
        UPDATE paper_balances SET balance = new.balance
        FROM {rows}
        WHERE paper_balances.account = new.account
          AND paper_balances.account = ANY({all:account})
          AND paper_balances.xmin::text = new.version
        RETURNING paper_balances.account
    """,
    columns={"account": "BIGINT", "balance": "NUMERIC", "version": "TEXT"},
)
_UNTIL = Part(
    name="arrival",
    sql="SELECT until FROM {rows}",
    columns={"until": "TIMESTAMPTZ"},
)
# The account's row first, as every other transaction of the ledger takes it.
_HELD = "WHERE (SELECT count(*) FROM balances) > 0"

KEEP_AT_ONCE = Writing(
    (
        _UNCHANGED,
        _UNTIL,
        kept_in(paper_orders, *_ORDER, where=_HELD),
        kept_in(paper_fills, *_FILL, where=_HELD),
        kept_in(paper_holdings, *_HOLDING, where=_HELD, then=_NEWEST_HOLDING),
    ),
    # What is not as it was thought to be, or comes too late, divides by zero, which undoes
    # every part. The clock is read once the account is held.
    f"""
    SELECT {_KEPT}, 1 / (
        CASE WHEN (SELECT count(*) FROM balances) = json_array_length({{balances}})
        THEN coalesce((SELECT clock_timestamp() <= until FROM arrival), true)
        ELSE false END
    )::integer AS whole
    """,  # noqa: S608 - a text of ours
    always=("balances", "arrival"),
)
"""The same for books that nobody has changed since; it commits by itself, or fails."""
