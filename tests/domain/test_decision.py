from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.decision import Decision, Enter, Exit, decide
from domain.gates import CLOCKS_DIFFER
from domain.reasons import Reason
from domain.rules import Allowed, RsiRules, Rules, Scaling, Trigger
from domain.signal import Action, Direction
from domain.state import BarMemory, BotState
from domain.timeframe import Timeframe
from tests.domain.examples import (
    HOUR,
    bar,
    entry,
    leaving,
    long_since,
    position,
    rules,
    signal,
    working,
)

LONG, SHORT = Direction.LONG, Direction.SHORT
THREE = Scaling(max_entries=3)


def said(decision: Decision) -> tuple[str, tuple[object, ...]]:
    return decision.reason.value, decision.intents


def test_a_flat_bot_opens_its_first_entry_in_the_zone() -> None:
    assert said(decide(BotState(), signal(25.0), rules())) == (
        "entry.opened",
        (Enter(LONG, 1),),
    )
    assert said(decide(BotState(), signal(75.0), rules())) == (
        "entry.opened",
        (Enter(SHORT, 1),),
    )


def test_a_flat_bot_does_nothing_between_the_zones() -> None:
    assert said(decide(BotState(), signal(50.0), rules())) == ("rsi.neutral", ())


@pytest.mark.parametrize(
    ("bot", "given", "reason"),
    [
        (BotState(), rules(can_short=False), Reason.SPOT_CANNOT_SHORT),
        (BotState(), rules(allowed=Allowed.LONG), Reason.DIRECTION_NOT_ALLOWED),
        (
            BotState(memory=BarMemory(armed=False)),
            rules(rearm=True),
            Reason.ENTRY_NOT_REARMED,
        ),
        (
            BotState(memory=BarMemory(entered_bar=bar(0))),
            rules(),
            Reason.BAR_ALREADY_ENTERED,
        ),
    ],
)
def test_a_first_entry_that_a_rule_stops_says_which(
    bot: BotState, given: Rules, reason: Reason
) -> None:
    assert said(decide(bot, signal(75.0), given)) == (reason.value, ())


def test_the_alert_that_leaves_the_zone_arms_only_for_the_next_entry() -> None:
    given = rules(rearm=True, rsi=RsiRules(trigger=Trigger.CROSS_OUT))
    bot = BotState(memory=BarMemory(bar(0), 25.0, armed=False))

    decision = decide(bot, signal(35.0, at=1), given)

    assert said(decision) == ("entry.not_rearmed", ())
    assert decision.memory.armed


def test_a_later_bar_in_the_zone_adds_an_entry() -> None:
    decision = decide(long_since(0), signal(25.0, at=1), rules(scaling=THREE))

    assert said(decision) == ("entry.scaled_in", (Enter(LONG, 2),))


@pytest.mark.parametrize(
    ("scaling", "at", "price", "value", "reason"),
    [
        (Scaling(max_entries=1), 1, "90", 20.0, Reason.SCALING_MAX_ENTRIES),
        (THREE, 0, "90", 20.0, Reason.BAR_ALREADY_ENTERED),
        (Scaling(max_entries=3, min_bars=3), 2, "90", 20.0, Reason.SCALING_MIN_BARS),
        (
            Scaling(max_entries=3, price_step_percent=Decimal(2)),
            1,
            "99",
            20.0,
            Reason.SCALING_PRICE_STEP,
        ),
        (Scaling(max_entries=3, rsi_step=2), 1, "90", 27.0, Reason.SCALING_RSI_STEP),
    ],
)
def test_a_refused_scale_in_says_why(
    scaling: Scaling, at: int, price: str, value: float, reason: Reason
) -> None:
    alert = signal(value, at=at, price=Decimal(price))

    decision = decide(long_since(0), alert, rules(scaling=scaling))

    assert said(decision) == (reason.value, ())
    assert decision.findings[-1].reason is reason


def test_a_scale_in_without_a_bar_is_refused_since_no_later_bar_is_proved() -> None:
    decision = decide(long_since(0), signal(25.0, at=None), rules(scaling=THREE))

    assert said(decision) == ("bar.unknown", ())


def test_an_entry_that_is_only_working_is_scaled_in_not_opened_again() -> None:
    bot = BotState(working=(working(1, at=0),))

    assert said(decide(bot, signal(25.0, at=1), rules())) == ("scaling.max_entries", ())
    assert said(decide(bot, signal(25.0, at=1), rules(scaling=THREE))) == (
        "entry.scaled_in",
        (Enter(LONG, 2),),
    )


def test_the_opposite_zone_closes_everything() -> None:
    decision = decide(long_since(0, entries=2), signal(75.0, at=1), rules())

    leave = Exit(LONG, Decimal(20), Reason.EXIT_OPPOSITE)
    assert said(decision) == ("exit.opposite", (leave,))


