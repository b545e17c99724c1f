from pathlib import Path

import numpy as np
import pytest

from adapters.bars.chart_export import read_chart_export
from adapters.bars.chart_name import chart_name
from adapters.bars.column_cache import ColumnCache
from application.ports.bars import BadHistory, BarIssueKind, Bars
from domain.timeframe import Timeframe

DATA = Path(__file__).parents[2] / "data"
HEADER = "time,open,high,low,close\n"
ROWS = "1700000000,1,2,0.5,1.5\n1700003600,1.5,2,1,1.25\n1700007200,1.25,2,1,1.75\n"


def read(tmp_path: Path, text: str | bytes, name: str = "BINANCE_BTCUSDT, 60.csv") -> Bars:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_chart_export(path)


@pytest.mark.parametrize(
    ("name", "exchange", "ticker", "timeframe"),
    [
        ("BINANCE_BTCUSDT.P, 60.csv", "BINANCE", "BTCUSDT.P", "1h"),
        ("BINANCE_BTCUSDT, 1D.csv", "BINANCE", "BTCUSDT", "1D"),
        ("CME_MINI_NQ1!, 240.csv", "CME_MINI", "NQ1!", "4h"),
        ("FX_NAS100, 5 (1).csv", "FX", "NAS100", "5m"),
        ("BINANCE_ETHUSDT, 15_30a09.csv", "BINANCE", "ETHUSDT", "15m"),
    ],
)
def test_a_files_name_says_which_chart_it_is(
    name: str, exchange: str, ticker: str, timeframe: str
) -> None:
    found = chart_name(Path(name))

    assert found[:2] == (exchange, ticker)
    assert str(found.timeframe) == timeframe


def test_prices_are_exactly_those_of_the_file(tmp_path: Path) -> None:
    bars = read(tmp_path, HEADER + ROWS)

    assert [f"{bars.price(int(close)):f}" for close in bars.closes] == [
        *("1.50", "1.25", "1.75")
    ]
    assert str(bars.timeframe) == "1h"
    assert bars.issues == ()


@pytest.mark.parametrize(
    "times",
    [
        ("1700006400", "1700010000"),
        ("1700006400000", "1700010000000"),
        ("2023-11-15T09:00:00+09:00", "2023-11-15T10:00:00+09:00"),
        ("2023-11-14T19:00:00-05:00", "2023-11-14T20:00:00-05:00"),
        ("2023-11-15T00:00:00Z", "2023-11-15T01:00:00Z"),
    ],
)
def test_time_is_read_in_every_form_of_tradingview(
    tmp_path: Path, times: tuple[str, str]
) -> None:
    rows = "".join(f"{time},1,2,1,1.5\n" for time in times)

    assert read(tmp_path, HEADER + rows).times.tolist() == [1700006400, 1700010000]


def test_a_daily_chart_has_dates_alone(tmp_path: Path) -> None:
    rows = "2022-09-24,1,2,1,1.5\n2022-09-25,1,2,1,1.5\n"

    bars = read(tmp_path, HEADER + rows, "BINANCE_BTCUSDT, 1D.csv")

    assert bars.times.tolist() == [1663977600, 1664064000]


def test_very_small_prices_with_exponents_stay_exact(tmp_path: Path) -> None:
    rows = (
        "1700000000,1e-05,1.3e-05,1e-05,1.2850001e-05\n1700003600,1e-05,1e-05,1e-05,1e-05\n"
    )

    bars = read(tmp_path, HEADER + rows)

    assert f"{bars.price(int(bars.closes[0])):f}" == "0.000012850001"


def test_columns_are_told_by_their_place_and_titles_may_repeat(tmp_path: Path) -> None:
    header = '\ufefftime,open,high,low,close,Plot,Plot,"ta.rsi(close, 14)",CVD (Haut\n'
    rows = "1700000000,1,2,1,1.5,7,8,NaN,\n1700003600,1,2,1,1.5,9,10,55.5,3,extra\n"

    bars = read(tmp_path, header + rows)

    assert list(bars.plots) == [
        *("Plot", "Plot 2", "ta.rsi(close, 14)", "CVD (Haut", "column 10")
    ]
    assert bars.plots["Plot 2"].tolist() == [8, 10]
    assert np.isnan(bars.plots["ta.rsi(close, 14)"]).tolist() == [True, False]


def test_titles_in_another_language_change_nothing(tmp_path: Path) -> None:
    header = "temps,ouverture,haut,bas,clôture,Volume\n"

    bars = read(tmp_path, header + "1700000000,1,2,1,1.5,7\n1700003600,1,2,1,1.5,7\n")

    assert len(bars) == 2


def test_gaps_repeats_and_disorder_are_told_with_their_lines(tmp_path: Path) -> None:
    rows = (
        "1700000000,1,2,1,1\n1700003600,1,2,1,1\n1700014400,1,2,1,1\n"
        "1700007200,1,2,1,1\n1700003600,1,2,1,2\n1700018000,1,NaN,1,2\n"
    )

    bars = read(tmp_path, HEADER + rows)

    assert [(issue.kind, issue.line) for issue in bars.issues] == [
        (BarIssueKind.GAP, 4),
        (BarIssueKind.DISORDER, 5),
        (BarIssueKind.DISORDER, 6),
        (BarIssueKind.DUPLICATE, 6),
        (BarIssueKind.EMPTY, 7),
    ]
    assert bars.times.tolist() == [1700000000, 1700003600, 1700007200, 1700014400]
    assert bars.closes.tolist() == [1, 2, 1, 1]


