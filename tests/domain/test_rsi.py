import csv
from pathlib import Path

import pytest

from domain.rsi import WilderRsi, relative_strength, rsi_series

EXPORT = Path(__file__).parents[1] / "data" / "FX_EURUSD_30_rsi.csv"


def closes_and_rsi() -> list[tuple[float, float | None]]:
    with EXPORT.open(encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    return [(float(row[4]), None if row[7] == "NaN" else float(row[7])) for row in rows]


def test_every_value_is_tradingviews_own_to_the_twelfth_decimal() -> None:
    closes, expected = zip(*closes_and_rsi(), strict=True)

    computed = list(rsi_series(closes, 14))

    assert computed[14:] == pytest.approx(expected[14:], rel=0, abs=1e-12)


def test_the_first_value_comes_in_row_fourteen() -> None:
    closes, expected = zip(*closes_and_rsi(), strict=True)

    computed = list(rsi_series(closes, 14))

    assert computed[:14] == list(expected[:14]) == 14 * [None]
    assert computed[14] is not None


def test_prices_that_do_not_move_have_no_rsi() -> None:
    assert list(rsi_series([100.0] * 20, 3)) == 20 * [None]


def test_prices_that_only_rise_have_an_rsi_of_a_hundred() -> None:
    assert list(rsi_series([1.0, 2.0, 3.0, 4.0], 2)) == [None, None, 100.0, 100.0]


def test_prices_that_only_fall_have_an_rsi_of_zero() -> None:
    assert list(rsi_series([4.0, 3.0, 2.0], 2)) == [None, None, 0.0]


def test_averages_are_seeded_by_the_mean_and_then_smoothed() -> None:
    rsi = WilderRsi(2)

    values = [rsi.update(close) for close in (10.0, 12.0, 11.0, 13.0)]

    assert values == [None, None, 100 - 100 / (1 + 1.0 / 0.5), 100 - 100 / (1 + 1.5 / 0.25)]


def test_equal_gains_and_losses_are_the_middle() -> None:
    assert relative_strength(1.5, 1.5) == 50.0


def test_a_length_of_one_is_either_end() -> None:
    assert list(rsi_series([1.0, 2.0, 1.0, 1.0], 1)) == [None, 100.0, 0.0, None]


def test_a_length_without_an_average_is_refused() -> None:
    with pytest.raises(ValueError, match="RSI length must be at least 1, was 0"):
        WilderRsi(0)
