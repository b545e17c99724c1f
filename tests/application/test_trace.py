from dataclasses import replace
from decimal import Decimal

from application.records import IntentStatus, JobStatus
from application.trace import StepState, Trace, trace_of
from domain.order import OrderEvent, OrderId, OrderStatus
from domain.reasons import Finding, Reason
from tests.application.traces import (
    ALERT,
    BOT,
    BOUGHT,
    CLOSE,
    CLOSED,
    FULL,
    INTENT,
    JOB,
    NEUTRAL,
    ORDER,
    REVERSED,
    decision,
    happened,
    order_trace,
    skipped,
    told,
)


def titles(trace: Trace) -> list[str]:
    return [step.title for step in trace.steps]


def test_an_alert_that_called_for_nothing_says_what_was_measured() -> None:
    trace = trace_of(told(skipped(Reason.RSI_NEUTRAL, NEUTRAL)))

    assert trace.sentence == (
        f"Skipped: bot {BOT} did nothing. "
        "RSI 48.2 calls for nothing at the levels 30 and 70."
    )


def test_a_denial_names_the_limit_with_its_numbers() -> None:
    trace = trace_of(told(skipped(Reason.LIMIT_OPEN_POSITIONS, FULL)))

    assert trace.sentence == (
        f"Denied: bot {BOT} was not allowed to enter. "
        "The account already has 3 of 3 positions open."
    )


def test_an_entry_tells_price_slippage_and_delay() -> None:
    trace = trace_of(told(BOUGHT))

    assert trace.sentence == (
        "Bought 0.02312 BTC at 43,254.40, 1.0 bps worse than the alert price, "
        "41 ms after it arrived."
    )


def test_a_fill_below_the_alert_price_is_better_for_a_buyer() -> None:
    cheap = replace(ORDER, cost=ORDER.quantity * Decimal(43_000))
    trade = order_trace(cheap, happened(OrderEvent.FILLED, 41))

    trace = trace_of(told(replace(BOUGHT, orders=(trade,))))

    assert "57.8 bps better than the alert price" in trace.sentence


def test_a_reversal_tells_what_closing_earned_and_what_was_opened() -> None:
    trace = trace_of(told(REVERSED))

    assert trace.sentence == (
        "Closed 0.5 BTC short at 43,260.00, +1,247.74 USDT after fees and reversed: "
        "bought 0.02312 BTC at 43,254.40, 1.0 bps worse than the alert price, "
        "41 ms after it arrived."
    )


def test_a_reversal_whose_entry_was_denied_says_so() -> None:
    job = replace(
        REVERSED,
        decisions=(
            decision(Reason.EXIT_REVERSED),
            decision(Reason.LIMIT_OPEN_POSITIONS, FULL),
        ),
        intents=(CLOSE, replace(INTENT, ordinal=1, status=IntentStatus.DENIED)),
        orders=(CLOSED,),
    )

    trace = trace_of(told(job))

    assert trace.sentence == (
        "Closed 0.5 BTC short at 43,260.00, +1,247.74 USDT after fees, "
        "20 ms after it arrived. Nothing was opened after it: "
        "The account already has 3 of 3 positions open."
    )


def test_a_close_that_could_not_reverse_says_what_kept_it() -> None:
    entered = Finding(
        Reason.BAR_ALREADY_ENTERED, passed=False, value="today", limit="today"
    )
    job = replace(
        REVERSED,
        decisions=(decision(Reason.EXIT_OPPOSITE, entered),),
        decision_bots=(BOT,),
        intents=(replace(CLOSE, reason=Reason.EXIT_OPPOSITE),),
        orders=(CLOSED,),
    )

    trace = trace_of(told(job))

    assert trace.sentence.endswith(
        "Not reversed: The bot has already entered on the bar today."
    )


def test_a_stop_that_fired_names_its_rule() -> None:
    job = replace(
        REVERSED,
        decisions=(decision(Reason.EXIT_STOP_LOSS),),
        decision_bots=(BOT,),
        intents=(replace(CLOSE, reason=Reason.EXIT_STOP_LOSS, level=Decimal(43_259)),),
        orders=(CLOSED,),
    )

    trace = trace_of(told(job))

    assert trace.sentence.startswith("Closed 0.5 BTC short by its stop loss at 43,260.00")
    assert "level: 43,259" in trace.steps[titles(trace).index("Planned")].details


