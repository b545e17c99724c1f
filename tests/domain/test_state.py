import math

import pytest

from domain.position import FLAT
from domain.rules import RsiRules
from domain.signal import Direction
from domain.state import BarMemory, BotState, disarmed, entered, remembered
from tests.domain.examples import bar, entry, leaving, long_since, position, signal, working

RSI = RsiRules()
CLOSED = position(entry(1, "10", "100"), leaving("10", "110"))


def test_a_bot_with_nothing_is_on_no_side() -> None:
    assert BotState().side is None
    assert BotState(CLOSED).side is None


def test_a_working_entry_is_a_side_before_it_fills() -> None:
    assert BotState(working=(working(1, Direction.SHORT),)).side is Direction.SHORT
    assert BotState(CLOSED, (working(1),)).side is Direction.LONG


def test_what_is_held_is_the_side() -> None:
    assert long_since().side is Direction.LONG


def test_filled_and_working_entries_count_once_each() -> None:
    held = position(entry(1, "10", "100"), entry(2, "4", "98"))

    assert BotState(held).entries == 2
    assert BotState(held, (working(2),)).entries == 2
    assert BotState(held, (working(2), working(3))).entries == 3
    assert BotState(FLAT, (working(1),)).entries == 1


def test_entries_of_a_closed_trade_do_not_count() -> None:
    assert BotState(CLOSED).entries == 0
    assert BotState(CLOSED, (working(1),)).entries == 1


def test_an_entry_that_ended_without_a_fill_does_not_count_and_frees_its_number() -> None:
    held = position(entry(1, "10", "100"), entry(3, "10", "96"))

    assert BotState(held).entries == 2
    assert BotState(held).next_number == 2
    assert BotState(held, (working(2),)).next_number == 4


def test_the_next_entry_is_numbered_after_the_others() -> None:
    assert BotState().next_number == 1
    assert long_since(entries=2).next_number == 3
    assert long_since()._replace(working=(working(2),)).next_number == 3


def test_the_first_bar_is_that_of_the_first_fill_or_of_the_first_working_entry() -> None:
    waiting = BotState(CLOSED, (working(1, at=7), working(2, at=8)))

    assert long_since(3).first_bar == bar(3)
    assert waiting.first_bar == bar(7)
    assert BotState(CLOSED, (working(1),)).first_bar is None
    assert BotState().first_bar is None


def test_the_last_bar_is_that_of_the_newest_entry_filled_or_working() -> None:
    held = long_since(3)

    assert held.last_bar == bar(3)
    assert held._replace(working=(working(2, at=5), working(3, at=4))).last_bar == bar(5)
    assert held._replace(working=(working(2),)).last_bar is None
    assert BotState(CLOSED, (working(1, at=9),), held.memory).last_bar == bar(9)


def test_an_entry_that_waited_longer_for_its_fill_is_not_the_newest() -> None:
    newest = entered(BarMemory(), signal(25.0, at=4), ())

    assert entered(newest, signal(29.0, at=3), ()) == newest


def test_an_entry_without_a_bar_is_the_newest_though_its_bar_is_unknown() -> None:
    before = entered(BarMemory(), signal(25.0, at=4), ())

    after = entered(before, signal(29.0, at=None), ())

    assert (after.entry_bar, after.entry_rsi, after.entered_bar) == (None, 29.0, bar(4))


def test_a_new_bar_pushes_the_last_one_back() -> None:
    memory = remembered(BarMemory(bar(0), 40.0), signal(35.0, at=1), RSI)

    assert memory == BarMemory(bar(1), 35.0, bar(0), 40.0)


def test_a_repeated_bar_replaces_its_own_rsi_only() -> None:
    before = BarMemory(bar(1), 40.0, bar(0), 45.0)

    memory = remembered(before, signal(35.0, at=1), RSI)

    assert memory == BarMemory(bar(1), 35.0, bar(0), 45.0)


@pytest.mark.parametrize("value", [None, math.nan, 101.0])
def test_a_repeated_bar_without_an_rsi_keeps_the_one_it_had(value: float | None) -> None:
    before = BarMemory(bar(1), 40.0, bar(0), 45.0)

    assert remembered(before, signal(value, at=1), RSI) == before


@pytest.mark.parametrize("value", [math.nan, -1.0, 101.0])
def test_what_is_no_rsi_is_not_remembered_as_one(value: float) -> None:
    memory = remembered(BarMemory(), signal(value, at=1), RSI)

    assert memory == BarMemory(bar(1), None)


@pytest.mark.parametrize("value", [0.0, 100.0])
def test_the_ends_of_the_scale_are_remembered(value: float) -> None:
    assert remembered(BarMemory(), signal(value, at=1), RSI).last_rsi == value


def test_an_rsi_of_another_length_is_not_remembered() -> None:
    assert remembered(BarMemory(), signal(25.0, at=1, rsi_length=7), RSI).last_rsi is None
    assert remembered(BarMemory(), signal(25.0, at=1, rsi_length=14), RSI).last_rsi == 25.0


def test_an_older_bar_changes_nothing() -> None:
    before = BarMemory(bar(5), 25.0, armed=False)

    assert remembered(before, signal(50.0, at=4), RSI) == before


@pytest.mark.parametrize(
    ("value", "armed"), [(25.0, False), (30.0, False), (50.0, True), (70.0, False)]
)
def test_only_an_rsi_outside_both_zones_arms(value: float, *, armed: bool) -> None:
    memory = remembered(BarMemory(bar(0), 25.0, armed=False), signal(value, at=1), RSI)

    assert memory.armed is armed


def test_an_alert_without_a_bar_arms_and_is_not_remembered() -> None:
    before = BarMemory(bar(5), 25.0, armed=False)

    assert remembered(before, signal(50.0, at=None), RSI) == before._replace(armed=True)


def test_once_armed_stays_armed_in_the_zone() -> None:
    assert remembered(BarMemory(armed=True), signal(25.0), RSI).armed


def test_an_entry_remembers_its_bar_its_rsi_and_what_is_reserved() -> None:
    memory = entered(BarMemory(bar(0), 40.0), signal(25.0, at=1), ())

    assert memory == BarMemory(
        bar(0), 40.0, entry_bar=bar(1), entry_rsi=25.0, entered_bar=bar(1)
    )


def test_a_close_disarms_and_reserves_nothing_but_the_bar_stays_entered() -> None:
    reserved = (position(entry(1, "1", "1")).quantity,)

    memory = disarmed(BarMemory(bar(1), 25.0, entry_bar=bar(1), planned=reserved))

    assert memory == BarMemory(
        bar(1), 25.0, entry_bar=bar(1), armed=False, closed_bar=bar(1)
    )
