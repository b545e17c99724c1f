from decimal import Decimal

import pytest

from domain.exits import ExitDue, ExitLevels
from domain.intrabar import Ohlc, through
from domain.position import FLAT, Fill, Position
from domain.reasons import Reason
from domain.rules import ExitRules
from domain.signal import Direction
from tests.domain.examples import PERPETUAL, bar

BOTH = ExitRules(stop_loss_percent=Decimal(2), take_profit_percent=Decimal(3))


def held(side: Direction) -> Position:
    fill = Fill(side, 1, Decimal(1), Decimal(100), Decimal(0), bar(0), bar(0))
    return FLAT.after(fill)


def ohlc(*prices: str) -> Ohlc:
    return Ohlc(*(Decimal(price) for price in prices))


@pytest.mark.parametrize(
    ("prices", "path"),
    [
        (("100", "102", "95", "99"), "100 102 95 99"),
        (("100", "105", "98", "99"), "100 98 105 99"),
        (("100", "102", "98", "99"), "100 98 102 99"),
    ],
    ids=["high is nearer", "low is nearer", "both are as near"],
)
def test_the_price_goes_to_the_nearer_extreme_first(
    prices: tuple[str, ...], path: str
) -> None:
    assert " ".join(str(point) for point in ohlc(*prices).path) == path


@pytest.mark.parametrize(
    ("side", "prices", "expected"),
    [
        (Direction.LONG, ("100", "104", "97", "98"), (Reason.EXIT_STOP_LOSS, "98")),
        (Direction.LONG, ("101", "104", "97", "98"), (Reason.EXIT_TAKE_PROFIT, "103")),
        (Direction.LONG, ("97", "104", "96", "98"), (Reason.EXIT_STOP_LOSS, "97")),
        (Direction.LONG, ("105", "106", "96", "98"), (Reason.EXIT_TAKE_PROFIT, "105")),
        (Direction.SHORT, ("100", "103", "96", "98"), (Reason.EXIT_STOP_LOSS, "102")),
        (Direction.SHORT, ("99", "103", "96", "98"), (Reason.EXIT_TAKE_PROFIT, "97")),
        (Direction.SHORT, ("104", "105", "96", "98"), (Reason.EXIT_STOP_LOSS, "104")),
        (Direction.LONG, ("100", "102.9", "98.1", "99"), None),
    ],
    ids=[
        *("low first: the stop", "high first: the target", "a gap through the stop"),
        *("a gap through the target", "short, high first", "short, low first"),
        *("short, a gap through the stop", "nothing was touched"),
    ],
)
def test_the_rule_that_the_path_meets_first_fires(
    side: Direction, prices: tuple[str, ...], expected: tuple[Reason, str] | None
) -> None:
    due = through(held(side), ExitLevels(BOTH, PERPETUAL), ohlc(*prices)).due

    assert due == (expected and ExitDue(expected[0], Decimal(expected[1])))


def test_a_trailing_stop_counts_from_the_best_price_so_far_on_the_path() -> None:
    levels = ExitLevels(ExitRules(trailing_percent=Decimal(5)), PERPETUAL)

    low_first = through(held(Direction.LONG), levels, ohlc("100", "110", "96", "105"))
    high_first = through(held(Direction.LONG), levels, ohlc("104", "110", "96", "100"))

    assert low_first.due is None
    assert low_first.best == 110
    assert high_first.due == ExitDue(Reason.EXIT_TRAILING_STOP, Decimal("104.5"))


def test_of_two_stops_the_one_that_is_met_first_fires() -> None:
    exits = ExitRules(stop_loss_percent=Decimal(5), trailing_percent=Decimal(3))
    levels = ExitLevels(exits, PERPETUAL)

    due = through(held(Direction.LONG), levels, ohlc("100", "101", "90", "95")).due

    assert due == ExitDue(Reason.EXIT_TRAILING_STOP, Decimal("97.9"))
