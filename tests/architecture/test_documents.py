"""What holds the generated documents to the code that they describe."""

from domain.reasons import Reason
from tests.architecture import figure_list, reason_list, trading_rules
from tests.domain.situations import DECIDED, MEASURED, SIZED

DECIDES = (
    *("entry", "exit", "rsi", "signal", "bar", "direction", "spot", "scaling", "close"),
    *("rule", "alert", "price", "equity", "size", "symbol", "limit", "brake", "state"),
)
NOT_DECIDED = {
    Reason.EXIT_STOP_LOSS,
    Reason.EXIT_TAKE_PROFIT,
    Reason.EXIT_TRAILING_STOP,
    Reason.EXIT_MAX_BARS,
    Reason.ENTRY_NOT_REACHED,
    Reason.EXIT_FLATTENED,
    Reason.EXIT_BY_VENUE,
    Reason.RULE_MET,
    Reason.RSI_IN_ZONE,
    Reason.SIGNAL_TRUSTED,
    Reason.ALERT_DUPLICATE,
    Reason.BRAKE_ORDERS_EXCEED_INTENTS,
    Reason.BRAKE_INTENTS_WITHOUT_ORDERS,
}
"""Exit rules, operators and venues act between alerts, two are findings that decide nothing
alone, whoever takes the alert in answers a duplicate, and two brakes count what left."""


def test_the_tables_of_the_trading_rules_are_what_the_engine_decides() -> None:
    text = trading_rules.DOCUMENT.read_text(encoding="utf-8")

    assert text == trading_rules.with_tables(text), (
        "run: .venv/bin/python -m tests.architecture.trading_rules"
    )


def test_the_list_of_reasons_is_the_catalogs() -> None:
    text = reason_list.DOCUMENT.read_text(encoding="utf-8")

    assert text == reason_list.with_reasons(text), (
        "run: .venv/bin/python -m tests.architecture.reason_list"
    )


def test_the_list_of_figures_is_the_catalogs() -> None:
    text = figure_list.DOCUMENT.read_text(encoding="utf-8")

    assert text == figure_list.with_figures(text), (
        "run: .venv/bin/python -m tests.architecture.figure_list"
    )


def test_every_decision_and_every_limit_stands_in_a_table() -> None:
    shown = {one.reason for one in (*DECIDED, *MEASURED, *SIZED)}
    answers = {reason for reason in Reason if reason.value.partition(".")[0] in DECIDES}

    assert answers - NOT_DECIDED - shown == set()