def test_a_reversing_bot_closes_and_opens_the_other_way() -> None:
    decision = decide(long_since(0), signal(75.0, at=1), rules(reverse=True))

    leave = Exit(LONG, Decimal(10), Reason.EXIT_REVERSED)
    assert said(decision) == ("exit.reversed", (leave, Enter(SHORT, 1)))


def test_a_short_reverses_to_a_long() -> None:
    bot = BotState(position(entry(1, "10", "100", side=SHORT)))

    decision = decide(bot, signal(25.0, at=1), rules(reverse=True))

    leave = Exit(SHORT, Decimal(10), Reason.EXIT_REVERSED)
    assert said(decision) == ("exit.reversed", (leave, Enter(LONG, 1)))


@pytest.mark.parametrize(
    ("changes", "at", "reason"),
    [
        ({"can_short": False}, 1, Reason.SPOT_CANNOT_SHORT),
        ({"allowed": Allowed.LONG}, 1, Reason.DIRECTION_NOT_ALLOWED),
        ({}, 0, Reason.BAR_ALREADY_ENTERED),
    ],
)
def test_a_reversal_that_a_rule_stops_still_closes(
    changes: dict[str, Any], at: int, reason: Reason
) -> None:
    decision = decide(long_since(0), signal(75.0, at=at), rules(reverse=True, **changes))

    leave = Exit(LONG, Decimal(10), Reason.EXIT_OPPOSITE)
    assert said(decision) == ("exit.opposite", (leave,))
    assert decision.findings[-1].reason is reason


def test_a_reversal_is_measured_by_the_rules_that_let_it_pass() -> None:
    given = rules(reverse=True, allowed=Allowed.BOTH)

    decision = decide(long_since(0), signal(75.0, at=1), given)

    assert [one.reason for one in decision.findings] == [
        Reason.RSI_IN_ZONE,
        Reason.BAR_ALREADY_ENTERED,
    ]


def test_the_opposite_zone_takes_back_an_entry_that_is_only_working() -> None:
    decision = decide(BotState(working=(working(1),)), signal(75.0, at=1), rules())

    leave = Exit(LONG, Decimal(0), Reason.EXIT_OPPOSITE)
    assert said(decision) == ("exit.opposite", (leave,))


def test_close_closes_whatever_rsi_says() -> None:
    decision = decide(long_since(0), signal(None, at=1, action=Action.CLOSE), rules())

    assert said(decision) == (
        "exit.close",
        (Exit(LONG, Decimal(10), Reason.EXIT_CLOSE),),
    )


def test_close_with_nothing_open_says_so() -> None:
    closed = BotState(position(entry(1, "10", "100"), leaving("10", "110")))

    for flat in (BotState(), closed):
        decision = decide(flat, signal(action=Action.CLOSE), rules())
        assert said(decision) == ("close.nothing_open", ())


def test_close_takes_back_an_entry_that_is_only_working() -> None:
    bot = BotState(working=(working(1, at=0),))

    decision = decide(bot, signal(at=1, action=Action.CLOSE), rules())

    assert said(decision) == ("exit.close", (Exit(LONG, Decimal(0), Reason.EXIT_CLOSE),))


@pytest.mark.parametrize(
    ("at", "closes", "reason"),
    [
        (6, None, "exit.close"),
        (5, None, "close.same_bar_as_entry"),
        (5, LONG, "exit.close"),
        (5, SHORT, "close.other_side"),
        (6, SHORT, "close.other_side"),
        (4, None, "close.older_than_position"),
        (4, LONG, "close.older_than_position"),
        (None, None, "exit.close"),
    ],
)
def test_close_acts_by_its_bar_and_the_side_it_names(
    at: int | None, closes: Direction | None, reason: str
) -> None:
    alert = signal(at=at, action=Action.CLOSE, closes=closes)

    assert decide(long_since(5), alert, rules()).reason.value == reason


def test_a_late_close_acts_though_newer_bars_have_been_processed() -> None:
    decision = decide(
        long_since(5, last_bar=bar(20)), signal(at=7, action=Action.CLOSE), rules()
    )

    assert decision.reason is Reason.EXIT_CLOSE


def test_a_close_meant_for_the_trade_before_leaves_a_new_working_entry_alone() -> None:
    before = position(entry(1, "10", "100", at=1), leaving("10", "110", at=3))
    bot = BotState(before, (working(1, at=9),), BarMemory(entry_bar=bar(1)))

    decision = decide(bot, signal(at=4, action=Action.CLOSE), rules())

    assert decision.reason is Reason.CLOSE_OLDER_THAN_POSITION


def test_a_position_without_a_bar_closes_on_any_close() -> None:
    held = position(entry(1, "10", "100")._replace(bar_time=None))

    decision = decide(BotState(held), signal(at=0, action=Action.CLOSE), rules())

    assert decision.reason is Reason.EXIT_CLOSE


