"""Grids and outcomes that the tests of sweeps share."""

from decimal import Decimal

from application.exploring.explorer import Figures, Outcome
from application.exploring.grid import Axis, Grid, Values

AXES = (Axis("rsi.length", ("7", "14", "21")), Axis("rsi.oversold", ("20", "25", "30")))


def grid(**changes: object) -> Grid:
    """Return a grid of nine, ranked by P&L."""
    known = {"axes": AXES, "rank_by": "total_pnl", "min_trades": 10}
    return Grid(**{**known, **changes})  # type: ignore[arg-type]


def figures(pnl: int, trades: int = 50) -> Figures:
    """Return the figures of a run that earned ``pnl``."""
    return {"total_pnl": Decimal(pnl), "trades": trades, "sharpe": pnl / 100}


def outcome(number: int, values: Values, *pnls: int, trades: int = 50) -> Outcome:
    """Return what a combination earned in each window."""
    return Outcome(
        number=number,
        values=values,
        figures=tuple(figures(pnl, trades) for pnl in pnls),
    )


def outcomes(*pnls: int) -> list[Outcome]:
    """Return what each of the nine combinations earned, in their order."""
    pairs = zip(grid().combinations(), pnls, strict=True)
    return [outcome(number, values, pnl) for number, (values, pnl) in enumerate(pairs)]
