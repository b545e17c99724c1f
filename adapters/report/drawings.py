"""The drawings of one run: equity, falls, months, trades, and when they were good."""

from calendar import day_abbr
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import accumulate

from adapters.report.charts import (
    Bar,
    Chart,
    Lines,
    Points,
    bar_chart,
    histogram,
    line_chart,
    scatter,
)
from application import wording
from application.results.summary import Summary
from application.runs import Run
from domain.equity import Drawdown, EquityPoint
from domain.measured import return_fraction
from domain.performance import Performance

_BINS = 24
_HUNDRED = 100
_HOURS, _DAYS = range(24), range(7)


def equity_drawing(run: Run, summary: Summary, *, logarithmic: bool) -> Chart | None:
    """Draw equity beside holding, the worst falls shaded; None where it cannot be."""
    lines = [("equity", points(run.curve)), ("hold", points(run.hold))]
    shown = [(style, line) for style, line in lines if line]
    if not run.curve or (logarithmic and any(p[1] <= 0 for _, li in shown for p in li)):
        return None
    scale = "on a logarithmic scale" if logarithmic else "on a linear scale"
    end = run.data.end
    return line_chart(
        Lines(
            said=f"Equity from {run.balance} to {run.curve[-1].equity} {scale}",
            lines=shown,
            logarithmic=logarithmic,
            shaded=[_span(fall, end) for fall in summary.worst],
        )
    )


def underwater_drawing(run: Run) -> Chart | None:
    """Draw how far equity is below its highest point so far, in percent of it."""
    if not run.curve or run.curve[0].equity <= 0:
        return None
    line = points(run.curve)
    peaks = accumulate((value for _, value in line), max)
    falls = [
        (at, (value / peak - 1) * _HUNDRED)
        for (at, value), peak in zip(line, peaks, strict=True)
    ]
    return line_chart(
        Lines(
            said="How far equity is below its highest point so far, in percent",
            lines=[("under", falls)],
            height=150,
            filled=True,
            suffix=" %",
            ticks=3,
        )
    )


def distribution_drawing(run: Run) -> Chart | None:
    """Draw how often trades earned how much, in percent of their entries' cost."""
    results = _returns(run)
    if not results:
        return None
    bins = histogram(results, _BINS)
    bars = [
        Bar(
            _percent((low + high) / 2),
            count,
            f"{_percent(low)} to {_percent(high)}: {count}",
        )
        for low, high, count in bins
    ]
    styles = ["up" if low >= 0 else "down" for low, _, _ in bins]
    return bar_chart("How many trades earned how many percent", bars, styles=styles)


def excursion_drawing(run: Run) -> Chart | None:
    """Draw what each trade earned against the most that it was down."""
    dots = [
        (
            float(one.adverse),
            float(one.trade.pnl),
            _said(number, one.trade.pnl, one.adverse),
        )
        for number, one in enumerate(run.trades, 1)
        if one.adverse is not None
    ]
    if not dots:
        return None
    return scatter("What trades earned against the most that they were down", dots)


def weekday_drawing(summary: Summary) -> Chart | None:
    """Draw what the trades opened on each weekday earned together."""
    return _by(summary.by_weekday, _DAYS, lambda day: day_abbr[day], "weekday")


def hour_drawing(summary: Summary) -> Chart | None:
    """Draw what the trades opened in each hour earned together."""
    return _by(summary.by_hour, _HOURS, lambda hour: f"{hour:02d}", "hour of entry, UTC")


def points(curve: Iterable[EquityPoint]) -> Points:
    """Return a curve as a drawing takes it: unix seconds and a value."""
    return [(at.timestamp(), float(value)) for at, value in curve]


def _by(
    groups: Mapping[int, Performance],
    keys: Sequence[int],
    label: Callable[[int], str],
    what: str,
) -> Chart | None:
    if not groups:
        return None
    bars = []
    for key in keys:
        group = groups.get(key)
        earned = group.net_profit if group else Decimal(0)
        trades = wording.plural(group.trades if group else 0, "trade")
        bars.append(
            Bar(
                label(key), float(earned), f"{label(key)}: {wording.gain(earned)}, {trades}"
            )
        )
    return bar_chart(f"What trades earned by {what}", bars)


def _returns(run: Run) -> list[float]:
    fractions = [return_fraction(one.trade) for one in run.trades]
    return [float(one) * _HUNDRED for one in fractions if one is not None]


def _span(fall: Drawdown, end: datetime) -> tuple[float, float, str]:
    start, until = fall.start or end, fall.recovered or end
    part = "" if fall.fraction is None else f" ({wording.percent(fall.fraction)} %)"
    lasted = wording.duration(until - start)
    said = f"{wording.MINUS}{wording.money(fall.amount)}{part}, {lasted}"
    return start.timestamp(), until.timestamp(), said


def _said(number: int, earned: Decimal, down: Decimal | None) -> str:
    return f"#{number}: {wording.gain(earned)}, down {wording.money(down or Decimal(0))}"


def _percent(value: float) -> str:
    return f"{wording.fixed(Decimal(value), 1)} %"
