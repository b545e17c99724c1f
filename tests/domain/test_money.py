from decimal import Decimal, Inexact

import pytest

from domain.money import (
    add,
    divide_down,
    fraction,
    multiply,
    positive,
    round_down,
    round_up,
    total,
)


def test_book_keeping_keeps_every_digit_where_python_would_round() -> None:
    price, quantity = Decimal("1.234567890123456789"), Decimal("9.876543210987654321")

    exact = multiply(price, quantity)

    assert exact == Decimal("12.193263113702179522374638011112635269")
    assert exact != price * quantity


def test_a_result_of_more_than_sixty_digits_is_an_error_not_a_rounding() -> None:
    with pytest.raises(Inexact):
        add(Decimal("1E40"), Decimal("1E-40"))


def test_division_is_cut_off_never_rounded_up() -> None:
    assert str(divide_down(Decimal(2), Decimal(3))) == "0." + 60 * "6"


def test_a_sum_is_exact_and_of_nothing_is_zero() -> None:
    assert total([Decimal("1E20"), Decimal("1E-20")]) == Decimal(
        "100000000000000000000.00000000000000000001"
    )
    assert total([]) == 0


def test_a_percent_of_two_is_the_fraction_two_hundredths() -> None:
    assert fraction(Decimal(2)) == Decimal("0.02")


@pytest.mark.parametrize(
    ("value", "step", "down", "up"),
    [
        ("0.0199", "0.001", "0.019", "0.020"),
        ("0.019", "0.001", "0.019", "0.019"),
        ("7", "2.5", "5.0", "7.5"),
        ("123", "10", "120", "130"),
        ("0", "0.5", "0", "0"),
        ("1", "0.3", "0.9", "1.2"),
    ],
)
def test_rounding_goes_to_the_step_in_the_direction_named(
    value: str, step: str, down: str, up: str
) -> None:
    assert round_down(Decimal(value), Decimal(step)) == Decimal(down)
    assert round_up(Decimal(value), Decimal(step)) == Decimal(up)


@pytest.mark.parametrize("wrong", ["0", "-1", "NaN", "Infinity"])
def test_what_is_not_a_positive_number_is_named(wrong: str) -> None:
    with pytest.raises(ValueError, match=f"price must be positive, was {wrong}"):
        positive("price", Decimal(wrong))


def test_a_positive_number_comes_back_as_it_is() -> None:
    assert positive("price", Decimal("1.50")) == Decimal("1.50")
