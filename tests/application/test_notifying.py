"""Which changes are told, and in which words; every message is one that a person reads."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from application.notice import Kind, Notice, Weight
from application.notifying.states import flattened, state_changed
from application.notifying.work import notices
from application.planning import plan
from application.ports.broker import Acknowledged, FillReport, Lookup, Refused, Unknown
from application.ports.configuration import Author, Scope
from application.recording import record
from application.records import Changes, Desk, IntentId, IntentStatus, Job, Step
from application.sending import leave
from domain.order import OrderEvent, OrderStatus
from domain.position import Position
from domain.risk import TradingState
from domain.rules import ExitRules
from domain.signal import Action
from tests.application.desks import (
    BOT,
    RULES,
    bot,
    desk,
    job,
    long_position,
    signal,
    with_usage,
)

ADA = Author(name="ada", source="web", reason="looks wrong")


def filled(price: str, *, fee: str = "0.5") -> Acknowledged:
    """Return the answer that all of an order of 10 was executed."""
    report = FillReport(
        trade_id="t1",
        quantity=Decimal(10),
        price=Decimal(price),
        fee=Decimal(fee),
        fee_currency="USDT",
        at=signal(0).received_at + timedelta(hours=26),
    )
    return Acknowledged(venue_order_id="v1", fills=(report,), ended=True)


def planned(given: Desk) -> tuple[Desk, Job, Changes]:
    """Return what planning the only job led to, and the desk and job after it."""
    (one,) = given.jobs
    changes = plan(
        with_usage(given, one), lambda: IntentId(str(UUID(int=len(one.intents))))
    ).changes[0]
    after = replace(
        one,
        decisions=(*one.decisions, *changes.decisions),
        intents=changes.intents,
        orders=changes.orders,
        status=changes.status,
    )
    return replace(given, jobs=(after,)), after, changes


def told(given: Desk, answer: Lookup) -> Notice:
    """Return the one notice of an answer to the first order of the only job."""
    after, one, _ = planned(given)
    working = one.orders[0]
    sent = replace(working, order=leave(after, one, working).order)
    one = replace(one, orders=(sent, *one.orders[1:]))
    after = replace(after, jobs=(one,))
    (notice,) = notices([Step(after, record(after, one, sent, answer))])
    return notice


def holding(position: Position, **changes: object) -> Desk:
    """Return a desk whose bot holds a position and hears an alert."""
    known = {"rsi": 75.0, "price": "110", "bar": 6, **changes}
    rsi, price, bar = known.pop("rsi"), known.pop("price"), known.pop("bar")
    alert = signal(rsi, price, bar=bar, **known)  # type: ignore[arg-type] # a test's shorthand
    rules = replace(RULES, reverse=False)
    return desk(job(alert), bots=(bot(rules, position=position),))


def test_a_first_entry_says_what_it_cost_against_the_alert_and_why() -> None:
    notice = told(desk(job(signal(25.0, "100"))), filled("100.05"))

    assert notice.title == "Opened long BTC/USDT:USDT · bot-1 · PAPER"
    assert notice.lines == (
        "10 BTC at 100.05, 0.05 % worse than the alert's 100.",
        "1,000.50 USDT, entry 1 of 3.",
        "RSI 25 meets the level 30.",
    )
    assert (notice.kind, notice.weight) == (Kind.OPENED, Weight.NEWS)


def test_a_better_price_is_called_better() -> None:
    notice = told(desk(job(signal(75.0, "100"))), filled("100.5"))

    assert notice.title.startswith("Opened short")
    assert "0.50 % better than the alert's 100" in notice.lines[0]


def test_a_close_says_what_the_round_trip_earned() -> None:
    notice = told(holding(long_position("10", "100")), filled("110"))

    assert notice.title == "Closed long BTC/USDT:USDT, +99.50 USDT · bot-1 · PAPER"
    assert notice.lines == (
        "10 BTC at 110, exactly the alert's 110.",
        "+9.95 % after fees of 0.50 USDT; 1 entry, held 1 d 2 h.",
        "RSI 75 meets the level 70.",
    )


def test_a_stop_says_the_price_and_the_level() -> None:
    rules = replace(RULES, exits=ExitRules(stop_loss_percent=Decimal(5)))
    held = bot(rules, position=long_position("10", "100"))
    given = desk(job(signal(50.0, "94", bar=6)), bots=(held,))

    notice = told(given, filled("94"))

    assert notice.lines[2] == (
        "The stop loss closed the position: the price was 94, the stop at 95."
    )


def test_a_refused_entry_opened_nothing() -> None:
    notice = told(
        desk(job(signal(25.0))), Refused(code="-2019", text="Margin is insufficient")
    )

    assert notice.title == "Rejected: long entry BTC/USDT:USDT · bot-1 · PAPER"
    assert notice.lines == (
        "The venue refused 10 BTC: -2019: Margin is insufficient.",
        "Nothing was opened.",
    )


def test_a_refused_close_is_an_alarm_for_the_position_stays() -> None:
    notice = told(holding(long_position("10", "100")), Refused(code="1", text="no"))

    assert notice.weight is Weight.ALARM
    assert notice.title.startswith("Close rejected: long stays open BTC/USDT:USDT")
    assert "Still held: 10 BTC." in notice.lines


def test_an_entry_in_doubt_is_news_and_a_close_in_doubt_an_alarm() -> None:
    entry = told(desk(job(signal(25.0))), Unknown(evidence="timed out"))
    leaving = told(holding(long_position("10", "100")), Unknown(evidence="timed out"))

    assert (entry.weight, leaving.weight) == (Weight.NEWS, Weight.ALARM)
    assert "Whether 10 BTC reached the venue is not known: timed out." in entry.lines


def test_an_order_that_only_a_person_can_clear_up_is_an_alarm_with_its_id() -> None:
    after, one, _ = planned(desk(job(signal(25.0))))
    working = one.orders[0]
    unknown = replace(working.order, status=OrderStatus.UNKNOWN)
    before = replace(one, orders=(replace(working, order=unknown),))
    given = unknown.after(OrderEvent.GIVEN_TO_OPERATOR)
    step = Changes(job=one.id, status=one.status, orders=(replace(working, order=given),))

    (notice,) = notices([Step(replace(after, jobs=(before,)), step)])

    assert (notice.kind, notice.weight) == (Kind.NEEDS_OPERATOR, Weight.ALARM)
    assert given.id in notice.lines[1]


def test_a_close_that_came_while_halted_says_what_is_still_held() -> None:
    held = bot(position=long_position("10", "100"), state=TradingState.HALTED)
    asked = signal(50.0, bar=6, action=Action.CLOSE)
    given = desk(job(asked), bots=(held,))
    _, _, changes = planned(given)

    (notice,) = notices([Step(given, changes)])

    assert (notice.kind, notice.weight) == (Kind.CLOSE_FAILED, Weight.ALARM)
    assert notice.title == (
        "CLOSE did nothing: long BTC/USDT:USDT stays open · bot-1 · PAPER"
    )
    assert notice.lines[1] == "Still held: 10 BTC at 100 on average."


def test_a_reversal_whose_second_half_is_denied_says_that_all_is_closed() -> None:
    after, one, changes = planned(
        desk(job(signal(75.0, "110", bar=6)), bots=(bot(position=long_position("10")),))
    )
    waiting = next(i for i in changes.intents if i.status is IntentStatus.WAITING)
    dropped = Changes(
        job=one.id,
        status=one.status,
        decisions=changes.decisions,
        intents=(replace(waiting, status=IntentStatus.DENIED),),
    )

    (notice,) = notices([Step(after, dropped)])

    assert notice.title.startswith("Not reversed: short entry")
    assert notice.lines[0] == "The position was closed, and no short was opened."


def test_planning_and_skipping_tell_nothing() -> None:
    entering, neutral = desk(job(signal(25.0))), desk(job(signal(50.0)))

    assert notices([Step(entering, planned(entering)[2])]) == []
    assert notices([Step(neutral, planned(neutral)[2])]) == []


@pytest.mark.parametrize(
    ("state", "weight", "title"),
    [
        (TradingState.HALTED, Weight.ALARM, "Halted: signals cause nothing for bot b"),
        (TradingState.REDUCING, Weight.NEWS, "Reducing: bot b opens nothing new"),
        (TradingState.ACTIVE, Weight.NEWS, "Active again: bot b may trade"),
    ],
)
def test_a_state_says_who_set_it_and_why(
    state: TradingState, weight: Weight, title: str
) -> None:
    notice = state_changed(Scope.BOT, "b", state, ADA)

    assert (notice.title, notice.weight) == (title, weight)
    assert notice.lines[0] == "By ada, from the web: looks wrong."


def test_a_brake_says_how_to_resume() -> None:
    braked = Author(name="signalman", source="brake", reason="The day lost 82.03.")

    notice = state_changed(Scope.ACCOUNT, "paper", TradingState.REDUCING, braked)

    assert notice.weight is Weight.ALARM
    assert notice.lines[0] == "A brake fired: The day lost 82.03."
    assert "`signalman state active --account paper` resumes." in notice.lines[1]


def test_a_flattening_that_is_not_confirmed_is_an_alarm() -> None:
    done = flattened(Scope.GLOBAL, "", "flat everywhere", is_flat=True)
    stuck = flattened(Scope.BOT, "b", "1 BTC is left", is_flat=False)

    assert (done.title, done.weight) == (
        "Flattened: the whole installation",
        Weight.NEWS,
    )
    assert (stuck.title, stuck.weight) == (
        "Needs you: bot b is not confirmed flat",
        Weight.ALARM,
    )


def test_the_bot_is_the_one_whose_money_moved() -> None:
    assert told(desk(job(signal(25.0))), filled("100")).bot == BOT
