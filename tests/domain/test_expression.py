"""Conditions in a trader's own words: what they mean, and what is wrong with them."""

from decimal import Decimal

import pytest

from domain.expression import BadExpression, Condition

NOW = {"rsi": "25", "price": "100", "plots.ema200": "90", "a": "0.1", "b": "0.2"}
BEFORE = {"rsi": "31", "price": "100", "plots.ema200": "101"}


def holds(text: str) -> bool:
    return Condition.parse(text).holds(
        lambda name: Decimal(NOW[name]), lambda name: Decimal(BEFORE[name])
    )


@pytest.mark.parametrize(
    "text",
    [
        "rsi < 30",
        "plots.ema200 < price",
        "rsi<=25",
        "rsi >= 25",
        "rsi == 25",
        "rsi != 26",
        "not rsi > 30",
        "rsi < 30 and price > 99",
        "rsi > 30 or price > 99",
        "rsi > 30 and rsi > 40 or price == 100",
        "not (rsi > 30 or price < 100)",
        "(rsi + 5) * 2 < 61",
        "price - plots.ema200 > 9.5",
        "-rsi < 0",
        "a + a + a == 0.3",
        "a * b == 0.02",
        "rsi crosses 30",
        "rsi crosses below 30",
        "price crosses above plots.ema200",
        "  rsi\t<  30 ",
    ],
)
def test_a_condition_that_holds(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "rsi > 30",
        "rsi crosses above 30",
        "rsi crosses 20",
        "price crosses below plots.ema200",
        "rsi < 30 and price > 101",
        "not rsi < 30",
    ],
)
def test_a_condition_that_does_not_hold(text: str) -> None:
    assert not holds(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "column 1: a number or the name of a field was expected, found the end"),
        ("rsi", "column 4: a comparison such as `<` or `crosses` was expected"),
        ("rsi < ", "column 7: a number or the name of a field was expected"),
        ("rsi < 30 rsi", "column 10: `and`, `or` or the end was expected, found `rsi`"),
        ("rsi = 30", "column 5: `=` means nothing here"),
        ("rsi < 30 and", "column 13: a number or the name of a field"),
        ("(rsi + 5 < 30", "column 10: `)` was expected, found `<`"),
        ("rsi < 1e5", "column 8: `and`, `or` or the end was expected, found `e5`"),
        ("__import__('os')", "column 12: `'` means nothing here"),
        ("rsi / 2 < 3", "column 5: `/` means nothing here"),
        ("and < 3", "column 1: a number or the name of a field was expected"),
        ("rsi < " + "9" * 30, "column 7: a number has at most 20 digits"),
        ("(" * 60 + "rsi", "it is nested too deeply"),
        ("not " * 60 + "rsi < 3", "it is nested too deeply"),
        ("rsi < 3 or " * 60, "longer than 500 characters"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_column(text: str, told: str) -> None:
    with pytest.raises(BadExpression, match="column") as error:
        Condition.parse(text)

    assert told in str(error.value)


def test_a_condition_knows_what_it_looks_at() -> None:
    condition = Condition.parse("rsi crosses 50 and plots.ema200 < price + rsi")

    assert condition.fields == ("rsi", "plots.ema200", "price")
    assert condition.crossed == ("rsi",)
