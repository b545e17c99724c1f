"""Two lists of trades side by side: what is the same, what differs, and probably why."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

import numpy as np

from application.backtesting.request import FillMode
from application.backtesting.result import BacktestResult
from application.ports.bars import Bars
from application.ports.trade_list import ListedTrade
from domain.money import ONE, ZERO, divide_down, quantize_down, subtract

_OFTEN = 0.8
"""A difference that so large a part of the pairs share has one cause."""


class Differs(Enum):
    """What of a pair of trades differs."""

    ENTRY_TIME = "entry time"
    ENTRY_PRICE = "entry price"
    EXIT_TIME = "exit time"
    EXIT_PRICE = "exit price"
    QUANTITY = "quantity"
    ONLY_THEIRS = "only in the list"
    ONLY_OURS = "only in our run"


class Difference(NamedTuple):
    """One difference, with both values as they are, and its probable cause in words."""

    what: Differs
    theirs: ListedTrade | None
    ours: ListedTrade | None
    values: tuple[object, object]
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The outcome.

    ``pairs`` counts trades found in both, ``same`` those without any difference.
    ``causes`` are what many differences have in common.
    """

    theirs: int
    ours: int
    pairs: int
    same: int
    differences: tuple[Difference, ...]
    causes: tuple[str, ...]

    @property
    def is_equal(self) -> bool:
        """Say whether nothing differs at all."""
        return not self.differences


Pair = tuple[ListedTrade, ListedTrade]


def compare(
    theirs: Sequence[ListedTrade], ours: Sequence[ListedTrade], result: BacktestResult
) -> Comparison:
    """Align two lists by side and time of entry and say what differs.

    An exit at the end of the history, where either list closes what is open for show, is
    not compared.
    """
    pairs, lonely_theirs, lonely_ours = _aligned(theirs, ours, result.bars)
    common = tuple(_common_causes(pairs, result))
    differences: list[Difference] = []
    same = 0
    for pair in pairs:
        found = list(_differences(pair, result.bars))
        same += not found
        differences += found
    differences += [_missing_ours(one, result) for one in lonely_theirs]
    differences += [_missing_theirs(one, result) for one in lonely_ours]
    return Comparison(
        theirs=len(theirs),
        ours=len(ours),
        pairs=len(pairs),
        same=same,
        differences=tuple(differences),
        causes=common,
    )


def _aligned(
    theirs: Sequence[ListedTrade], ours: Sequence[ListedTrade], bars: Bars
) -> tuple[list[Pair], list[ListedTrade], list[ListedTrade]]:
    """Pair equal entries first, then those of one side that are a bar or a zone apart."""
    pairs: list[Pair] = []
    waiting: dict[tuple[object, ...], list[ListedTrade]] = {}
    for one in ours:
        waiting.setdefault((one.side, one.entry_at), []).append(one)
    rest: list[ListedTrade] = []
    for one in theirs:
        same = waiting.get((one.side, one.entry_at))
        if same:
            pairs.append((one, same.pop(0)))
        else:
            rest.append(one)
    left = [one for group in waiting.values() for one in group]
    shift = _usual_shift(rest, left)
    lonely: list[ListedTrade] = []
    for one in rest:
        near = _near(one, left, shift, 2 * bars.timeframe.shortest)
        if near is None:
            lonely.append(one)
        else:
            left.remove(near)
            pairs.append((one, near))
    pairs.sort(key=lambda pair: pair[0].number)
    return pairs, lonely, left


def _usual_shift(rest: Sequence[ListedTrade], left: Sequence[ListedTrade]) -> timedelta:
    """Return by how much most of the unpaired entries of both lists are apart."""
    if not rest or not left:
        return timedelta()
    shifts = Counter(
        theirs.entry_at - ours.entry_at
        for theirs in rest[:_TRIED]
        for ours in left[: 2 * _TRIED]
        if theirs.side is ours.side and theirs.entry_price == ours.entry_price
    )
    return shifts.most_common(1)[0][0] if shifts else timedelta()


_TRIED = 200


def _near(
    one: ListedTrade, left: Sequence[ListedTrade], shift: timedelta, reach: timedelta
) -> ListedTrade | None:
    best: ListedTrade | None = None
    nearest = reach
    for other in left:
        apart = abs(one.entry_at - other.entry_at - shift)
        if other.side is one.side and apart <= nearest:
            best, nearest = other, apart
    return best


def _differences(pair: Pair, bars: Bars) -> Iterator[Difference]:
    theirs, ours = pair
    compared = [
        (Differs.ENTRY_TIME, theirs.entry_at, ours.entry_at),
        (Differs.ENTRY_PRICE, theirs.entry_price, ours.entry_price),
    ]
    if not (theirs.is_open or ours.is_open):
        compared.append((Differs.EXIT_TIME, theirs.exit_at, ours.exit_at))
        compared.append((Differs.EXIT_PRICE, theirs.exit_price, ours.exit_price))
    elif theirs.is_open is not ours.is_open:
        values = (_state(theirs), _state(ours))
        cause = "the two histories do not end with the same bar, or an exit differs"
        yield Difference(Differs.EXIT_TIME, theirs, ours, values, cause)
    if theirs.quantity is not None:
        compared.append((Differs.QUANTITY, theirs.quantity, ours.quantity))
    for what, mine, other in compared:
        if mine != other:
            cause = _cause(what, pair, bars)
            yield Difference(what, theirs, ours, (mine, other), cause)


