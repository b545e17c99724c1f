from decimal import Decimal

import pytest

from domain.equity import Drawdown
from domain.performance import (
    average,
    longest_losing_streak,
    longest_winning_streak,
    performance,
    profit_factor,
    win_rate,
)
from tests.domain.examples import bar
from tests.domain.runs import trade


def decimals(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


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
    assert (earned.losses_in_row, earned.wins_in_row) == (2, 1)


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
    assert longest_winning_streak([-one for one in decimals(*results)]) == longest


def test_a_fall_from_the_start_balance_counts() -> None:
    earned = performance([trade("-25", 1)], Decimal(100))

    assert earned.drawdown == Drawdown(Decimal(25), Decimal("0.25"), bar(0), bar(1))


def test_without_a_balance_a_fall_is_a_fraction_of_nothing() -> None:
    earned = performance([trade("30", 1), trade("-10", 2)])

    assert earned.drawdown == Drawdown(Decimal(10), None, bar(1), bar(2))
