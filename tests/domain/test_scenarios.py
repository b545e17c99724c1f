"""Each file in ``scenarios`` is a bot's day as a trader writes it; see ``bot_day``."""

import re
from pathlib import Path

import pytest

from application.scenario.day import BotDay
from application.scenario.sayings import day_of

SCENARIOS = sorted((Path(__file__).parent / "scenarios").glob("*.txt"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_bots_day_goes_as_the_scenario_says(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    first, *lines = [
        line for line in text.splitlines() if line and not line.startswith("#")
    ]
    day = day_of(first)

    actual = [written(day, line) for line in lines]

    assert actual == [tidy(line) for line in lines]


def written(day: BotDay, line: str) -> str:
    """Return the line as the engine would have written it."""
    event = tidy(re.split(r"->|\|", line)[0])
    outcome = day.told(event)
    return f"{event} -> {outcome} | {day.held()}" if outcome else f"{event} | {day.held()}"


def tidy(line: str) -> str:
    """Return the line without the blanks that only align it."""
    return " ".join(line.split())
