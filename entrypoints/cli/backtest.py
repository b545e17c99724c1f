"""`signalman backtest`: a bot on history, by the rules that trade."""

import os

import rich_click as click

from entrypoints.cli.lazy import LazyGroup, Place

_CLI = "entrypoints.cli."

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
"""No matrices are multiplied here, and numpy starts in two thirds of the time."""

PLACES = {
    "run": Place(f"{_CLI}backtest_run", "run", "Trade a chart export.", "Backtest"),
    "sweep": Place(
        f"{_CLI}backtest_sweep", "sweep", "Try many settings, on all cores.", "Backtest"
    ),
    "compare": Place(
        f"{_CLI}backtest_compare",
        "compare_",
        "Hold our trades against TradingView's list.",
        "Backtest",
    ),
    "check-lookahead": Place(
        f"{_CLI}backtest_lookahead",
        "check_lookahead",
        "Show that no decision knows the future.",
        "Backtest",
    ),
    "fetch": Place(
        f"{_CLI}backtest_fetch", "fetch", "Get bars from an exchange.", "Backtest"
    ),
    "list": Place(f"{_CLI}backtest_kept", "list_", "Results that were kept.", "Kept"),
    "show": Place(f"{_CLI}backtest_kept", "show", "One of them, whole.", "Kept"),
    "compare-runs": Place(
        f"{_CLI}backtest_kept", "compare_runs", "Up to four, side by side.", "Kept"
    ),
    "forget": Place(f"{_CLI}backtest_kept", "forget", "Remove one.", "Kept"),
}


@click.group(cls=LazyGroup, places=PLACES)
def backtest() -> None:
    """Run a bot over history by the very rules that trade.

    CSV is what TradingView's "Export chart data" writes; FILE.yaml is what
    `signalman apply` takes.
    """
