import math

import pytest

from domain.reasons import Reason, refusal
from domain.rules import RsiRules, Rules, Trigger
from domain.signal import Action, Direction, Signal
from domain.state import BarMemory, BotState
from domain.strategy import follow
from domain.strategy import rsi as rsi_strategy
from domain.wish import View
from tests.domain.examples import bar, passing, rules, signal

NEW = BarMemory()


def seen(at: int, value: float | None, before: float | None = None) -> BarMemory:
    """Return what is remembered of bar ``at`` and, if given, of the one before it."""
    earlier = None if before is None else bar(at - 1)
    return BarMemory(bar(at), value, earlier, before)


def rsi(memory: BarMemory, given: Signal, told: Rules) -> View:
    return rsi_strategy(BotState(memory=memory), given, told)


@pytest.mark.parametrize(
    ("value", "side"),
    [
        (0.0, Direction.LONG),
        (29.9, Direction.LONG),
        (30.0, Direction.LONG),
        (30.1, None),
        (69.9, None),
        (70.0, Direction.SHORT),
        (100.0, Direction.SHORT),
    ],
)
def test_a_level_is_met_at_the_level_itself(value: float, side: Direction | None) -> None:
    assert rsi(NEW, signal(value), rules())[0] is side


def test_a_neutral_rsi_says_between_which_levels() -> None:
    _, finding = rsi(NEW, signal(50.0), rules())

    assert finding == passing(Reason.RSI_NEUTRAL, 50.0, (30.0, 70.0))


def test_a_met_level_says_which() -> None:
    _, oversold = rsi(NEW, signal(25.0), rules())
    _, overbought = rsi(NEW, signal(75.0), rules())

    assert oversold == passing(Reason.RSI_IN_ZONE, 25.0, 30.0)
    assert overbought == passing(Reason.RSI_IN_ZONE, 75.0, 70.0)


@pytest.mark.parametrize(
    ("previous", "now", "side"),
    [
        (31.0, 30.0, Direction.LONG),
        (30.0, 29.0, None),
        (31.0, 30.1, None),
        (69.0, 70.0, Direction.SHORT),
        (70.0, 71.0, None),
        (75.0, 25.0, Direction.LONG),
    ],
)
def test_a_cross_into_the_zone_counts_on_the_bar_that_enters_it(
    previous: float, now: float, side: Direction | None
) -> None:
    crossing = rules(rsi=RsiRules(trigger=Trigger.CROSS_INTO))

    assert rsi(seen(0, previous), signal(now, at=1), crossing)[0] is side


@pytest.mark.parametrize(
    ("previous", "now", "side"),
    [
        (30.0, 30.1, Direction.LONG),
        (29.0, 30.0, None),
        (31.0, 35.0, None),
        (70.0, 69.9, Direction.SHORT),
        (71.0, 70.0, None),
        (25.0, 75.0, Direction.LONG),
    ],
)
def test_a_cross_out_of_the_zone_counts_on_the_bar_that_leaves_it(
    previous: float, now: float, side: Direction | None
) -> None:
    crossing = rules(rsi=RsiRules(trigger=Trigger.CROSS_OUT))

    assert rsi(seen(0, previous), signal(now, at=1), crossing)[0] is side


CROSSING = rules(rsi=RsiRules(trigger=Trigger.CROSS_INTO))


@pytest.mark.parametrize(
    "memory",
    [NEW, seen(0, None), seen(0, 35.0)._replace(last_bar=bar(-1)), seen(1, 35.0)],
    ids=["nothing known", "no rsi", "a bar is missing", "only this bar"],
)
def test_a_cross_without_the_rsi_of_the_bar_before_is_unknown(memory: BarMemory) -> None:
    side, finding = rsi(memory, signal(25.0, at=1), CROSSING)

    assert side is None
    expected = refusal(Reason.RSI_PREVIOUS_UNKNOWN, memory.last_bar, bar(1))
    assert finding == expected


def test_a_cross_of_an_alert_without_a_bar_is_unknown() -> None:
    _, finding = rsi(seen(0, 35.0), signal(25.0, at=None), CROSSING)

    assert finding.reason is Reason.RSI_PREVIOUS_UNKNOWN


