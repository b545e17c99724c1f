from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.domain.examples import PERPETUAL, SPOT


def test_only_a_perpetual_can_be_sold_short() -> None:
    assert PERPETUAL.can_short
    assert not SPOT.can_short


def test_a_quantity_is_rounded_down_to_the_step() -> None:
    assert PERPETUAL.round_quantity(Decimal("0.0129999")) == Decimal("0.012")


def test_a_price_is_rounded_to_the_tick_on_the_side_asked_for() -> None:
    assert PERPETUAL.round_price(Decimal("99.97"), up=False) == Decimal("99.9")
    assert PERPETUAL.round_price(Decimal("99.97"), up=True) == Decimal("100.0")
    assert PERPETUAL.round_price(Decimal("99.9"), up=True) == Decimal("99.9")


@pytest.mark.parametrize(
    ("quantity", "dust"),
    [("0.0009", True), ("0.001", True), ("0.049", True), ("0.05", False)],
)
def test_what_the_venue_would_not_take_an_order_for_is_dust(
    quantity: str, *, dust: bool
) -> None:
    assert PERPETUAL.is_dust(Decimal(quantity), Decimal(100)) is dust


def test_the_smallest_quantity_itself_is_no_dust() -> None:
    assert not PERPETUAL.is_dust(Decimal("0.001"), Decimal(50_000))


@pytest.mark.parametrize("name", ["price_tick", "quantity_step", "contract_size"])
def test_steps_that_nothing_could_be_rounded_to_are_refused(name: str) -> None:
    nothing: dict[str, Any] = {name: Decimal(0)}

    with pytest.raises(ValueError, match=f"{name} must be positive, was 0"):
        replace(PERPETUAL, **nothing)
