import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import product

import pytest

from domain.reason_catalogue import ENTRIES, entry, headline, sentence, verdict
from domain.reason_words import plain
from domain.reasons import Finding, Reason, ReasonClass, refusal
from domain.reasons_of_arrival import ARRIVAL
from domain.reasons_of_decisions import DECISIONS
from domain.reasons_of_limits import LIMITS
from domain.reasons_of_rules import RULES
from domain.signal import Direction
from tests.domain.examples import passing
from tests.domain.situations import DECIDED, MEASURED, SIZED, Situation

BAR = datetime(2024, 1, 1, 4, tzinfo=UTC)
PLACEHOLDER = re.compile(r"{(\w+)}")


def test_every_reason_has_one_entry() -> None:
    assert set(ENTRIES) == set(Reason)
    assert len(ARRIVAL) + len(DECISIONS) + len(RULES) + len(LIMITS) == len(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_every_entry_says_what_it_means_and_what_can_be_done(reason: Reason) -> None:
    known = entry(reason)

    for text in (known.sentence, known.explanation, known.fix):
        assert text[0].isupper() or text[0] in "{[`"
        assert text.endswith((".", "]."))


@pytest.mark.parametrize("reason", Reason)
def test_a_template_knows_no_other_values_than_a_finding_has(reason: Reason) -> None:
    known = entry(reason)

    used = PLACEHOLDER.findall(known.sentence + known.passed)

    assert set(used) <= {"value", "limit", "further"}


@pytest.mark.parametrize("reason", Reason)
def test_every_sentence_can_be_said_whatever_is_known(reason: Reason) -> None:
    values = (None, 3, Decimal("1.5"), "some text", BAR)
    limits = (None, 5, (30.0, 70.0))

    said = [
        sentence(Finding(reason, passed=passed, value=value, limit=limit))
        for value, limit, passed in product(values, limits, (True, False))
    ]

    assert not [text for text in said if re.search(r"[{}\[\]]|None|  | [.,]", text)]
    assert all(text.endswith(".") for text in said)


SITUATIONS = [*DECIDED, *SIZED, *MEASURED]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.name)
def test_no_sentence_lacks_the_values_of_what_was_measured(
    situation: Situation,
) -> None:
    said = [sentence(finding) for finding in situation.findings]

    assert not [text for text in said if "unknown" in text]


def test_a_refusal_says_the_value_against_the_limit_and_which_way() -> None:
    too_high = refusal(Reason.SCALING_PRICE_STEP, Decimal("99.00"), Decimal("98.00"))
    too_low = refusal(Reason.SCALING_RSI_STEP, 71.5, 74.0)

    assert headline(too_high) == (
        "Skipped: price 99 is not far enough from the last entry; 98 or lower was needed."
    )
    assert headline(too_low) == (
        "Skipped: RSI 71.5 is not further in the zone; 74 or higher was needed."
    )


def test_a_rule_that_let_pass_says_so() -> None:
    finding = passing(Reason.SCALING_MAX_ENTRIES, 1, 3)

    assert sentence(finding) == "1 of 3 entries are in use."


def test_a_reason_that_is_no_rule_has_one_sentence() -> None:
    assert sentence(refusal(Reason.ENTRY_OPENED)) == sentence(passing(Reason.ENTRY_OPENED))


def test_what_is_not_known_is_left_out() -> None:
    assert sentence(refusal(Reason.EXIT_STOP_LOSS)) == "The stop loss closed the position."
    assert sentence(passing(Reason.EXIT_STOP_LOSS, Decimal("94.9"), Decimal(95))) == (
        "The stop loss closed the position: the price was 94.9, the stop at 95."
    )


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        (Reason.EXIT_REVERSED, "Traded"),
        (Reason.RSI_NEUTRAL, "Skipped"),
        (Reason.SPOT_CANNOT_SHORT, "Skipped"),
        (Reason.BRAKE_DAILY_LOSS, "Denied"),
        (Reason.BODY_NOT_JSON, "Refused"),
        (Reason.ORDER_REJECTED, "Failed"),
        (Reason.FENCE_LOST, "Failed"),
    ],
)
def test_a_verdict_is_one_word(reason: Reason, word: str) -> None:
    assert verdict(reason) == word


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (Reason.BODY_UNRESOLVED_PLACEHOLDER, "Refused: TradingView left a placeholder"),
        (Reason.RSI_NEUTRAL, "Skipped: RSI 5 calls for nothing"),
        (Reason.BODY_EMPTY, "Refused: the message is empty."),
        (Reason.RSI_PREVIOUS_UNKNOWN, "Skipped: a cross cannot be seen"),
    ],
)
def test_names_keep_their_capitals_after_a_verdict(reason: Reason, said: str) -> None:
    assert headline(refusal(reason, 5, 5)).startswith(said)


def test_decisions_are_neutral_and_limits_are_limits() -> None:
    assert entry(Reason.SCALING_PRICE_STEP).reason_class is ReasonClass.DECISION
    assert entry(Reason.LIMIT_OPEN_POSITIONS).reason_class is ReasonClass.LIMIT


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "unknown"),
        (Direction.LONG, "LONG"),
        (3, "3"),
        (True, "True"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.00000098"), "0.00000098"),
        (Decimal("99.00"), "99"),
        (Decimal("-0.50"), "-0.5"),
        (Decimal(100), "100"),
        (Decimal(100) / Decimal("1.02"), "98.03921569"),
        (Decimal("12345678901234567.89"), "12345678901234567.89"),
        (Decimal("NaN"), "NaN"),
        (28.0, "28"),
        (28.5, "28.5"),
        (1e-7, "0.0000001"),
        (float("nan"), "NaN"),
        (BAR, "2024-01-01 04:00 UTC"),
        (BAR + timedelta(seconds=5), "2024-01-01 04:00:05 UTC"),
        (BAR.astimezone(timezone(timedelta(hours=9))), "2024-01-01 04:00 UTC"),
        ((30.0, 70.0), "30 and 70"),
        ((1, 2, 3), "1, 2 and 3"),
        ((7,), "7"),
        ((), "nothing"),
        ("long only", "long only"),
    ],
)
def test_values_are_written_as_people_read_them(value: object, said: str) -> None:
    assert plain(value) == said
