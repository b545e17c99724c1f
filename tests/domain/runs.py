"""Trades and equity curves that the tests of results share."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from domain.equity import EquityPoint
from domain.measured import MeasuredTrade
from domain.position import Trade
from domain.signal import Direction
from tests.domain.examples import bar

DAY = timedelta(days=1)
FIRST_DAY = datetime(2024, 1, 1, 12, tzinfo=UTC)


def trade(
    pnl: str, at: int, fees: str = "1", side: Direction = Direction.LONG, bars: int = 1
) -> Trade:
    """Return a trade that earned ``pnl`` after ``fees`` in the hours before ``at``."""
    gain = Decimal(pnl) + Decimal(fees)
    left = Decimal(100) + (gain if side is Direction.LONG else -gain)
    return Trade(
        side=side,
        entries=1,
        quantity=Decimal(1),
        entry_cost=Decimal(100),
        exit_proceeds=left,
        fees=Decimal(fees),
        opened_at=bar(at - bars),
        closed_at=bar(at),
    )


def measured(pnl: str, at: int, up: str = "0", down: str = "0") -> MeasuredTrade:
    """Return a long without fees that was ``up`` and ``down`` at most."""
    return MeasuredTrade(trade(pnl, at, "0"), 1, Decimal(up), Decimal(down))


def days(*equities: str | int | Decimal) -> list[EquityPoint]:
    """Return equity at noon of one day after the other."""
    return [
        EquityPoint(FIRST_DAY + number * DAY, Decimal(equity))
        for number, equity in enumerate(equities)
    ]
