"""Run every benchmark and keep its figures in `bench/results/latest.json`."""

import json
import platform
from pathlib import Path

from bench import domain

RESULTS = Path("bench/results/latest.json")


def main() -> None:
    """Measure one thing after the other and write what was seen."""
    print("The domain: one alert from signal to book, exact decimals\n")
    figures = {
        "python": platform.python_version(),
        "domain_microseconds_per_event": domain.main(),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(f"\nkept in {RESULTS}")


if __name__ == "__main__":
    main()
