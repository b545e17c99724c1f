"""What is in use, counted and summed for accounts, apart from keys that are planned now.

Those keys' own use is read off their desks (``application.in_use``). One statement, so that
all of it sees one moment.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from adapters.store.postgres.driver import Driver, Prepared
from adapters.store.postgres.rows import Row
from adapters.store.postgres.sql import MOMENT, NUMBER, SWITCH, WORD, many, statement
from adapters.store.postgres.turnover import TODAY
from application.in_use import Counted
from application.records import AccountId, BotId, DeskAccount, IntentId, Key
from application.reserving import Reservation, ReservationKind
from application.usage import MINUTE, Turnover
from domain.instrument import Symbol
from domain.risk import TradingState

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


_PLANNED = """
    EXISTS (SELECT FROM planned WHERE planned.account = {0}.account
                                  AND planned.symbol = {0}.symbol)
"""

_IN_USE = Prepared(
    statement(
        """
    WITH planned AS (
        SELECT * FROM unnest(:key_accounts, :key_symbols) AS key (account, symbol)
    ),
    asking AS (
        SELECT *
        FROM unnest(:accounts, :currencies, :days, :minutes, :ends, :rated, :daily)
            AS one (account, currency, day, minute, until, rated, daily)
    ),
    held AS (
        SELECT positions.bot, positions.account, positions.symbol, positions.cost,
               CASE positions.side WHEN 'LONG' THEN positions.quantity
                    ELSE -positions.quantity END AS quantity,
               instruments.kind = 'spot' AS spot, marks.price, """,
        DUST,
        """ AS dust
        FROM positions
        JOIN accounts ON accounts.id = positions.account
        JOIN instruments ON instruments.exchange = accounts.exchange
                        AND instruments.symbol = positions.symbol
        LEFT JOIN marks ON marks.account = positions.account
                       AND marks.symbol = positions.symbol
        WHERE positions.quantity > 0
          AND (:total OR positions.account = ANY(:accounts))
          AND NOT """,
        _PLANNED.format("positions"),
        """
    ),
    valued AS (
        SELECT *, coalesce(price * quantity - CASE WHEN quantity > 0 THEN cost
                                                   ELSE -cost END, 0) AS unrealized
        FROM held
    ),
    sums AS (
        SELECT account, sum(cost) AS cost, sum(unrealized) AS unrealized,
               sum(CASE WHEN spot THEN coalesce(price * quantity, cost)
                        ELSE unrealized END) AS open_value
        FROM valued GROUP BY account
    ),
    occupied AS (
        SELECT account, count(*) AS positions FROM (
            SELECT account, bot FROM held WHERE NOT dust
            UNION
            SELECT account, bot FROM intents
            WHERE """,
        _LIVE,
        """
              AND (:total OR account = ANY(:accounts)) AND NOT """,
        _PLANNED.format("intents"),
        """
        ) AS busy GROUP BY account
    ),
    reserved AS (
        SELECT reservations.account, reservations.intent, reservations.bot,
               reservations.kind, reservations.notional, """,
        _PLANNED.format("bots"),
        """ AS planned
        FROM reservations JOIN bots ON bots.id = reservations.bot
        WHERE reservations.account = ANY(:accounts) AND released_at IS NULL
    ),
    today AS (""",
        TODAY,
        """),
    moved AS (
        SELECT asking.account, sum(
                   coalesce(standing.quantity, 0) * marks.price
                   - (coalesce(standing.quantity, 0) - coalesce(today.quantity, 0))
                     * CASE WHEN marks.day < asking.day THEN marks.price
                            ELSE marks.day_open END
                   + coalesce(today.cash, 0) - coalesce(today.fees, 0)
               ) AS pnl
        FROM asking
        JOIN marks ON marks.account = asking.account AND NOT """,
        _PLANNED.format("marks"),
        """
        LEFT JOIN (
            SELECT account, symbol, sum(quantity) AS quantity FROM held
            GROUP BY account, symbol
        ) AS standing ON standing.account = marks.account AND standing.symbol = marks.symbol
        LEFT JOIN today ON today.account = marks.account AND today.symbol = marks.symbol
        WHERE asking.daily
        GROUP BY asking.account
    )
    SELECT asking.account, clock_timestamp() AS now,
           coalesce(occupied.positions, 0) AS positions,
           (SELECT coalesce(sum(other.positions), 0) FROM occupied AS other
            WHERE :total AND other.account <> asking.account)::bigint
               AS positions_elsewhere,
           coalesce(sums.cost, 0) + (
               SELECT coalesce(sum(notional), 0) FROM reserved
               WHERE reserved.account = asking.account AND NOT planned
           ) AS notional,
           coalesce(sums.unrealized, 0) AS unrealized,
           coalesce(sums.open_value, 0) AS open_value,
           coalesce(moved.pnl, 0) AS day_pnl,
           CASE WHEN asking.rated THEN (
               SELECT count(*) FROM intents
               WHERE intents.account = asking.account AND number > 0
                 AND at > asking.minute AND (asking.until IS NULL OR at <= asking.until)
                 AND status NOT IN ('WAITING', 'DENIED')
           ) ELSE 0 END AS entries_last_minute,
           totals.realized, totals.fees, totals.equity_peak, totals.losses_in_row,
           (SELECT jsonb_agg(jsonb_build_array(intent, bot, kind, notional::text))
            FROM reserved WHERE reserved.account = asking.account AND planned)
               AS reservations,
           (SELECT jsonb_agg(jsonb_build_array(
                       today.symbol, quantity::text, cash::text, today.fees::text))
            FROM today JOIN planned ON planned.account = today.account
                                   AND planned.symbol = today.symbol
            WHERE today.account = asking.account) AS turnover,
           (SELECT jsonb_agg(jsonb_build_array(bots.id, greatest(
                       coalesce(own.state, 0), coalesce(above.state, 0),
                       coalesce(highest.state, 0)), bots.enabled))
            FROM bots
            LEFT JOIN trading_states own ON own.scope = 'bot' AND own.target = bots.id
            LEFT JOIN trading_states above ON above.scope = 'account'
                                          AND above.target = asking.account
            LEFT JOIN trading_states highest ON highest.scope = 'global'
                                            AND highest.target = 0
            WHERE bots.id = ANY(:bots) AND bots.account = asking.account) AS states
    FROM asking
    JOIN account_totals AS totals ON totals.account = asking.account
    LEFT JOIN occupied ON occupied.account = asking.account
    LEFT JOIN sums ON sums.account = asking.account
    LEFT JOIN moved ON moved.account = asking.account
    """,
        key_accounts=many(NUMBER),
        key_symbols=many(WORD),
        accounts=many(NUMBER),
        currencies=many(WORD),
        days=many(MOMENT),
        minutes=many(MOMENT),
        ends=many(MOMENT),
        rated=many(SWITCH),
        daily=many(SWITCH),
        total=SWITCH,
        bots=many(NUMBER),
    )
)


class Asking(NamedTuple):
    """An account that is asked about, at which moment and for which day."""

    account: DeskAccount
    now: datetime
    day: datetime


class Kept(NamedTuple):
    """What was counted of an account, and when."""

    counted: Counted
    now: datetime
    states: Mapping[BotId, tuple[TradingState, bool]]
    """Trading state of the asking bots now, and whether they are enabled."""


async def load_in_use(
    driver: Driver,
    asked: Sequence[Asking],
    planned: Sequence[Key],
    bots: Sequence[BotId],
    *,
    total: bool,
) -> dict[AccountId, Kept]:
    """Count what each account has in use apart from the planned keys.

    The caller holds the limits. With ``total``, other accounts are counted too. What only
    a limit asks for, and costs more than a look, is counted where that limit is set: the
    day's P&L and the entries of the last minute.
    """
    values = {
        "key_accounts": [key.account for key in planned],
        "key_symbols": [key.symbol for key in planned],
        "accounts": [one.account.id for one in asked],
        "currencies": [one.account.currency for one in asked],
        "days": [one.day for one in asked],
        "minutes": [one.now - MINUTE for one in asked],
        # By the wall, what others entered while this entry waited for the limits counts.
        "ends": [one.now if one.account.by_bar else None for one in asked],
        "rated": [one.account.limits.entries_per_minute is not None for one in asked],
        "daily": [one.account.limits.daily_loss is not None for one in asked],
        "total": total,
        "bots": bots,
    }
    found = await _IN_USE(driver, values)
    return {
        AccountId(row["account"]): Kept(_counted(row), row["now"], _states(row))
        for row in found
    }


def _states(row: Row) -> dict[BotId, tuple[TradingState, bool]]:
    return {
        BotId(bot): (TradingState(state), enabled)
        for bot, state, enabled in row["states"] or ()
    }


def _counted(row: Row) -> Counted:
    return Counted(
        positions=row["positions"],
        positions_elsewhere=row["positions_elsewhere"],
        notional=row["notional"],
        unrealized=row["unrealized"],
        open_value=row["open_value"],
        day_pnl=row["day_pnl"],
        entries_last_minute=row["entries_last_minute"],
        realized=row["realized"],
        fees=row["fees"],
        equity_peak=row["equity_peak"],
        losses_in_row=row["losses_in_row"],
        reservations=tuple(map(_reservation, row["reservations"] or ())),
        turnover=_turnover(row["turnover"] or ()),
    )


def _reservation(one: Sequence[Any]) -> Reservation:
    intent, bot, kind, notional = one
    return Reservation(
        IntentId(intent), BotId(bot), ReservationKind(kind), Decimal(notional)
    )


def _turnover(found: Iterable[Sequence[str]]) -> Mapping[Symbol, Turnover]:
    return {Symbol(symbol): Turnover(*map(Decimal, amounts)) for symbol, *amounts in found}
