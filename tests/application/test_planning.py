"""What the planner makes of a desk, without any store."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count

from application.planning import plan
from application.records import (
    Asks,
    Desk,
    IntentId,
    IntentStatus,
    JobStatus,
    Mark,
    Planned,
)
from domain.order import OrderStatus
from domain.reasons import Reason
from domain.risk import Limits, TradingState, Usage
from domain.rules import ExitRules
from domain.signal import Action, Direction
from domain.state import WorkingEntry
from tests.application.desks import (
    NOON,
    RULES,
    bot,
    desk,
    job,
    long_position,
    signal,
    with_usage,
)


def planned(given: Desk, *, usage: Usage | None = None) -> Planned:
    ids = (IntentId(f"intent-{number}") for number in count())
    first = plan(given, lambda: next(ids))
    if first.asks is not Asks.USAGE:
        return first
    asked = next(one for one in given.jobs if one.id == first.asking_job)
    return plan(with_usage(given, asked, usage), lambda: next(ids))


def reason_of(result: Planned) -> Reason:
    return result.changes[-1].decisions[-1].reason


def test_a_neutral_alert_is_decided_and_done_without_asking_anything() -> None:
    result = plan(desk(job(signal(50))), lambda: IntentId("none"))

    assert reason_of(result) is Reason.RSI_NEUTRAL
    assert result.changes[0].status is JobStatus.DONE
    assert result.asks is None


def test_an_entry_asks_for_what_is_in_use_before_it_is_planned() -> None:
    result = plan(desk(job(signal(25))), lambda: IntentId("none"))

    assert result.asks is Asks.USAGE
    assert result.changes == ()


def test_an_oversold_alert_plans_one_buy_of_the_amount() -> None:
    result = planned(desk(job(signal(25, "100"))))

    order = result.to_send[0].order
    assert (order.buys, order.quantity, order.status) == (
        True,
        Decimal(10),
        OrderStatus.PLANNED,
    )
    assert reason_of(result) is Reason.ENTRY_OPENED


def test_planning_twice_names_the_order_the_same() -> None:
    given = with_usage(desk(job(signal(25))), job(signal(25)))

    one = plan(given, lambda: IntentId("same"))
    two = plan(given, lambda: IntentId("same"))

    assert one.to_send == two.to_send


def test_planning_stops_at_the_first_job_that_needs_an_order() -> None:
    jobs = (
        job(signal(50), id=1),
        job(signal(25, bar=1), id=2),
        job(signal(80, bar=2), id=3),
    )

    result = planned(replace(desk(*jobs), now=signal(25, bar=1).fired_at))

    assert [one.job for one in result.changes] == [1, 2]
    assert len(result.to_send) == 1


def test_a_reversal_closes_first_and_lets_the_entry_wait() -> None:
    held = bot(position=long_position())

    result = planned(desk(job(signal(80, bar=2)), bots=(held,)))

    close, entry = result.changes[0].intents
    assert (close.number, close.status) == (0, IntentStatus.WORKING)
    assert (entry.side, entry.status) == (Direction.SHORT, IntentStatus.WAITING)
    assert [one.order.reduces for one in result.to_send] == [True]


def test_halted_bots_decide_nothing_but_remember_the_bar() -> None:
    halted = bot(state=TradingState.HALTED, position=long_position())

    result = planned(desk(job(signal(80, bar=2, action=Action.CLOSE)), bots=(halted,)))

    assert reason_of(result) is Reason.STATE_HALTED
    assert result.to_send == ()
    memory = result.changes[0].states[halted.id].memory
    assert memory.last_rsi == 80


def test_reducing_lets_the_close_of_a_reversal_through() -> None:
    reducing = bot(state=TradingState.REDUCING, position=long_position())

    result = planned(desk(job(signal(80, bar=2)), bots=(reducing,)))

    assert [one.order.reduces for one in result.to_send] == [True]


def test_reducing_denies_an_entry() -> None:
    result = planned(desk(job(signal(25)), bots=(bot(state=TradingState.REDUCING),)))

    assert reason_of(result) is Reason.STATE_REDUCING
    assert result.to_send == ()


def test_an_old_alert_opens_nothing_but_its_close_still_closes() -> None:
    late = timedelta(days=3)
    opening, closing = (
        desk(job(signal(25))),
        desk(job(signal(80, bar=2)), bots=(bot(position=long_position()),)),
    )

    entered = planned(replace(opening, now=opening.now + late))
    closed = planned(replace(closing, now=closing.now + late))

    assert reason_of(entered) is Reason.ALERT_TOO_OLD
    assert closed.to_send[0].order.reduces


def test_a_stop_is_taken_before_the_signal_is_decided() -> None:
    stopped = bot(
        replace(RULES, exits=ExitRules(stop_loss_percent=Decimal(5))),
        position=long_position(),
    )

    result = planned(desk(job(signal(25, "94", bar=2)), bots=(stopped,)))

    assert reason_of(result) is Reason.EXIT_STOP_LOSS
    assert result.changes[-1].status is JobStatus.WORKING
    assert result.to_send[0].order.trigger_price == Decimal("95.0")


def test_a_late_alert_moves_no_stop() -> None:
    stopped = bot(
        replace(RULES, exits=ExitRules(stop_loss_percent=Decimal(5))),
        position=long_position(),
    )
    jobs = (job(signal(50, "100", bar=5), id=1), job(signal(50, "90", bar=2), id=2))

    result = planned(desk(*jobs, bots=(stopped,)))

    assert [one.decisions[-1].reason for one in result.changes] == [
        Reason.RSI_NEUTRAL,
        Reason.BAR_OUT_OF_ORDER,
    ]


def test_the_cap_on_open_positions_denies_the_next() -> None:
    capped = desk(job(signal(25)))
    limited = replace(
        capped, account=replace(capped.account, limits=Limits(open_positions=3))
    )

    result = planned(limited, usage=Usage(account_positions=3))

    assert reason_of(result) is Reason.LIMIT_OPEN_POSITIONS


def test_the_other_side_of_another_bots_symbol_is_denied_by_its_name() -> None:
    other = bot(id=2, position=long_position())  # type: ignore[arg-type]

    result = planned(desk(job(signal(80, bar=2)), bots=(bot(), other)))

    finding = result.changes[0].decisions[0].findings[-1]
    assert (finding.reason, finding.value) == (Reason.SYMBOL_HELD_BY_OTHER_BOT, "bot-2")


def test_an_alert_from_the_future_trades_nothing_and_blocks_nothing() -> None:
    ahead = timedelta(days=30_000)
    false = signal(25, sent_at=NOON + ahead, bar_time=NOON + ahead)
    jobs = (job(false, id=1), job(signal(25), id=2))

    result = planned(replace(desk(*jobs), now=jobs[1].signal.received_at))  # type: ignore[union-attr]

    reasons = [one.decisions[-1].reason for one in result.changes]
    assert reasons == [Reason.ALERT_FROM_FUTURE, Reason.ENTRY_OPENED]


def test_nothing_is_entered_while_an_entry_waits_for_the_operator() -> None:
    unresolved = WorkingEntry(Direction.LONG, 1, Decimal(1), Decimal(100))
    waiting = bot()
    state = waiting.state._replace(working=(unresolved,))
    waiting = replace(waiting, state=state, stuck=(unresolved,))

    result = planned(desk(job(signal(80)), bots=(waiting,)))

    assert reason_of(result) is Reason.ORDER_NEEDS_OPERATOR
    assert result.to_send == ()


def test_an_entry_at_a_stale_price_is_not_sized() -> None:
    given = desk(job(signal(25, price=None)))
    stale = Mark(price=Decimal(100), at=given.now - timedelta(hours=1))

    result = planned(replace(given, mark=stale))

    assert reason_of(result) is Reason.PRICE_UNKNOWN


def test_an_exit_sells_whole_steps_and_leaves_what_a_fee_took_of_one() -> None:
    held = bot(position=long_position("1.00049"))

    result = planned(desk(job(signal(50, bar=2, action=Action.CLOSE)), bots=(held,)))

    assert result.to_send[0].order.quantity == Decimal("1.000")
