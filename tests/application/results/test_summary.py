from datetime import date, timedelta
from decimal import Decimal

import pytest

from application import wording
from application.results.export import exported
from application.results.metric import Kind, Section, shown
from application.results.metrics import BY_KEY, METRICS, of_section
from application.results.summary import summarize
from domain.equity import EquityPoint
from domain.signal import Direction
from tests.application.results.sample_runs import BALANCE, START, data, run


def test_every_figure_of_the_catalog_is_measured_and_no_other() -> None:
    assert set(summarize(run()).figures) == set(BY_KEY)
    assert len(METRICS) == len(BY_KEY)


def test_the_headline_is_tradingviews_in_its_order() -> None:
    titles = [metric.title for metric in of_section(Section.HEADLINE)]

    assert titles == [
        "Total P&L",
        "Max equity drawdown",
        "Total trades",
        "Profitable trades",
        "Profit factor",
    ]


def test_every_figure_says_what_it_means_and_where_it_is_from() -> None:
    silent = [
        one.key for one in METRICS if not (one.formula and one.nothing and one.source)
    ]

    assert silent == []


def test_a_run_without_trades_knows_nothing_and_says_so() -> None:
    empty = run(0, curve=(), decisions={})

    summary = summarize(empty)

    known = {key for key, value in summary.figures.items() if value}
    assert known == set()
    assert [one.code for one in summary.cautions] == ["trades.none"]
    assert (summary.worst, summary.months) == ((), ())


def test_the_sides_add_up_to_the_whole() -> None:
    summary = summarize(run())

    sides = [summary.by_side[side]["net_profit"] for side in Direction]
    assert (
        sum(one for one in sides if isinstance(one, Decimal))
        == summary.figures["net_profit"]
    )


def test_what_is_open_counts_in_equity_and_in_no_trade() -> None:
    closed = run(2)
    last = EquityPoint(data().end, closed.curve[-1].equity + 70)
    held = run(2, curve=(*closed.curve, last), open_profit=Decimal(70), open_since=START)

    figures = summarize(held).figures

    assert figures["net_profit"] == summarize(closed).figures["net_profit"]
    assert figures["total_pnl"] == last.equity - BALANCE
    assert figures["open_pnl"] == 70
    assert figures["exposure"] == 1


def test_holding_is_measured_against_the_balance() -> None:
    hold = (EquityPoint(START, BALANCE), EquityPoint(data().end, BALANCE * 2))

    assert summarize(run(3, hold=hold)).figures["buy_and_hold"] == BALANCE


def test_months_and_hours_are_told_apart() -> None:
    summary = summarize(run(20))

    assert summary.months[0][0] == date(2022, 3, 1)
    assert set(summary.by_hour) == {0}
    assert sum(group.trades for group in summary.by_weekday.values()) == 20


def test_a_fall_that_lasts_is_counted_to_the_end() -> None:
    fallen = (EquityPoint(START, BALANCE), EquityPoint(START, BALANCE - 1))

    figures = summarize(run(1, curve=fallen)).figures

    assert figures["longest_drawdown"] == data().end - START


def test_json_has_exact_amounts_and_seconds() -> None:
    sample = run(3)
    whole = exported(sample, summarize(sample))

    assert whole["trades"][0]["pnl"] == sample.trades[0].trade.pnl
    assert isinstance(whole["figures"]["longest_drawdown"], float)
    assert whole["months"][0]["month"] == date(2022, 3, 1)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (Kind.GAIN, Decimal("1234.567"), "+1,234.57"),
        (Kind.GAIN, Decimal("-0.001"), "0.00"),
        (Kind.MONEY, Decimal(-5), f"{wording.MINUS}5.00"),
        (Kind.PERCENT, Decimal("0.1234"), "12.34 %"),
        (Kind.GROWTH, 0.5, "+50.00 %"),
        (Kind.RATIO, -1.005, f"{wording.MINUS}1.00"),
        (Kind.COUNT, 1200, "1,200"),
        (Kind.BARS, Decimal("2.25"), "2.2"),
        (Kind.SPAN, timedelta(hours=30), "1 d 6 h"),
        (Kind.RATIO, None, wording.NOTHING),
    ],
)
def test_a_figure_is_written_as_its_kind(
    kind: Kind, value: Decimal | float | timedelta | None, text: str
) -> None:
    assert shown(kind, value) == text
