"""Run every benchmark, or the parts that are named: ``python -m bench domain``.

What was seen is kept in `bench/results/latest.json`; a part that did not run keeps its own.
"""

import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import alerts, domain, executions, memory, recovery, scale, sweep, venue
from bench.backtest import compare as backtest
from bench.receivers import compare

RESULTS = Path("bench/results/latest.json")
PARTS: dict[str, tuple[str, Callable[[], Any]]] = {
    "domain": ("The domain: one alert from signal to book, exact decimals", domain.main),
    "backtest": ("A backtest, beside the engines of others", backtest.main),
    "sweep": ("A parameter sweep, with the engine of a single run", sweep.main),
    "executions": (
        "Executions: from alerts that are kept to paper fills that are recorded",
        executions.main,
    ),
    "alerts": ("Alerts over HTTP, to paper fills that are recorded", alerts.main),
    "scale": ("A decision beside 10,000 bots and 1,000,000 kept alerts", scale.main),
    "recovery": ("A worker is killed with -9 while it works", recovery.main),
    "memory": ("`signalman up` while nothing happens", memory.main),
    "venue": ("From an alert to the order on the wire", venue.main),
    "receivers": ("Acknowledgments, beside the receivers a user would write", compare.main),
}


def main() -> int:
    """Measure one thing after the other and write what was seen."""
    wanted = sys.argv[1:] or list(PARTS)
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        print(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
        return 2
    figures = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    figures["python"] = platform.python_version()
    for name in wanted:
        title, measure = PARTS[name]
        print(f"{title}\n")
        figures[name] = measure()
        print()
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(f"kept in {RESULTS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
