"""What can be done about a difference between a venue and our books."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from application.answers import Execution, FillReport
from application.differences import (
    Holder,
    Remedy,
    Seen,
    apportioned,
    closing_fills,
    missing,
    remedies,
    to_close,
)
from application.records import BotId
from domain.signal import Direction

AT = datetime(2026, 1, 1, tzinfo=UTC)
ONE, TWO = BotId(1), BotId(2)
LONG, SHORT = Direction.LONG, Direction.SHORT


def seen(ours: str, theirs: str, baseline: str = "0", *, can_short: bool = True) -> Seen:
    return Seen(Decimal(ours), Decimal(theirs), Decimal(baseline), can_short)


def fill(id: str, quantity: str, fee: str = "1") -> FillReport:
    return FillReport(
        trade_id=id,
        quantity=Decimal(quantity),
        price=Decimal(100),
        fee=Decimal(fee),
        fee_currency="USDT",
        at=AT,
    )


@pytest.mark.parametrize(
    ("market", "closes"),
    [
        (seen("2", "5"), (LONG, Decimal(3))),
        (seen("-2", "-5"), (SHORT, Decimal(3))),
        (seen("0", "-5"), (SHORT, Decimal(5))),
        # Bots hold the other side: what is there is closed, and the rest is booked.
        (seen("-2", "5"), (LONG, Decimal(5))),
        (seen("2", "5", "3"), None),
        (seen("2", "4", "3"), None),
        (seen("2", "1"), None),
        (seen("2", "5", can_short=False), None),
    ],
)
def test_only_what_is_there_beyond_our_books_can_be_closed(
    market: Seen, closes: tuple[Direction, Decimal] | None
) -> None:
    assert to_close(market) == closes


@pytest.mark.parametrize(
    ("market", "gone"),
    [
        (seen("2", "0"), "2"),
        (seen("-2", "-1.5"), "0.5"),
        (seen("2", "3", "3"), "2"),
        (seen("2", "2"), None),
        (seen("2", "3"), None),
        # The other side is no part of ours that is gone.
        (seen("2", "-1"), None),
    ],
)
def test_what_the_venue_holds_less_on_our_side_is_gone(
    market: Seen, gone: str | None
) -> None:
    assert missing(market) == (None if gone is None else Decimal(gone))


def test_a_part_that_is_gone_can_be_booked_only_where_one_bot_holds() -> None:
    part, whole = seen("2", "1"), seen("2", "0")

    assert remedies(part, 1) == (Remedy.ADOPT, Remedy.IGNORE)
    assert remedies(part, 2) == (Remedy.IGNORE,)
    assert remedies(whole, 2) == (Remedy.ADOPT, Remedy.IGNORE)


def test_executions_count_only_if_they_explain_all_that_is_gone() -> None:
    sold = [Execution(fill=fill("a", "1"), buys=False)]
    more = [*sold, Execution(fill=fill("b", "0.5"), buys=False)]
    bought = Execution(fill=fill("c", "1"), buys=True)

    assert closing_fills([*sold, bought], (), Decimal(1), long=True) == (fill("a", "1"),)
    assert closing_fills(more, (), Decimal(1), long=True) == ()
    assert closing_fills(more, ("b",), Decimal(1), long=True) == (fill("a", "1"),)


def test_an_execution_that_closed_for_two_bots_is_split_and_its_fee_counts_once() -> None:
    holders = (Holder(ONE, Decimal(1)), Holder(TWO, Decimal(3)))

    parts = apportioned([fill("a", "3"), fill("b", "1")], holders, Decimal(4))

    assert parts[ONE] == (fill("a", "1"),)
    assert parts[TWO] == (
        fill("a:rest", "2", fee="0"),
        fill("b", "1"),
    )


def test_one_bot_takes_no_more_than_what_is_gone() -> None:
    parts = apportioned([fill("a", "1")], (Holder(ONE, Decimal(3)),), Decimal(1))

    assert parts == {ONE: (fill("a", "1"),)}
