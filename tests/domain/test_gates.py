from decimal import Decimal

import pytest

from domain.gates import (
    bar_is_fresh,
    bars_are_apart,
    bot_is_armed,
    entries_are_left,
    price_has_moved,
    rsi_is_further,
    side_is_allowed,
)
from domain.reasons import Finding, Reason, refusal
from domain.rules import Allowed, Scaling, StepDirection
from domain.signal import Direction
from domain.state import BarMemory, BotState
from domain.timeframe import Timeframe
from tests.domain.examples import (
    bar,
    entry,
    leaving,
    long_since,
    passing,
    position,
    rules,
    signal,
    working,
)

LONG, SHORT = Direction.LONG, Direction.SHORT
FLAT_BOT = BotState()


def step(percent: str, direction: StepDirection = StepDirection.AGAINST) -> Scaling:
    return Scaling(
        max_entries=3,
        price_step_percent=Decimal(percent),
        price_step_direction=direction,
    )


@pytest.mark.parametrize(
    ("allowed", "side", "passed"),
    [
        (Allowed.LONG, LONG, True),
        (Allowed.LONG, SHORT, False),
        (Allowed.SHORT, SHORT, True),
        (Allowed.SHORT, LONG, False),
    ],
)
def test_a_bot_may_be_told_to_hold_one_side_only(
    allowed: Allowed, side: Direction, *, passed: bool
) -> None:
    finding = side_is_allowed(FLAT_BOT, signal(), rules(allowed=allowed), side)

    expected = Finding(Reason.DIRECTION_NOT_ALLOWED, passed, side.value, allowed.value)
    assert finding == expected


@pytest.mark.parametrize("side", [LONG, SHORT])
def test_a_bot_for_both_sides_is_not_asked(side: Direction) -> None:
    assert side_is_allowed(FLAT_BOT, signal(), rules(), side) is None


def test_spot_is_never_sold_short() -> None:
    finding = side_is_allowed(FLAT_BOT, signal(), rules(can_short=False), SHORT)

    assert finding is not None
    assert finding.reason is Reason.SPOT_CANNOT_SHORT
    assert side_is_allowed(FLAT_BOT, signal(), rules(can_short=False), LONG) is None


@pytest.mark.parametrize("armed", [True, False])
def test_a_rearming_bot_waits_for_an_rsi_outside_the_zone(*, armed: bool) -> None:
    bot = BotState(memory=BarMemory(armed=armed))

    finding = bot_is_armed(bot, signal(25.0), rules(rearm=True), LONG)

    assert finding == Finding(Reason.ENTRY_NOT_REARMED, armed, None, (30.0, 70.0))


def test_a_bot_that_need_not_rearm_is_not_asked() -> None:
    bot = BotState(memory=BarMemory(armed=False))

    assert bot_is_armed(bot, signal(25.0), rules(), LONG) is None


def test_one_bar_is_entered_once() -> None:
    bot = long_since(0)

    again = bar_is_fresh(bot, signal(25.0, at=0), rules(), LONG)
    later = bar_is_fresh(bot, signal(25.0, at=1), rules(), LONG)

    assert again == refusal(Reason.BAR_ALREADY_ENTERED, bar(0), bar(0))
    assert later == passing(Reason.BAR_ALREADY_ENTERED, bar(1), bar(0))


def test_a_bar_that_is_not_known_is_not_asked_whether_it_is_fresh() -> None:
    assert bar_is_fresh(long_since(0), signal(25.0, at=None), rules(), LONG) is None
    assert bar_is_fresh(FLAT_BOT, signal(25.0), rules(), LONG) is None


@pytest.mark.parametrize(("entries", "passed"), [(1, True), (2, True), (3, False)])
def test_entries_are_left_until_the_maximum(entries: int, *, passed: bool) -> None:
    bot = long_since(0, entries)

    finding = entries_are_left(bot, signal(), rules(scaling=Scaling(max_entries=3)), LONG)

    assert finding == Finding(Reason.SCALING_MAX_ENTRIES, passed, entries, 3)


def test_an_entry_that_may_still_fill_counts_like_a_filled_one() -> None:
    bot = long_since(0)._replace(working=(working(2), working(3)))

    finding = entries_are_left(bot, signal(), rules(scaling=Scaling(max_entries=3)), LONG)

    assert finding == refusal(Reason.SCALING_MAX_ENTRIES, 3, 3)


@pytest.mark.parametrize(("at", "passed"), [(1, False), (2, True), (5, True)])
def test_entries_keep_their_bars_apart(at: int, *, passed: bool) -> None:
    apart = rules(scaling=Scaling(max_entries=3, min_bars=2))

    finding = bars_are_apart(long_since(0), signal(25.0, at=at), apart, LONG)

    assert finding == Finding(Reason.SCALING_MIN_BARS, passed, at, 2)


def test_the_alerts_own_timeframe_counts_before_the_bots() -> None:
    alert = signal(25.0, at=4, timeframe=Timeframe.parse("4h"))

    finding = bars_are_apart(long_since(0), alert, rules(), LONG)

    assert finding == passing(Reason.SCALING_MIN_BARS, 1, 1)


