from decimal import Decimal

import pytest

from domain.errors import ReductionExceedsPosition, SideDiffers
from domain.position import FLAT, Lot, Trade
from domain.signal import Direction
from tests.domain.examples import PERPETUAL, bar, entry, leaving, position

SHORT = Direction.SHORT


def lots(*texts: str) -> tuple[Lot, ...]:
    pairs = (text.split("@") for text in texts)
    return tuple(Lot(Decimal(quantity), Decimal(price)) for quantity, price in pairs)


def test_a_position_grows_lot_by_lot() -> None:
    held = position(entry(1, "1", "100"), entry(2, "1", "98"))

    assert held.lots == lots("1@100", "1@98")
    assert (held.side, held.entries) == (Direction.LONG, 2)
    assert (held.quantity, held.cost) == (Decimal(2), Decimal(198))
    assert held.average_price == 99


def test_what_is_left_is_the_newest_lots() -> None:
    held = position(entry(1, "1", "100"), entry(2, "1", "98"), leaving("1", "105"))

    assert held.lots == lots("1@98")
    assert held.realized == 5


def test_a_reduction_may_take_part_of_a_lot() -> None:
    held = position(entry(1, "3", "100"), entry(2, "1", "98"), leaving("2", "105"))

    assert held.lots == lots("1@100", "1@98")
    assert held.realized == 10


def test_a_reduction_may_take_more_than_one_lot() -> None:
    held = position(entry(1, "1", "100"), entry(2, "3", "98"), leaving("2", "105"))

    assert held.lots == lots("2@98")
    assert held.realized == 12


def test_a_short_earns_when_the_price_falls() -> None:
    held = position(entry(1, "2", "100", side=SHORT), leaving("1", "90", side=SHORT))

    assert held.realized == 10
    assert held.unrealized(Decimal(95)) == 5


def test_a_long_earns_when_the_price_rises() -> None:
    held = position(entry(1, "2", "100"))

    assert held.unrealized(Decimal(105)) == 10
    assert held.unrealized(Decimal(95)) == -10


def test_a_flat_position_is_worth_nothing_and_has_no_average() -> None:
    assert FLAT.is_flat
    assert (FLAT.quantity, FLAT.cost) == (Decimal(0), Decimal(0))
    assert FLAT.unrealized(Decimal(5)) == 0
    assert FLAT.average_price is None


def test_more_than_is_held_cannot_be_left() -> None:
    with pytest.raises(
        ReductionExceedsPosition, match=r"exceeds the position by 0\.5"
    ) as why:
        position(entry(1, "1", "100"), leaving("1.5", "105"))

    assert why.value.excess == Decimal("0.5")


def test_a_flat_position_cannot_be_reduced() -> None:
    with pytest.raises(ReductionExceedsPosition):
        position(leaving("1", "100"))


@pytest.mark.parametrize("number", [0, 2])
def test_a_fill_of_the_other_side_is_an_error(number: int) -> None:
    with pytest.raises(SideDiffers, match="the position is LONG, the fill was SHORT"):
        position(entry(1, "1", "100"), entry(number, "1", "100", side=SHORT))


@pytest.mark.parametrize("quantity", ["0", "-1"])
def test_a_fill_of_nothing_is_an_error(quantity: str) -> None:
    with pytest.raises(ValueError, match="a fill's quantity must be positive"):
        position(entry(1, quantity, "100"))


def test_several_fills_of_one_entry_are_one_entry() -> None:
    held = position(entry(1, "1", "100"), entry(1, "2", "101"), entry(2, "1", "98"))

    assert held.entries == 2
    assert held.numbers == (1, 2)
    assert held.last_entry == Lot(Decimal(1), Decimal(98))


def test_the_last_entry_is_known_over_all_of_its_fills() -> None:
    held = position(entry(1, "1", "100"), entry(2, "1", "98"), entry(2, "3", "97"))

    assert held.last_entry == Lot(Decimal(4), Decimal(389))