def test_a_last_bar_whose_plots_are_missing_had_not_closed(tmp_path: Path) -> None:
    rows = "".join(f"{1700000000 + 3600 * n},1,2,1,1,5\n" for n in range(30))

    bars = read(tmp_path, "time,open,high,low,close,MA\n" + rows + "1700108000,1,2,1,1,\n")

    assert len(bars) == 30
    assert [issue.kind for issue in bars.issues] == [BarIssueKind.UNFINISHED]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "it is empty"),
        (HEADER, "a header and no bars"),
        (HEADER + "1700000000,1,2,1\n", "line 2, column 4"),
        (HEADER + ROWS + "yesterday,1,2,1,1\n", "line 5, column 1: 'yesterday' is no time"),
        (HEADER + ROWS + "1700010800,1,2,1,1;5\n", "line 5, column 5: '1;5' must be a"),
        (HEADER + ROWS + "1700010800,1,2,-1,1\n", "line 5, column 4: '-1' must be a price"),
        (HEADER + "1700000000,1,2,3,1\n" + ROWS, "line 2: the high 2.00 is below the low"),
        (b"\xff\xfet\x00i\x00", "is not UTF-8"),
    ],
    ids=[
        *("empty", "no bars", "too few columns", "no time", "no price"),
        *("negative", "high below low", "utf-16"),
    ],
)
def test_a_file_that_cannot_be_used_says_where_and_why(
    tmp_path: Path, text: str | bytes, told: str
) -> None:
    with pytest.raises(BadHistory) as error:
        read(tmp_path, text)

    assert told in str(error.value)
    assert str(error.value).startswith("BINANCE_BTCUSDT, 60.csv")


def test_the_bars_know_better_than_the_files_name(tmp_path: Path) -> None:
    bars = read(tmp_path, HEADER + ROWS, "BINANCE_BTCUSDT, 30.csv")

    assert bars.timeframe == Timeframe.parse("1h")
    assert [issue.kind for issue in bars.issues] == [BarIssueKind.TIMEFRAME]


def test_a_history_comes_back_from_the_cache_as_it_was(tmp_path: Path) -> None:
    path = DATA / "FX_EURUSD_30_rsi.csv"
    cache, reads = ColumnCache(tmp_path / "cache"), []

    def reading() -> Bars:
        reads.append(path)
        return read_chart_export(path)

    first, second = cache.of_file(path, reading), cache.of_file(path, reading)

    assert len(reads) == 1
    for column in ("times", "opens", "highs", "lows", "closes"):
        assert getattr(first, column).tolist() == getattr(second, column).tolist()
    assert second.issues == first.issues
    np.testing.assert_equal(dict(second.plots), dict(first.plots))
    assert second.digits == first.digits == 5


def test_readings_of_one_file_in_different_ways_are_kept_apart(tmp_path: Path) -> None:
    path, cache = DATA / "FX_EURUSD_30_rsi.csv", ColumnCache(tmp_path)
    whole = cache.of_file(path, lambda: read_chart_export(path))

    told = cache.of_file(path, lambda: whole.first(10), "first 10")

    assert len(told) == 10
    assert len(cache.of_file(path, lambda: read_chart_export(path))) == len(whole)


def test_a_cache_that_was_cut_short_is_read_anew(tmp_path: Path) -> None:
    path, cache = DATA / "FX_EURUSD_30_rsi.csv", ColumnCache(tmp_path)
    whole = cache.of_file(path, lambda: read_chart_export(path))
    (kept,) = tmp_path.glob("*.bars")

    kept.write_bytes(kept.read_bytes()[:-100])

    again = cache.of_file(path, lambda: read_chart_export(path))
    assert again.closes.tolist() == whole.closes.tolist()


def test_the_noise_of_binary_floats_is_taken_off_prices(tmp_path: Path) -> None:
    row = "1700000000,1.0683799999999999,1.07,1.0675999999999999,1.06839\n"

    bars = read(tmp_path, HEADER + row + row.replace("1700000000", "1700003600"))

    assert f"{bars.price(int(bars.opens[0])):f}" == "1.06838"
    assert f"{bars.price(int(bars.lows[0])):f}" == "1.06760"


def test_a_real_export_with_repeated_and_foreign_titles_is_read_whole() -> None:
    bars = read_chart_export(DATA / "BINANCE_BTCUSDT, 60 (plots).csv")

    assert (bars.exchange, bars.ticker, str(bars.timeframe)) == ("BINANCE", "BTCUSDT", "1h")
    assert list(bars.plots)[:4] == ["Plot", "Plot 2", "Plot 3", "A组1"]
    assert bars.price(int(bars.closes[0])) == 41787.5
