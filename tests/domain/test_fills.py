from decimal import Decimal

import pytest

from domain.fills import Costs, fee, fill_price, trigger_price, with_fee
from tests.domain.examples import PERPETUAL

FREE = Costs()
DEAR = Costs(fee_rate=Decimal("0.001"), slippage_bps=Decimal(5))


def test_without_slippage_the_market_is_the_fill() -> None:
    assert fill_price(Decimal("100.05"), PERPETUAL, FREE, buys=True) == Decimal("100.05")


def test_costs_slip_in_basis_points_or_in_ticks() -> None:
    assert not Costs(fee_rate=Decimal("0.001")).slips
    assert DEAR.slips
    assert Costs(slippage_ticks=Decimal(1)).slips


@pytest.mark.parametrize(
    ("buys", "expected"), [(True, "2001.0"), (False, "1999.0")], ids=["buy", "sell"]
)
def test_slippage_is_always_against_the_trader(*, buys: bool, expected: str) -> None:
    assert fill_price(Decimal(2000), PERPETUAL, DEAR, buys=buys) == Decimal(expected)


@pytest.mark.parametrize(
    ("buys", "expected"), [(True, "100.1"), (False, "99.9")], ids=["buy", "sell"]
)
def test_a_slipped_price_lies_on_the_tick_on_the_worse_side(
    *, buys: bool, expected: str
) -> None:
    assert fill_price(Decimal(100), PERPETUAL, DEAR, buys=buys) == Decimal(expected)


@pytest.mark.parametrize(
    ("market", "buys", "expected"),
    [("94", False, "94"), ("96", False, "95"), ("96", True, "96"), ("94", True, "95")],
)
def test_a_stop_fills_at_its_level_or_worse(
    market: str, *, buys: bool, expected: str
) -> None:
    filled = trigger_price(Decimal(market), Decimal(95), buys=buys, stop=True)

    assert filled == Decimal(expected)


def test_a_target_fills_at_its_level() -> None:
    assert trigger_price(Decimal(120), Decimal(105), buys=False, stop=False) == 105


def test_a_fee_is_a_fraction_of_what_was_exchanged() -> None:
    assert fee(Decimal(2), Decimal(100), DEAR) == Decimal("0.2")
    assert with_fee(Decimal(200), DEAR) == Decimal("200.2")
