"""What is in use, counted and summed by one statement, so that it sees one moment."""

from datetime import datetime, time
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.postgres.sql import (
    AMOUNT,
    MOMENT,
    NUMBER,
    SWITCH,
    WORD,
    statement,
)
from application.records import Desk, Job, LoadedUsage
from application.usage import MINUTE, DayMark, Tally, day_began, loaded_usage

_LIVE = """
    intents.number > 0 AND intents.status IN ('WORKING', 'NEEDS_OPERATOR')
    AND intents.quantity > (
        SELECT coalesce(sum(filled), 0) FROM orders WHERE orders.intent = intents.id
    )
"""
DUST = """
    (positions.quantity < instruments.quantity_min
     OR coalesce(positions.quantity * marks.price, positions.cost)
        < instruments.notional_min)
"""
"""Whether so little is held that the venue takes no order for it: such a bot is flat."""

_DUST_HERE = DUST.replace("marks.price", "prices.price")

_TALLY = statement(
    """
    WITH prices AS (
        SELECT symbol, price, CASE WHEN day < :day THEN price ELSE day_open END AS opening
        FROM marks WHERE account = :account AND symbol <> :symbol
        UNION ALL
        SELECT :symbol, :price, :opening WHERE :price IS NOT NULL
    ),
    held AS (
        SELECT positions.bot, positions.symbol, positions.cost, positions.quantity,
               positions.side = 'LONG' AS long, instruments.kind = 'spot' AS spot,
               prices.price, """,
    _DUST_HERE,
    """ AS dust
        FROM positions
        JOIN instruments
          ON instruments.exchange = :exchange AND instruments.symbol = positions.symbol
        LEFT JOIN prices ON prices.symbol = positions.symbol
        WHERE positions.account = :account AND positions.quantity > 0
    ),
    valued AS (
        SELECT bot, symbol, spot, cost, dust,
               CASE WHEN long THEN quantity ELSE -quantity END AS quantity,
               coalesce(quantity * price, cost) AS worth,
               CASE WHEN price IS NULL THEN 0
                    WHEN long THEN quantity * price - cost
                    ELSE cost - quantity * price END AS unrealized
        FROM held
    ),
    occupied AS (
        SELECT bot FROM valued WHERE NOT dust
        UNION
        SELECT bot FROM intents WHERE account = :account AND """,
    _LIVE,
    """
    ),
    elsewhere AS (
        SELECT positions.bot
        FROM positions
        JOIN accounts ON accounts.id = positions.account
        JOIN instruments ON instruments.exchange = accounts.exchange
                        AND instruments.symbol = positions.symbol
        LEFT JOIN marks ON marks.account = positions.account
                       AND marks.symbol = positions.symbol
        WHERE :total AND positions.account <> :account AND positions.quantity > 0
          AND NOT """,
    DUST,
    """
        UNION
        SELECT bot FROM intents WHERE :total AND account <> :account AND """,
    _LIVE,
    """
    ),
    reserved AS (
        SELECT bot, notional FROM reservations
        WHERE account = :account AND released_at IS NULL
          AND NOT (bot = :bot AND kind = 'rest')
    ),
    bound AS (
        SELECT bot, cost AS notional FROM valued
        UNION ALL SELECT bot, notional FROM reserved
    ),
    today AS (
        SELECT symbol,
               sum(CASE WHEN (side = 'LONG') <> reduces THEN held ELSE -held END)
                   AS quantity,
               sum(CASE WHEN (side = 'LONG') <> reduces THEN -held ELSE held END * price)
                   AS cash,
               sum(CASE WHEN fee_currency = :currency THEN fee
                        ELSE (quantity - held) * price END) AS fees
        FROM fills WHERE account = :account AND at >= :day
        GROUP BY symbol
    ),
    standing AS (
        SELECT symbol, sum(quantity) AS quantity FROM valued GROUP BY symbol
    ),
    moved AS (
        SELECT prices.price, prices.opening,
               coalesce(standing.quantity, 0) AS quantity,
               coalesce(standing.quantity, 0) - coalesce(today.quantity, 0) AS at_start,
               coalesce(today.cash, 0) - coalesce(today.fees, 0) AS cash
        FROM prices
        LEFT JOIN standing ON standing.symbol = prices.symbol
        LEFT JOIN today ON today.symbol = prices.symbol
    )
    SELECT
        (SELECT count(*) FROM occupied WHERE bot <> :bot) AS account_positions,
        (SELECT count(*) FROM elsewhere) AS positions_elsewhere,
        (SELECT coalesce(sum(notional), 0) FROM bound WHERE bot = :bot) AS bot_notional,
        (SELECT coalesce(sum(notional), 0) FROM bound) AS account_notional,
        (SELECT count(*) FROM intents
         WHERE account = :account AND number > 0 AND at > :minute
           AND (:until IS NULL OR at <= :until)
           AND status NOT IN ('WAITING', 'DENIED')) AS entries_last_minute,
        (SELECT coalesce(sum(unrealized), 0) FROM valued) AS unrealized,
        (SELECT coalesce(sum(CASE WHEN spot THEN worth ELSE unrealized END), 0) FROM valued)
            AS open_value,
        (SELECT coalesce(sum(price * quantity - opening * at_start + cash), 0) FROM moved)
            AS day_pnl,
        realized, fees, equity_peak, losses_in_row, clock_timestamp() AS now
    FROM account_totals WHERE account = :account
    """,
    account=NUMBER,
    bot=NUMBER,
    symbol=WORD,
    exchange=WORD,
    currency=WORD,
    price=AMOUNT,
    opening=AMOUNT,
    day=MOMENT,
    minute=MOMENT,
    until=MOMENT,
    total=SWITCH,
)


class Counted(NamedTuple):
    """What is in use, when that was, and the highest equity kept so far."""

    usage: LoadedUsage
    now: datetime
    kept_peak: Decimal | None


class Asking(NamedTuple):
    """The job that asks, at which moment, with the price it has seen itself."""

    job: Job
    now: datetime
    mark: DayMark | None


async def load_usage(
    connection: AsyncConnection, desk: Desk, day_start: time, asking: Asking
) -> Counted:
    """Count what is in use as one job's entry sees it; the caller holds the limits."""
    day = day_began(asking.now, day_start)
    values = {
        "account": desk.account.id,
        "bot": asking.job.bot,
        "symbol": desk.key.symbol,
        "exchange": desk.account.exchange,
        "currency": desk.account.currency,
        "price": asking.mark.price if asking.mark else None,
        "opening": asking.mark.opening(day) if asking.mark else None,
        "day": day,
        "minute": asking.now - MINUTE,
        # By the wall, what others entered while this entry waited for the limits counts.
        "until": asking.now if desk.account.by_bar else None,
        "total": desk.total_limits.open_positions is not None,
    }
    row = (await connection.execute(_TALLY, values)).one()
    tally = Tally(
        account_positions=row.account_positions,
        total_positions=row.account_positions + row.positions_elsewhere,
        bot_notional=row.bot_notional,
        account_notional=row.account_notional,
        entries_last_minute=row.entries_last_minute,
        realized=row.realized,
        fees=row.fees,
        unrealized=row.unrealized,
        open_value=row.open_value,
        day_pnl=row.day_pnl,
        equity_peak=row.equity_peak,
        losses_in_row=row.losses_in_row,
    )
    usage = loaded_usage(asking.job.id, desk.account.start_balance, tally)
    return Counted(usage, row.now, row.equity_peak)