@pytest.mark.parametrize(
    ("early", "reason"), [(3, "bar.not_closed"), (2, "entry.opened"), (0, "entry.opened")]
)
def test_an_alert_sent_before_its_bar_closed_is_skipped(early: int, reason: str) -> None:
    sent = bar(0) + HOUR - timedelta(seconds=early)

    decision = decide(BotState(), signal(25.0, at=0, sent_at=sent), rules())

    assert decision.reason.value == reason


def test_intrabar_alerts_count_where_the_bot_allows_them() -> None:
    alert = signal(25.0, at=0, sent_at=bar(0))

    assert decide(BotState(), alert, rules(intrabar=True)).reason is Reason.ENTRY_OPENED


@pytest.mark.parametrize("timeframe", [Timeframe.parse("1D"), None])
def test_the_close_of_a_day_is_no_matter_of_seconds(timeframe: Timeframe | None) -> None:
    alert = signal(25.0, at=0, sent_at=bar(0))

    decision = decide(BotState(), alert, rules(timeframe=timeframe))

    assert decision.reason is Reason.ENTRY_OPENED


@pytest.mark.parametrize("what", ["sent_at", "bar_time"])
@pytest.mark.parametrize(
    ("ahead", "reason"),
    [(CLOCKS_DIFFER, "entry.opened"), (2 * CLOCKS_DIFFER, "alert.from_future")],
)
def test_an_alert_dated_ahead_of_its_arrival_is_skipped(
    what: str, ahead: timedelta, reason: str
) -> None:
    dated: dict[str, Any] = {"received_at": bar(1), what: bar(1) + ahead}

    decision = decide(BotState(), signal(25.0, **dated), rules(intrabar=True))

    assert decision.reason.value == reason


def test_an_alert_dated_ahead_leaves_no_trace_in_the_memory() -> None:
    alert = signal(25.0, at=9, received_at=bar(1))

    assert decide(BotState(), alert, rules()).memory == BarMemory()


def test_a_close_dated_ahead_of_its_arrival_acts_but_is_not_remembered() -> None:
    alert = signal(50.0, at=9, received_at=bar(1), action=Action.CLOSE)
    bot = long_since(0)

    decision = decide(bot, alert, rules())

    assert decision.reason is Reason.EXIT_CLOSE
    assert decision.memory == bot.memory


def test_an_alert_older_than_the_last_processed_bar_is_skipped() -> None:
    bot = BotState(memory=BarMemory(bar(5), 50.0))

    decision = decide(bot, signal(25.0, at=4), rules())

    assert said(decision) == ("bar.out_of_order", ())
    assert decision.memory == bot.memory


def test_an_alert_without_a_bar_opens_a_first_entry() -> None:
    bot = BotState(memory=BarMemory(bar(5), 50.0))

    assert decide(bot, signal(25.0, at=None), rules()).reason is Reason.ENTRY_OPENED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rsi": None}, Reason.RSI_MISSING),
        ({"rsi": 101.0}, Reason.RSI_OUT_OF_RANGE),
        ({"rsi": 25.0, "rsi_length": 7}, Reason.RSI_LENGTH_DIFFERS),
    ],
)
def test_an_alert_that_cannot_be_read_leaves_no_trace_in_the_memory(
    changes: dict[str, Any], reason: Reason
) -> None:
    bot = BotState(memory=BarMemory(bar(0), 50.0))

    decision = decide(bot, signal(at=1, **changes), rules())

    assert said(decision) == (reason.value, ())
    assert decision.memory == bot.memory


def test_a_contradicting_alert_is_skipped_but_its_rsi_is_remembered() -> None:
    decision = decide(BotState(), signal(50.0, at=1, action=Action.LONG), rules())

    assert said(decision) == ("signal.contradicts_rsi", ())
    assert decision.memory == BarMemory(bar(1), 50.0)


def test_the_first_alert_of_a_crossing_bot_is_remembered_for_the_next() -> None:
    given = rules(rsi=RsiRules(trigger=Trigger.CROSS_INTO))

    first = decide(BotState(), signal(35.0, at=0), given)
    second = decide(BotState(memory=first.memory), signal(25.0, at=1), given)

    assert first.reason is Reason.RSI_PREVIOUS_UNKNOWN
    assert second.reason is Reason.ENTRY_OPENED


def test_a_following_bot_needs_no_rsi() -> None:
    alert = signal(None, action=Action.SHORT)

    assert said(decide(BotState(), alert, rules(strategy="follow"))) == (
        "entry.opened",
        (Enter(SHORT, 1),),
    )


def test_a_following_bot_that_is_told_nothing_says_so() -> None:
    decision = decide(BotState(), signal(25.0), rules(strategy="follow"))

    assert said(decision) == ("signal.missing", ())
