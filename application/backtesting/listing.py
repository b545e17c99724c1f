"""A run's lots as a list of trades, as another program's list is told."""

from application.backtesting.lots import closed_lots, open_lots
from application.backtesting.result import BacktestResult
from application.ports.trade_list import ListedTrade


def listed(result: BacktestResult) -> tuple[ListedTrade, ...]:
    """Return closed lots in the order of closing, then open ones, numbered from 1."""
    closed = [
        ListedTrade(
            0,
            lot.side,
            lot.quantity,
            lot.entry_at,
            lot.entry_price,
            lot.entry_reason.value,
            lot.exit_at,
            lot.exit_price,
            lot.exit_reason.value,
            lot.pnl,
            is_open=False,
        )
        for lot in closed_lots(result)
    ]
    still_open = [
        ListedTrade(
            0,
            lot.side,
            lot.quantity,
            lot.entry_at,
            lot.entry_price,
            lot.entry_reason.value,
            None,
            None,
            "",
            None,
            is_open=True,
        )
        for lot in open_lots(result)
    ]
    both = [*closed, *still_open]
    return tuple(one._replace(number=number) for number, one in enumerate(both, 1))