def _state(trade: ListedTrade) -> str:
    return "open" if trade.is_open else "closed"


def _cause(what: Differs, pair: Pair, bars: Bars) -> str:
    theirs, ours = pair
    if what in (Differs.ENTRY_TIME, Differs.EXIT_TIME):
        apart = abs(theirs.entry_at - ours.entry_at)
        if apart == bars.timeframe.shortest:
            return "one bar apart: filled on the close here, at the next open there?"
        return "times are apart: another time zone of the chart (--timezone)?"
    if what is Differs.QUANTITY:
        return "another size: check sizing, capital, commission and quantity step"
    return "another price: check slippage, the fill mode, and whether the bars are the same"


def _common_causes(pairs: Sequence[Pair], result: BacktestResult) -> Iterator[str]:
    """Yield what explains most of the pairs at once."""
    if not pairs:
        return
    shift, count = Counter(t.entry_at - o.entry_at for t, o in pairs).most_common(1)[0]
    if shift and count >= _OFTEN * len(pairs):
        hours = shift / timedelta(hours=1)
        yield (
            f"{count} of {len(pairs)} entries are {hours:+g} h apart: the list's times are "
            "of another time zone, or the fill mode is another"
        )
    slips = Counter(_slip(pair) for pair in pairs)
    slip, count = slips.most_common(1)[0]
    if slip and count >= _OFTEN * len(pairs):
        ticks = divide_down(slip, result.request.instrument.price_tick)
        yield (
            f"{count} of {len(pairs)} entries are {ticks:f} ticks worse in the list: its "
            "slippage (--slippage-ticks)"
        )
    ratios = Counter(_ratio(pair) for pair in pairs)
    ratio, count = ratios.most_common(1)[0]
    if ratio not in (None, ONE) and count >= _OFTEN * len(pairs):
        yield f"{count} of {len(pairs)} sizes are {ratio:f} times ours: another sizing"
    yield from _fill_causes(pairs, result)


def _fill_causes(pairs: Sequence[Pair], result: BacktestResult) -> Iterator[str]:
    """Yield that the list fills at another moment of the bar than our run."""
    bars, mine = result.bars, result.request.settings.fill
    opens = closes = 0
    for theirs, _ in pairs:
        place = int(np.searchsorted(bars.times, int(theirs.entry_at.timestamp())))
        if 0 < place < len(bars):
            price = theirs.entry_price
            opens += bars.price(bars.opens[place].item()) == price
            closes += bars.price(bars.closes[place].item()) == price
    enough = _OFTEN * len(pairs)
    if mine is FillMode.CLOSE and opens >= enough:
        yield "the list fills at the next bar's open: run with --fill next_open"
    if mine is FillMode.NEXT_OPEN and closes >= enough > opens:
        yield "the list fills at the close of the signal's bar: run with --fill close"


def _slip(pair: Pair) -> Decimal:
    theirs, ours = pair
    worse = subtract(theirs.entry_price, ours.entry_price)
    return worse if theirs.side.value == "LONG" else subtract(ZERO, worse)


def _ratio(pair: Pair) -> Decimal | None:
    theirs, ours = pair
    if theirs.quantity is None or not ours.quantity:
        return None
    return quantize_down(divide_down(theirs.quantity, ours.quantity), _MILLIONTH)


_MILLIONTH = Decimal("0.000001")


def _missing_ours(one: ListedTrade, result: BacktestResult) -> Difference:
    bars = result.bars
    first, last = bars.opened_at(0), bars.opened_at(len(bars) - 1)
    if one.entry_at < first:
        cause = f"it began before the history, whose first bar is {first:%Y-%m-%d %H:%M}"
    elif one.entry_at > last:
        cause = f"it began after the history, whose last bar is {last:%Y-%m-%d %H:%M}"
    else:
        cause = _why_absent(one, result)
    return Difference(Differs.ONLY_THEIRS, one, None, (one.entry_at, None), cause)


def _why_absent(one: ListedTrade, result: BacktestResult) -> str:
    near = [
        refused
        for refused in result.refused
        if abs(result.bars.opened_at(refused.bar) - one.entry_at)
        <= result.bars.timeframe.shortest
    ]
    if near:
        return f"our run refused an entry there: {near[0].finding.reason.value}"
    return (
        "our rules did not enter there: other levels, another trigger, fewer entries at "
        "most, or RSI that began with other bars"
    )


def _missing_theirs(one: ListedTrade, result: BacktestResult) -> Difference:
    count = result.request.rules.rsi.length
    early = one.entry_at <= result.bars.opened_at(min(10 * count, len(result.bars) - 1))
    cause = (
        "within the first bars, where RSI depends on where the history begins"
        if early
        else "the list did not enter there: other levels, pyramiding, or margin"
    )
    return Difference(Differs.ONLY_OURS, None, one, (None, one.entry_at), cause)
