"""A whole process from its start to its result, over bars that were read before.

Its modules are compiled as those of an installed program are: the start that does not count
compiles them, whatever the environment says of that.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from adapters.bars.export_writing import export_name, write_chart_export
from application.ports.bars import Bars
from bench.backtest.work import CAPITAL, COSTS

ROUNDS = 5
_BOT = """
bots:
  - name: bench
    account: chart
    feed: bench
    chart: {exchange: TEST, ticker: UNIT, interval: 1}
    reverse: yes
    sizing: {mode: quote, amount: 10000}
    scaling: {max_entries: 3}
"""


class Cold(NamedTuple):
    """The best of several starts: seconds on the clock, and of processors."""

    seconds: float
    processor_seconds: float


def ours(bars: Bars, folder: Path) -> Cold:
    """Return what `signalman backtest run` takes; the first start fills the cache."""
    path = folder / export_name(bars)
    path.write_text(write_chart_export(bars), encoding="utf-8")
    (folder / "bot.yaml").write_text(_BOT, encoding="utf-8")
    command = [
        *(sys.executable, "-m", "entrypoints.cli.main", "backtest", "run", str(path)),
        *("--bot", str(folder / "bot.yaml"), "--capital", str(CAPITAL)),
        *("--fee-rate", str(COSTS.fee_rate), "--quantity-step", "1"),
    ]
    return started(command, {"SIGNALMAN_DATA_DIR": str(folder)})


def started(command: Sequence[str | Path], settings: dict[str, str]) -> Cold:
    """Return the best of several starts, after one that does not count."""
    clock, processor = float("inf"), float("inf")
    with tempfile.TemporaryDirectory() as compiled:
        compiling = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": compiled}
        environment = {**os.environ, **settings, **compiling}
        for number in range(ROUNDS + 1):
            before, began = _spent(), time.perf_counter()
            subprocess.run(  # noqa: S603 - our own commands, no shell
                command, env=environment, capture_output=True, check=True
            )
            if number:
                clock = min(clock, time.perf_counter() - began)
                processor = min(processor, _spent() - before)
    return Cold(clock, processor)


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