@pytest.mark.parametrize(
    ("bot", "at", "timeframe"),
    [
        (long_since(0), None, Timeframe.parse("1h")),
        (long_since(0, entry_bar=None), 1, Timeframe.parse("1h")),
        (long_since(0), 1, None),
    ],
    ids=["alert without bar", "entry without bar", "no timeframe"],
)
def test_a_later_bar_must_be_proved(
    bot: BotState, at: int | None, timeframe: Timeframe | None
) -> None:
    finding = bars_are_apart(bot, signal(25.0, at=at), rules(timeframe=timeframe), LONG)

    assert finding is not None
    assert (finding.reason, finding.passed) == (Reason.BAR_UNKNOWN, False)


@pytest.mark.parametrize(
    ("side", "direction", "price", "passed", "limit"),
    [
        (LONG, StepDirection.AGAINST, "98.01", False, "98"),
        (LONG, StepDirection.AGAINST, "98", True, "98"),
        (LONG, StepDirection.WITH, "101.99", False, "102"),
        (LONG, StepDirection.WITH, "102", True, "102"),
        (SHORT, StepDirection.AGAINST, "101.99", False, "102"),
        (SHORT, StepDirection.AGAINST, "102", True, "102"),
        (SHORT, StepDirection.WITH, "98.01", False, "98"),
        (SHORT, StepDirection.WITH, "98", True, "98"),
    ],
)
def test_the_price_must_move_by_the_step(
    side: Direction, direction: StepDirection, price: str, *, passed: bool, limit: str
) -> None:
    bot = BotState(position(entry(1, "10", "100", side=side)))
    alert = signal(price=Decimal(price))

    finding = price_has_moved(bot, alert, rules(scaling=step("2", direction)), side)

    expected = Finding(Reason.SCALING_PRICE_STEP, passed, Decimal(price), Decimal(limit))
    assert finding == expected


def test_the_step_is_measured_from_the_average_fill_of_the_last_entry() -> None:
    held = position(entry(1, "10", "200"), entry(2, "1", "100"), entry(2, "3", "96"))
    alert = signal(price=Decimal(96))

    finding = price_has_moved(BotState(held), alert, rules(scaling=step("2")), LONG)

    expected = refusal(Reason.SCALING_PRICE_STEP, Decimal(96), Decimal("95.06"))
    assert finding == expected


def test_without_a_step_the_price_is_not_asked() -> None:
    assert price_has_moved(long_since(), signal(price=None), rules(), LONG) is None


def test_a_step_without_a_price_is_refused() -> None:
    finding = price_has_moved(
        long_since(), signal(price=None), rules(scaling=step("2")), LONG
    )

    assert finding == refusal(Reason.PRICE_UNKNOWN)


CLOSED = position(entry(1, "10", "200"), leaving("10", "210"))


@pytest.mark.parametrize(
    "bot",
    [
        BotState(working=(working(1),)),
        BotState(CLOSED, (working(1),)),
        long_since()._replace(working=(working(2),)),
    ],
    ids=["first entry on its way", "after an earlier trade", "second entry on its way"],
)
def test_a_step_cannot_be_measured_from_an_entry_that_has_no_fill(bot: BotState) -> None:
    alert = signal(price=Decimal(1))

    finding = price_has_moved(bot, alert, rules(scaling=step("2")), LONG)

    assert finding is not None
    assert (finding.reason, finding.passed) == (Reason.SCALING_PRICE_STEP, False)
    assert finding.limit == "a fill of the last entry"


def test_a_step_is_measured_from_what_a_working_entry_has_filled_so_far() -> None:
    held = position(entry(1, "10", "100"), entry(2, "4", "98"))
    bot = BotState(held, (working(2),))

    finding = price_has_moved(
        bot, signal(price=Decimal(96)), rules(scaling=step("2")), LONG
    )

    assert finding is not None
    assert finding.passed
    assert finding.limit == Decimal("96.04")


@pytest.mark.parametrize(
    ("side", "last", "now", "passed", "limit"),
    [
        (LONG, 28.0, 26.0, True, 26.0),
        (LONG, 28.0, 26.1, False, 26.0),
        (SHORT, 72.0, 74.0, True, 74.0),
        (SHORT, 72.0, 73.9, False, 74.0),
    ],
)
def test_rsi_must_be_further_in_the_zone(
    side: Direction, last: float, now: float, *, passed: bool, limit: float
) -> None:
    further = rules(scaling=Scaling(max_entries=3, rsi_step=2.0))

    finding = rsi_is_further(long_since(entry_rsi=last), signal(now), further, side)

    assert finding == Finding(Reason.SCALING_RSI_STEP, passed, now, limit)


def test_without_a_step_rsi_is_not_asked() -> None:
    assert rsi_is_further(long_since(), signal(29.0), rules(), LONG) is None


@pytest.mark.parametrize(
    ("now", "last", "whose"),
    [(None, 28.0, "the alert"), (25.0, None, "the last entry's alert")],
)
def test_an_rsi_step_needs_both_values(
    now: float | None, last: float | None, whose: str
) -> None:
    further = rules(scaling=Scaling(max_entries=3, rsi_step=2.0))

    finding = rsi_is_further(long_since(entry_rsi=last), signal(now), further, LONG)

    assert finding == refusal(Reason.RSI_MISSING, whose)