def test_a_signal_that_knows_the_bar_before_needs_no_memory_of_it() -> None:
    """After a weekend the bar just before is days away, and no alert is missing."""
    monday = signal(25.0, at=49, previous_rsi=35.0)

    assert rsi(seen(0, 20.0), monday, CROSSING)[0] is Direction.LONG


def test_a_repeated_bar_is_compared_with_the_bar_before_it_not_with_itself() -> None:
    memory = seen(1, 29.0, before=35.0)

    assert rsi(memory, signal(25.0, at=1), CROSSING)[0] is Direction.LONG


def test_a_cross_says_both_values() -> None:
    _, finding = rsi(seen(0, 35.0), signal(25.5, at=1), CROSSING)

    assert finding == passing(Reason.RSI_IN_ZONE, "35 then 25.5", 30.0)


def test_an_alert_without_rsi_is_a_named_outcome() -> None:
    side, finding = rsi(NEW, signal(None), rules())

    assert (side, finding) == (None, refusal(Reason.RSI_MISSING, "the alert"))


@pytest.mark.parametrize("value", [-0.1, 100.1, math.nan, math.inf])
def test_an_rsi_that_cannot_be_one_is_a_named_outcome(value: float) -> None:
    side, finding = rsi(NEW, signal(value), rules())

    assert side is None
    assert finding.reason is Reason.RSI_OUT_OF_RANGE


def test_an_rsi_of_another_length_is_not_mixed_in() -> None:
    side, finding = rsi(NEW, signal(25.0, rsi_length=7), rules())

    assert (side, finding) == (None, refusal(Reason.RSI_LENGTH_DIFFERS, 7, 14))


def test_an_rsi_that_names_the_bots_own_length_is_taken() -> None:
    assert rsi(NEW, signal(25.0, rsi_length=14), rules())[0] is Direction.LONG


@pytest.mark.parametrize(
    ("action", "value", "side"),
    [
        (Action.LONG, 25.0, Direction.LONG),
        (Action.SHORT, 75.0, Direction.SHORT),
        (Action.LONG, 75.0, None),
        (Action.SHORT, 25.0, None),
        (Action.LONG, 50.0, None),
    ],
)
def test_a_carried_side_must_agree_with_the_bots_own_condition(
    action: Action, value: float, side: Direction | None
) -> None:
    assert rsi(NEW, signal(value, action=action), rules())[0] is side


def test_a_contradiction_says_what_either_said() -> None:
    _, finding = rsi(NEW, signal(75.0, action=Action.LONG), rules())
    _, neutral = rsi(NEW, signal(50.0, action=Action.LONG), rules())

    assert finding == refusal(Reason.SIGNAL_CONTRADICTS_RSI, "LONG", "SHORT")
    assert neutral == refusal(Reason.SIGNAL_CONTRADICTS_RSI, "LONG", "nothing")


def test_a_carried_side_does_not_make_up_for_a_cross_that_is_unknown() -> None:
    _, finding = rsi(NEW, signal(25.0, action=Action.LONG), CROSSING)

    assert finding.reason is Reason.RSI_PREVIOUS_UNKNOWN


@pytest.mark.parametrize("value", [75.0, None])
def test_a_trusted_signal_is_taken_whatever_rsi_says(value: float | None) -> None:
    side, finding = rsi(NEW, signal(value, action=Action.LONG), rules(trust_signal=True))

    assert side is Direction.LONG
    assert finding == passing(Reason.SIGNAL_TRUSTED, "LONG")


def test_a_trusting_bot_still_reads_rsi_where_the_alert_names_no_side() -> None:
    assert rsi(NEW, signal(25.0), rules(trust_signal=True))[0] is Direction.LONG


@pytest.mark.parametrize(
    ("action", "side"), [(Action.LONG, Direction.LONG), (Action.SHORT, Direction.SHORT)]
)
def test_a_following_bot_takes_the_alerts_word(action: Action, side: Direction) -> None:
    assert follow(BotState(), signal(None, action=action), rules())[0] is side


def test_a_following_bot_needs_to_be_told_a_side() -> None:
    side, finding = follow(BotState(), signal(25.0), rules())

    assert side is None
    assert finding.reason is Reason.SIGNAL_MISSING
