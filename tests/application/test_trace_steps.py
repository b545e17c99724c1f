from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from application.records import RevisionId
from application.trace import StepState, Terms, Trace, trace_of
from domain.reasons import Reason
from domain.rules import Sizing, SizingMode
from tests.application.traces import (
    ALERT,
    BOUGHT,
    FULL,
    NEUTRAL,
    REVERSED,
    SIGNAL,
    SIZED,
    after,
    decision,
    skipped,
    told,
)

TERMS = {
    RevisionId(3): Terms(
        sizing=Sizing(mode=SizingMode.QUOTE, amount=Decimal(1000)),
        quantity_step=Decimal("0.00001"),
    )
}


def titles(trace: Trace) -> list[str]:
    return [step.title for step in trace.steps]


def test_a_decision_not_to_trade_is_no_failure() -> None:
    trace = trace_of(told(skipped(Reason.RSI_NEUTRAL, NEUTRAL)))

    checked = trace.steps[titles(trace).index("Checked")]
    assert checked.state is StepState.NOT_NEEDED


def test_a_denial_stops_the_alert_and_says_what_to_do() -> None:
    trace = trace_of(told(skipped(Reason.LIMIT_OPEN_POSITIONS, FULL)))

    checked = trace.steps[titles(trace).index("Checked")]
    assert checked.state is StepState.STOPPED
    assert checked.details[0] == "✗ The account already has 3 of 3 positions open."
    assert checked.details[1].startswith("what to do: Wait for a close")


def test_every_step_of_an_entry_is_told_in_order() -> None:
    trace = trace_of(told(BOUGHT))

    assert titles(trace) == [
        "Received",
        "Authenticated",
        "Parsed",
        "De-duplicated",
        "Routed",
        "Queued",
        "Checked",
        "Sized",
        "Planned",
        "Sent",
        "Acknowledged",
        "Filled",
        "Result",
    ]


def test_a_step_tells_how_long_after_the_one_before_it_came() -> None:
    trace = trace_of(told(BOUGHT))

    filled = trace.steps[titles(trace).index("Filled")]
    assert filled.at == after(41)
    assert trace.steps[titles(trace).index("Acknowledged")].since_previous == timedelta(
        milliseconds=31
    )


def test_every_rule_that_let_pass_is_shown_with_its_value() -> None:
    trace = trace_of(told(BOUGHT))

    checked = trace.steps[titles(trace).index("Checked")]
    assert checked.details[:2] == (
        "✓ RSI 27.4 meets the level 30.",
        "✓ The alert is 0.129 s old; at most 120 s are allowed.",
    )


def test_a_size_shows_its_sum_with_the_numbers_filled_in() -> None:
    trace = trace_of(told(BOUGHT), TERMS)

    assert trace.steps[titles(trace).index("Sized")].sentence == (
        "1,000 USDT / 43,250.10 = 0.023121333..., rounded down to 0.00001 "
        "-> 0.02312 BTC, notional 999.942312 USDT."
    )


def test_a_sum_that_would_not_lead_to_the_size_is_not_shown() -> None:
    other = {RevisionId(3): replace(TERMS[RevisionId(3)], sizing=Sizing(amount=Decimal(7)))}

    trace = trace_of(told(BOUGHT), other)

    assert trace.steps[titles(trace).index("Sized")].sentence.startswith(
        "0.023121333... BTC"
    )


def test_a_larger_entry_shows_its_factor() -> None:
    doubled = SIZED._replace(
        number=2, factor=Decimal(2), raw=SIZED.raw * 2, quantity=Decimal("0.04624")
    )
    job = replace(BOUGHT, decisions=(decision(Reason.ENTRY_SCALED_IN, sized=doubled),))

    trace = trace_of(told(job), TERMS)

    sized = trace.steps[titles(trace).index("Sized")].sentence
    assert sized.startswith("1,000 USDT / 43,250.10 x 2 (entry 2) = 0.046242667...")


def test_a_size_in_percent_of_equity_shows_equity_and_fee() -> None:
    sized = SIZED._replace(
        raw=Decimal("0.115548894670192955"),
        quantity=Decimal("0.11554"),
        equity=Decimal(10_000),
    )
    terms = Terms(
        sizing=Sizing(mode=SizingMode.EQUITY_PERCENT, amount=Decimal(50)),
        fee_rate=Decimal("0.0005"),
    )
    job = replace(BOUGHT, decisions=(decision(Reason.ENTRY_OPENED, sized=sized),))

    trace = trace_of(told(job), {RevisionId(3): terms})

    assert trace.steps[titles(trace).index("Sized")].sentence.startswith(
        "10,000 USDT x 50 % / (43,250.10 + fee 0.05 %) = 0.11554889..."
    )


def test_a_completed_trade_is_a_step_with_its_result() -> None:
    trace = trace_of(told(REVERSED))

    closed = trace.steps[titles(trace).index("Trade closed")]
    assert closed.sentence == "Short with 2 entries: +1,247.74 USDT after fees."
    assert "fees: 22.265 USDT" in closed.details


def test_a_malformed_alert_ends_where_it_was_parsed() -> None:
    alert = replace(
        ALERT,
        signal=None,
        reason=Reason.FIELD_OUT_OF_RANGE,
        detail='price must be above 0, was "-1".',
    )

    trace = trace_of(told(alert=alert))

    assert trace.sentence == 'Refused: price must be above 0, was "-1".'
    assert titles(trace) == ["Received", "Authenticated", "Parsed"]
    assert trace.steps[-1].state is StepState.STOPPED


def test_fields_that_nobody_reads_are_listed() -> None:
    alert = replace(ALERT, signal=SIGNAL._replace(extra={"volume": "12.5"}))

    trace = trace_of(told(BOUGHT, alert=alert))

    parsed = trace.steps[titles(trace).index("Parsed")]
    assert parsed.sentence.endswith("1 further field kept but not read.")
    assert parsed.details[-1] == "not read, kept: volume = 12.5"


def test_an_alert_that_came_three_times_acted_once() -> None:
    alert = replace(ALERT, duplicates=2, last_duplicate_at=after(5_000))

    trace = trace_of(told(BOUGHT, alert=alert))

    repeated = trace.steps[titles(trace).index("De-duplicated")]
    assert repeated.sentence == "It arrived 3 times and acted once."
    assert "last time: 2026-11-23 08:00:05.120 UTC" in repeated.details


def test_an_id_that_was_used_before_stops_the_alert() -> None:
    alert = replace(ALERT, signal=None, reason=Reason.ALERT_ID_REUSED)

    trace = trace_of(told(alert=alert))

    assert trace.sentence == "Refused: The id was used before with another message."
    assert trace.steps[-1].title == "De-duplicated"
    assert trace.steps[-1].state is StepState.STOPPED


def test_a_reversal_closes_before_it_decides_to_enter() -> None:
    trace = trace_of(told(REVERSED))

    assert titles(trace)[5:] == [
        "Queued",
        "Checked",
        "Planned",
        "Sent",
        "Acknowledged",
        "Filled",
        "Trade closed",
        "Checked",
        "Sized",
        "Planned",
        "Sent",
        "Acknowledged",
        "Filled",
        "Result",
    ]
