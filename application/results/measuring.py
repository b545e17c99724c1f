"""From a finished backtest to a run that can be measured.

Equity is exact wherever it is told. It is told at the ends of days and at every turn from
rising to falling and back, which is all that any figure looks at; the turns are found in
one pass over the columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256

import numpy as np

from application.backtesting.curve import equity_at, equity_column
from application.backtesting.log import Execution, Moment
from application.backtesting.result import BacktestResult
from application.ports.bars import BarIssueKind, Bars, FloatColumn, IndexColumn
from application.results.excursions import measured_trades
from application.runs import Data, Run
from domain.equity import EquityPoint, held
from domain.money import add, subtract

_DAY_SECONDS = 86_400
_DRAWN = 1_000
"""About how many further points are kept, so that a drawing shows the shape."""


def measured_run(result: BacktestResult, source: str, settings: Mapping[str, str]) -> Run:
    """Return the run of a backtest. ``source`` says where its bars are from."""
    request, position = result.request, result.position
    places = turning_points(result)
    told = [EquityPoint(*point) for point in equity_at(result, places)]
    entries = [one for one in result.executions if one.fill.number]
    is_flat = position.is_flat
    return Run(
        bot=request.name,
        symbol=request.instrument.symbol,
        currency=request.instrument.settle,
        balance=request.settings.initial_capital,
        data=_data(result, source),
        trades=measured_trades(result),
        curve=(*_start(result), *told),
        hold=_hold(result, places, entries),
        open_profit=None if is_flat else _open_profit(result),
        open_since=None if is_flat else position.opened_at,
        entries=len(entries),
        rsi_length=request.rules.rsi.length if request.rules.strategy == "rsi" else None,
        decisions=result.decisions,
        settings=settings,
    )


def turning_points(result: BacktestResult) -> Sequence[int]:
    """Return the bars whose closes tell the whole of the equity's shape, ascending."""
    count = len(result.bars)
    if not count:
        return []
    column = equity_column(result)
    found = np.concatenate(
        [
            _ends_of_days(result.bars),
            _turns(column),
            _run_up(column),
            np.linspace(0, count - 1, min(count, _DRAWN)).astype(np.intp),
        ]
    )
    places: list[int] = sorted(set(found.tolist()))  # np.unique imports numpy.ma
    return places


def digest(bars: Bars) -> str:
    """Return the SHA-256 of the columns: the same bars have the same, however they came."""
    hashed = sha256(f"{bars.digits} {bars.timeframe}".encode())
    for column in (bars.times, bars.opens, bars.highs, bars.lows, bars.closes):
        hashed.update(np.ascontiguousarray(column, "<i8").tobytes())
    return hashed.hexdigest()


def _open_profit(result: BacktestResult) -> Decimal:
    """Return what the open trade has come to at the last close, after fees so far."""
    position = result.position
    gross = add(position.realized, position.unrealized(result.last_close))
    return subtract(gross, position.fees)


def _start(result: BacktestResult) -> Iterable[EquityPoint]:
    if len(result.bars):
        capital = result.request.settings.initial_capital
        yield EquityPoint(result.bars.opened_at(0), capital)


def _ends_of_days(bars: Bars) -> IndexColumn:
    """Return the last bar of each day, and of all; midnight ends the day before."""
    days = (bars.times + int(bars.timeframe.shortest.total_seconds()) - 1) // _DAY_SECONDS
    return np.append(np.flatnonzero(np.diff(days)), len(bars) - 1)


def _turns(column: FloatColumn) -> IndexColumn:
    """Return each highest point before a fall, the fall's lowest, and its recovery."""
    peaks = np.maximum.accumulate(column)
    under = column < peaks
    edges = np.flatnonzero(np.diff(under.astype(np.int8), prepend=0, append=0))
    starts, ends = edges[::2], edges[1::2]
    if not len(starts):
        return np.empty(0, np.intp)
    lowest = [
        start + int(np.argmin(column[start:end]))
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
    back = ends[ends < len(column)]
    return np.concatenate([starts - 1, np.array(lowest, np.intp), back])


def _run_up(column: FloatColumn) -> IndexColumn:
    """Return the two ends of the largest rise."""
    top = int(np.argmax(column - np.minimum.accumulate(column)))
    return np.array([int(np.argmin(column[: top + 1])), top], np.intp)


def _hold(
    result: BacktestResult, places: Sequence[int], entries: Sequence[Execution]
) -> tuple[EquityPoint, ...]:
    if not entries:
        return ()
    first = entries[0]
    capital, bars = result.request.settings.initial_capital, result.bars
    bought = first.fill.price
    points = [EquityPoint(bars.opened_at(0), capital)]
    if first.bar:
        points.append(EquityPoint(first.fill.at, capital))
    for place in places:
        if place > first.bar or (place == first.bar and first.moment is not Moment.CLOSE):
            price = bars.price(bars.closes[place].item())
            points.append(EquityPoint(bars.closed_at(place), held(capital, bought, price)))
    return tuple(points)


def _data(result: BacktestResult, source: str) -> Data:
    bars = result.bars
    kinds = [issue.kind for issue in bars.issues]
    first = next((one.bar for one in result.executions), None)
    return Data(
        chart=":".join(name for name in (bars.exchange, bars.ticker) if name) or source,
        timeframe=str(bars.timeframe),
        source=source,
        digest=digest(bars),
        bars=len(bars),
        start=bars.opened_at(0),
        end=bars.closed_at(len(bars) - 1),
        gaps=kinds.count(BarIssueKind.GAP),
        missing_bars=_missing(bars) if BarIssueKind.GAP in kinds else 0,
        unfinished_bar=BarIssueKind.UNFINISHED in kinds,
        bars_before_first_signal=first,
    )


def _missing(bars: Bars) -> int:
    """Return how many bars are missing between those that are there."""
    longest = bars.timeframe.shortest.total_seconds()
    return sum(
        bars.timeframe.bars_between(bars.opened_at(place), bars.opened_at(place + 1)) - 1
        for place in np.flatnonzero(np.diff(bars.times) > longest).tolist()
    )
