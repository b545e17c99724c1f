"""The strategy of conditions, over bars: crosses, additions, exits and both sides."""

from decimal import Decimal
from typing import Any

from domain.decision import Enter, Exit, decide
from domain.expression import Condition
from domain.reasons import Reason
from domain.rules import Conditions, Rules, Scaling
from domain.signal import Direction
from domain.state import BotState
from tests.domain.examples import long_since, rules, signal


def conditional(*, max_entries: int = 1, **written: str) -> Rules:
    parsed = {name: Condition.parse(text) for name, text in written.items()}
    return rules(
        strategy="rules",
        conditions=Conditions(**parsed),
        scaling=Scaling(max_entries=max_entries),
    )


def reasons(given: Rules, *bars: dict[str, Any]) -> list[str]:
    """Decide bar after bar, without filling anything, and return the reasons."""
    found: list[str] = []
    state = BotState()
    for at, fields in enumerate(bars):
        rsi, extra = fields.get("rsi"), {k: str(v) for k, v in fields.items() if k != "rsi"}
        decision = decide(state, signal(rsi, at=at, extra=extra), given)
        state = state._replace(memory=decision.memory)
        found.append(decision.reason.value)
    return found


def test_a_cross_of_any_two_fields_is_seen_from_bar_to_bar() -> None:
    given = conditional(long="fast crosses above slow")

    assert reasons(
        given, {"fast": 9, "slow": 10}, {"fast": 11, "slow": 10}, {"fast": 12, "slow": 10}
    ) == ["rule.previous_unknown", "entry.opened", "rule.not_met"]


def test_a_cross_over_a_missing_bar_is_not_guessed() -> None:
    given = conditional(long="rsi crosses above 30")

    bars = decide(BotState(), signal(25.0, at=0), given).memory
    later = decide(BotState(memory=bars), signal(35.0, at=2), given)

    assert later.reason is Reason.RULE_PREVIOUS_UNKNOWN


def test_an_exit_condition_closes_what_is_held_and_nothing_else() -> None:
    given = conditional(long="rsi < 30", exit_long="rsi > 50", exit_short="rsi < 60")

    closing = decide(long_since(0), signal(55.0, at=1), given)

    assert closing.reason is Reason.EXIT_CONDITION
    assert closing.intents == (Exit(Direction.LONG, Decimal(10), Reason.EXIT_CONDITION),)
    assert reasons(given, {"rsi": 55.0}) == ["rule.not_met"]


def test_leaving_comes_before_adding() -> None:
    given = conditional(long="rsi < 60", exit_long="rsi > 50", max_entries=3)

    assert decide(long_since(0), signal(55.0, at=1), given).reason is Reason.EXIT_CONDITION


def test_an_addition_may_ask_for_something_else_than_the_entry() -> None:
    given = conditional(long="rsi < 30", add="deep > 1", max_entries=3)
    bars = [signal(40.0, at=1, extra={"deep": text}) for text in ("2", "1")]

    added, left = (decide(long_since(0), bar, given) for bar in bars)

    assert added.intents == (Enter(Direction.LONG, 2),)
    assert left.reason is Reason.RULE_NOT_MET


def test_the_opposite_entry_closes_as_with_every_strategy() -> None:
    given = conditional(long="rsi < 30", short="rsi > 70")

    assert decide(long_since(0), signal(75.0, at=1), given).reason is Reason.EXIT_OPPOSITE


def test_what_is_no_number_is_missing() -> None:
    given = conditional(long="trend > 1")

    for text in ("up", "nan", "Infinity", "1" * 40, ""):
        decision = decide(BotState(), signal(None, extra={"trend": text}), given)
        assert decision.reason is Reason.RULE_FIELD_MISSING, text


def test_a_field_that_only_one_condition_needs_holds_up_all_of_them() -> None:
    given = conditional(long="rsi < 30", short="other > 1")

    decision = decide(BotState(), signal(25.0), given)

    assert (decision.reason, decision.memory) == (
        Reason.RULE_FIELD_MISSING,
        BotState().memory,
    )


def test_an_rsi_of_another_length_is_not_taken() -> None:
    given = conditional(long="rsi < 30")

    decision = decide(BotState(), signal(25.0, rsi_length=7), given)

    assert decision.reason is Reason.RSI_LENGTH_DIFFERS