def unfilled(event: OrderEvent, status: OrderStatus) -> Trace:
    order = replace(ORDER, status=status, filled=Decimal(0), cost=Decimal(0))
    life = order_trace(
        order, happened(OrderEvent.SUBMITTED, 10), happened(event, 30, "no funds")
    )
    return trace_of(told(replace(BOUGHT, orders=(life,))))


def test_an_order_that_the_venue_refused_says_in_whose_words() -> None:
    trace = unfilled(OrderEvent.REJECTED, OrderStatus.REJECTED)

    assert trace.sentence == (
        "Rejected: the venue refused the order to buy 0.02312 BTC. no funds."
    )
    assert "evidence: no funds" in trace.steps[-2].details


def test_an_order_of_unknown_fate_says_that_nothing_is_sent_again() -> None:
    trace = unfilled(OrderEvent.BECAME_UNKNOWN, OrderStatus.UNKNOWN)

    assert trace.sentence.startswith(
        "Unknown: the order to buy 0.02312 BTC may or may not have arrived."
    )
    assert "nothing is sent again" in trace.sentence


def test_an_order_that_was_sent_again_names_each_attempt() -> None:
    lost = order_trace(
        replace(ORDER, status=OrderStatus.NOT_PLACED, filled=Decimal(0), cost=Decimal(0)),
        happened(OrderEvent.SUBMITTED, 10),
        happened(OrderEvent.BECAME_UNKNOWN, 20, "timed out"),
        happened(OrderEvent.NOT_PLACED, 4_100, "no such order"),
    )
    again = order_trace(
        replace(ORDER, id=OrderId("d4"), generation=2),
        happened(OrderEvent.SUBMITTED, 4_110),
        happened(OrderEvent.FILLED, 4_150),
    )

    trace = trace_of(told(replace(BOUGHT, orders=(lost, again))))

    assert trace.sentence.endswith("4.2 s after it arrived.")
    sent = [step.sentence for step in trace.steps if step.title == "Sent"]
    assert sent[1] == "As client order id d4 (attempt 2, under an id of its own)."


def test_a_partial_fill_says_how_much_of_it() -> None:
    order = replace(
        ORDER,
        status=OrderStatus.PARTIALLY_FILLED,
        filled=Decimal("0.01"),
        cost=Decimal("0.01") * Decimal("43254.40"),
    )
    life = order_trace(order, happened(OrderEvent.FILLED_IN_PART, 41))

    trace = trace_of(told(replace(BOUGHT, orders=(life,), status=JobStatus.WORKING)))

    assert trace.sentence.startswith("Bought 0.01 of 0.02312 BTC at 43,254.40")
    assert trace.steps[-1].state is StepState.WARNING


def test_several_bots_have_a_sentence_each() -> None:
    other = skipped(Reason.RSI_NEUTRAL, NEUTRAL, bot="other")

    trace = trace_of(told(BOUGHT, other))

    first, second = trace.sentence.split("\n")
    assert first.startswith(f"{BOT}: Bought 0.02312 BTC")
    assert second.startswith("other: Skipped: bot other did nothing.")


def test_an_account_that_counts_by_bars_tells_how_long_the_work_took() -> None:
    filled = order_trace(ORDER, happened(OrderEvent.FILLED, -600_000))

    trace = trace_of(told(replace(BOUGHT, orders=(filled,))))

    assert trace.sentence.endswith("45 ms after it arrived.")


def test_an_alert_that_reached_no_bot_says_why() -> None:
    alert = replace(ALERT, reason=Reason.CHART_UNKNOWN, value="BINANCE:BTCUSDT:4h")

    trace = trace_of(told(alert=alert))

    assert trace.sentence == (
        "Skipped: No bot of this feed is on the alert's chart, BINANCE:BTCUSDT:4h."
    )
    assert trace.steps[-1].title == "Routed"


def test_an_alert_that_is_not_routed_yet_waits() -> None:
    alert = replace(ALERT, reason=None, fanned_out_at=None)

    trace = trace_of(told(alert=alert))

    assert trace.sentence.startswith("Waiting: received and kept")


def test_a_bot_that_has_not_decided_yet_waits() -> None:
    job = replace(JOB, status=JobStatus.QUEUED, finished_at=None)

    trace = trace_of(told(job))

    assert trace.sentence == f"Waiting: bot {BOT} has not decided yet."