def test_a_late_fill_of_an_earlier_entry_does_not_make_it_the_last() -> None:
    held = position(entry(1, "1", "100"), entry(2, "1", "98"), entry(1, "1", "99"))

    assert held.entries == 2
    assert held.last_entry == Lot(Decimal(1), Decimal(98))
    assert held.quantity == 3


def test_entries_that_fill_in_turns_stay_two_entries() -> None:
    held = position(
        entry(2, "1", "98"), entry(3, "1", "97"), entry(2, "1", "98"), entry(3, "1", "97")
    )

    assert held.numbers == (2, 3)
    assert held.last_entry == Lot(Decimal(2), Decimal(194))


def test_fees_are_stated_apart() -> None:
    fee = Decimal("0.25")

    held = position(entry(1, "1", "100", fee=fee), leaving("1", "110", fee=fee))

    assert (held.realized, held.fees) == (Decimal(10), Decimal("0.5"))


def test_a_closed_position_is_a_trade() -> None:
    fee = Decimal(1)
    held = position(
        entry(1, "1", "100", at=0, fee=fee),
        entry(2, "1", "98", at=1, fee=fee),
        leaving("2", "105", at=5, fee=fee),
    )

    trade = held.trade(bar(5))

    assert trade == Trade(
        side=Direction.LONG,
        entries=2,
        quantity=Decimal(2),
        entry_cost=Decimal(198),
        exit_proceeds=Decimal(210),
        fees=Decimal(3),
        opened_at=bar(0),
        closed_at=bar(5),
    )
    assert trade.pnl == 9


def test_a_short_trade_earns_what_it_sold_for_more() -> None:
    held = position(entry(1, "1", "100", side=SHORT), leaving("1", "90", side=SHORT))

    assert held.trade(bar(1)).pnl == 10


def test_dust_that_is_left_over_stays_out_of_the_trade() -> None:
    held = position(entry(1, "1.0004", "100"), leaving("1", "110"))

    trade = held.trade(bar(1))

    assert held.is_closed(PERPETUAL, Decimal(110))
    assert (trade.quantity, trade.entry_cost) == (Decimal(1), Decimal(100))
    assert trade.pnl == held.realized


def test_a_position_above_the_venues_minimum_is_not_closed() -> None:
    held = position(entry(1, "1", "100"))

    assert not held.is_closed(PERPETUAL, Decimal(110))
    assert FLAT.is_closed(PERPETUAL, Decimal(110))


def test_a_position_that_never_opened_is_no_trade() -> None:
    with pytest.raises(ValueError, match="a position that never opened is no trade"):
        FLAT.trade(bar(0))


def test_a_new_trade_begins_with_nothing_of_the_one_before() -> None:
    fee = Decimal(1)
    closed = position(entry(1, "1", "100", fee=fee), leaving("1", "110", fee=fee))

    again = closed.after(entry(1, "2", "50", at=9, side=SHORT))

    assert again == position(entry(1, "2", "50", at=9, side=SHORT))


def test_the_first_fill_tells_when_and_on_which_bar_the_position_opened() -> None:
    held = position(entry(1, "1", "100", at=3), entry(2, "1", "98", at=4))

    assert (held.opened_at, held.first_bar) == (bar(3), bar(3))


@pytest.mark.parametrize(
    ("side", "best"), [(Direction.LONG, "105"), (SHORT, "97")], ids=["long", "short"]
)
def test_the_best_price_is_the_most_favorable_since_the_first_entry(
    side: Direction, best: str
) -> None:
    held = position(entry(1, "1", "100", side=side))

    moved = held.seen(Decimal(105), Decimal(97)).seen(Decimal(101), Decimal(99))

    assert moved.best == Decimal(best)


def test_a_price_that_is_not_better_changes_nothing() -> None:
    held = position(entry(1, "1", "100"))

    assert held.seen(Decimal(100), Decimal(90)) is held


def test_a_flat_position_sees_no_prices() -> None:
    closed = position(entry(1, "1", "100"), leaving("1", "110"))

    assert FLAT.seen(Decimal(1), Decimal(1)) is FLAT
    assert closed.seen(Decimal(500), Decimal(1)) is closed
