from decimal import Decimal

import pytest

from domain.performance import (
    Drawdown,
    EquityPoint,
    average,
    equity_curve,
    longest_losing_streak,
    max_drawdown,
    performance,
    profit_factor,
    win_rate,
)
from domain.position import Trade
from domain.signal import Direction
from tests.domain.examples import bar


def trade(pnl: str, at: int, fees: str = "1") -> Trade:
    """Return a long that earned ``pnl`` after ``fees`` on the bar before ``at``."""
    return Trade(
        side=Direction.LONG,
        entries=1,
        quantity=Decimal(1),
        entry_cost=Decimal(100),
        exit_proceeds=Decimal(100) + Decimal(pnl) + Decimal(fees),
        fees=Decimal(fees),
        opened_at=bar(at - 1),
        closed_at=bar(at),
    )


def decimals(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


def curve(*equities: int) -> list[EquityPoint]:
    return [EquityPoint(bar(at), Decimal(equity)) for at, equity in enumerate(equities)]


RESULTS = ("30", "-10", "-20", "0", "50", "-5")
TRADES = [trade(pnl, at) for at, pnl in enumerate(RESULTS, 1)]


def test_trades_are_counted_as_won_lost_and_even() -> None:
    earned = performance(TRADES)

    assert (earned.trades, earned.wins, earned.losses) == (6, 2, 3)
    assert str(earned.win_rate) == "0." + 60 * "3"


def test_profit_and_loss_add_up_to_the_net_after_fees() -> None:
    earned = performance(TRADES)

    assert (earned.gross_profit, earned.gross_loss) == (Decimal(80), Decimal(35))
    assert earned.net_profit == 45
    assert earned.fees == 6


def test_averages_and_extremes_are_stated_as_amounts() -> None:
    earned = performance(TRADES)

    assert earned.expectancy == Decimal("7.5")
    assert (earned.average_win, earned.largest_win) == (Decimal(40), Decimal(50))
    assert earned.largest_loss == Decimal(20)
    assert str(earned.average_loss).startswith("11.666666")
    assert earned.losses_in_row == 2


def test_a_small_gain_that_fees_ate_is_a_loss() -> None:
    earned = performance([trade("-0.5", 1, fees="2")])

    assert (earned.wins, earned.losses) == (0, 1)


def test_nothing_traded_is_nothing_known() -> None:
    earned = performance([], Decimal(1000))

    assert (earned.trades, earned.net_profit, earned.equity) == (0, Decimal(0), ())
    assert earned.win_rate is earned.profit_factor is earned.expectancy is None
    assert earned.average_win is earned.average_loss is None
    assert earned.largest_win is earned.largest_loss is None
    assert earned.drawdown == Drawdown(fraction=Decimal(0))


def test_trades_count_in_the_order_of_their_closing() -> None:
    assert performance(list(reversed(TRADES)), Decimal(100)) == performance(
        TRADES, Decimal(100)
    )


def test_the_profit_factor_is_profit_for_each_unit_lost() -> None:
    assert profit_factor(Decimal(80), Decimal(32)) == Decimal("2.5")
    assert profit_factor(Decimal(0), Decimal(32)) == 0


def test_without_a_loss_there_is_no_profit_factor() -> None:
    assert profit_factor(Decimal(80), Decimal(0)) is None
    assert performance([trade("5", 1)]).profit_factor is None


def test_a_win_rate_is_a_fraction_of_all_trades() -> None:
    assert win_rate(1, 4) == Decimal("0.25")
    assert win_rate(0, 0) is None


def test_the_average_of_nothing_is_not_zero() -> None:
    assert average([]) is None
    assert average(decimals("1", "2")) == Decimal("1.5")


@pytest.mark.parametrize(
    ("results", "longest"),
    [
        ((), 0),
        (("1", "2"), 0),
        (("-1", "-1", "1", "-1"), 2),
        (("-1", "0", "-1"), 1),
        (("1", "-1", "-1", "-1"), 3),
    ],
)
def test_a_losing_streak_ends_with_a_trade_that_did_not_lose(
    results: tuple[str, ...], longest: int
) -> None:
    assert longest_losing_streak(decimals(*results)) == longest


def test_the_equity_curve_begins_with_the_balance_at_the_first_opening() -> None:
    points = equity_curve(TRADES[:2], Decimal(1000))

    assert points == (
        EquityPoint(bar(0), Decimal(1000)),
        EquityPoint(bar(1), Decimal(1030)),
        EquityPoint(bar(2), Decimal(1020)),
    )


def test_a_drawdown_is_the_deepest_fall_from_the_highest_point_before_it() -> None:
    fall = max_drawdown(curve(100, 140, 120, 150, 90, 130, 100))

    assert fall == Drawdown(Decimal(60), Decimal("0.4"), bar(3), bar(4))


def test_a_curve_that_never_fell_has_no_drawdown() -> None:
    assert max_drawdown(curve(100, 100, 120)) == Drawdown(fraction=Decimal(0))
    assert max_drawdown([]) == Drawdown(fraction=Decimal(0))


def test_a_fall_begins_at_the_first_of_equal_peaks() -> None:
    assert max_drawdown(curve(100, 100, 90)).start == bar(0)


def test_of_two_equal_falls_the_first_is_told() -> None:
    assert max_drawdown(curve(100, 90, 100, 90)).end == bar(1)


def test_a_fall_from_the_start_balance_counts() -> None:
    earned = performance([trade("-25", 1)], Decimal(100))

    assert earned.drawdown == Drawdown(Decimal(25), Decimal("0.25"), bar(0), bar(1))


def test_without_a_balance_a_fall_is_a_fraction_of_nothing() -> None:
    earned = performance([trade("30", 1), trade("-10", 2)])

    assert earned.drawdown == Drawdown(Decimal(10), None, bar(1), bar(2))


def test_a_fall_from_below_zero_is_a_fraction_of_nothing() -> None:
    assert max_drawdown(curve(-10, -30)).fraction is None
    assert max_drawdown(curve(0, -30)).fraction is None
