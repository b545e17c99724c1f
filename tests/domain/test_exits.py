from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.exits import ExitDue, Prices, bars_are_up, bars_end, exit_due, stop_level
from domain.position import FLAT, Position
from domain.reasons import Reason
from domain.rules import ExitRules
from domain.signal import Direction
from domain.timeframe import Timeframe
from tests.domain.examples import PERPETUAL, bar, entry, leaving, position

HOURLY = Timeframe.parse("1h")
LONG = position(entry(1, "10", "100"))
SHORT = position(entry(1, "10", "100", side=Direction.SHORT))


def seen(price: str, high: str | None = None, low: str | None = None) -> Prices:
    return Prices(Decimal(price), Decimal(high or price), Decimal(low or price))


def due(held: Position, prices: Prices, **percent: str) -> ExitDue | None:
    given: dict[str, Any] = {
        f"{name}_percent": Decimal(value) for name, value in percent.items()
    }
    return exit_due(held, ExitRules(**given), prices, PERPETUAL)


@pytest.mark.parametrize(
    ("held", "price", "level"),
    [(LONG, "95", "95"), (LONG, "94", "95"), (SHORT, "105", "105"), (SHORT, "106", "105")],
)
def test_a_stop_loss_fires_at_its_level_or_worse(
    held: Position, price: str, level: str
) -> None:
    fired = due(held, seen(price), stop_loss="5")

    assert fired == ExitDue(Reason.EXIT_STOP_LOSS, Decimal(level))


@pytest.mark.parametrize(("held", "price"), [(LONG, "95.1"), (SHORT, "104.9")])
def test_a_stop_loss_that_was_not_reached_does_not_fire(held: Position, price: str) -> None:
    assert due(held, seen(price), stop_loss="5") is None


@pytest.mark.parametrize(("held", "price"), [(LONG, "104"), (SHORT, "96")])
def test_a_take_profit_fires_at_its_level_or_better(held: Position, price: str) -> None:
    fired = due(held, seen(price), take_profit="4")

    assert fired == ExitDue(Reason.EXIT_TAKE_PROFIT, Decimal(price))


@pytest.mark.parametrize(("held", "price"), [(LONG, "103.9"), (SHORT, "96.1")])
def test_a_take_profit_that_was_not_reached_does_not_fire(
    held: Position, price: str
) -> None:
    assert due(held, seen(price), take_profit="4") is None


def test_the_range_of_a_bar_can_reach_what_its_close_does_not() -> None:
    assert due(LONG, seen("100", low="94"), stop_loss="5") is not None
    assert due(LONG, seen("100", high="105"), take_profit="4") is not None
    assert due(SHORT, seen("100", high="106"), stop_loss="5") is not None
    assert due(SHORT, seen("100", low="95"), take_profit="4") is not None


def test_a_bar_that_reached_both_is_taken_for_the_worse() -> None:
    fired = due(LONG, seen("100", high="110", low="90"), stop_loss="5", take_profit="4")

    assert fired is not None
    assert fired.reason is Reason.EXIT_STOP_LOSS


@pytest.mark.parametrize(
    ("held", "best", "price", "level"),
    [(LONG, "120", "116.4", "116.4"), (SHORT, "80", "82.4", "82.4")],
)
def test_a_trailing_stop_counts_from_the_best_price(
    held: Position, best: str, price: str, level: str
) -> None:
    moved = held.seen(Decimal(best), Decimal(best))

    fired = due(moved, seen(price), trailing="3")

    assert fired == ExitDue(Reason.EXIT_TRAILING_STOP, Decimal(level))


def test_a_trailing_stop_begins_at_the_first_entry() -> None:
    assert due(LONG, seen("97.1"), trailing="3") is None
    assert due(LONG, seen("97"), trailing="3") is not None


def test_percentages_refer_to_the_average_of_the_open_lots() -> None:
    held = position(entry(1, "10", "100"), entry(2, "30", "96"))

    assert stop_level(held, ExitRules(stop_loss_percent=Decimal(10)), PERPETUAL) == Decimal(
        "87.3"
    )


def test_levels_lie_on_the_tick_and_away_from_the_entry() -> None:
    held = position(entry(1, "10", "100.3"))
    short = position(entry(1, "10", "100.3", side=Direction.SHORT))
    exits = ExitRules(stop_loss_percent=Decimal(5))

    assert stop_level(held, exits, PERPETUAL) == Decimal("95.2")  # 95.285
    assert stop_level(short, exits, PERPETUAL) == Decimal("105.4")  # 105.315


@pytest.mark.parametrize(("held", "level"), [(LONG, "97.6"), (SHORT, "102.4")])
def test_a_trailing_stop_lies_on_the_tick_and_away_from_the_best_price(
    held: Position, level: str
) -> None:
    fired = due(held, seen("200", low="1"), trailing="2.35")  # 97.65 and 102.35

    assert fired == ExitDue(Reason.EXIT_TRAILING_STOP, Decimal(level))


def test_a_flat_position_has_no_exits() -> None:
    closed = position(entry(1, "10", "100"), leaving("10", "120"))
    exits = ExitRules(stop_loss_percent=Decimal(5), trailing_percent=Decimal(5))

    for flat in (FLAT, closed):
        assert exit_due(flat, exits, seen("1"), PERPETUAL) is None
        assert stop_level(flat, exits, PERPETUAL) is None


def test_without_exit_rules_nothing_fires() -> None:
    assert due(LONG, seen("1")) is None


@pytest.mark.parametrize(("at", "up"), [(2, False), (3, True), (4, True)])
def test_a_position_is_left_after_its_maximum_number_of_bars(at: int, *, up: bool) -> None:
    assert bars_are_up(ExitRules(max_bars=3), bar(0), bar(at), HOURLY) is up


@pytest.mark.parametrize(
    ("exits", "first", "now"),
    [
        (ExitRules(), bar(0), bar(9)),
        (ExitRules(max_bars=3), None, bar(9)),
        (ExitRules(max_bars=3), bar(0), None),
    ],
)
def test_bars_that_are_not_limited_or_not_known_are_never_up(
    exits: ExitRules, first: datetime | None, now: datetime | None
) -> None:
    assert not bars_are_up(exits, first, now, HOURLY)


def test_the_last_allowed_bar_ends_when_its_alert_would_fire() -> None:
    assert bars_end(ExitRules(max_bars=3), bar(0), HOURLY) == bar(4)


def test_without_a_maximum_there_is_no_last_bar() -> None:
    assert bars_end(ExitRules(), bar(0), HOURLY) is None
