"""What makes a result untrustworthy, said beside it in plain words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from domain.money import HUNDRED, ZERO, multiply

TRADES_MIN = 30
TRADES_ENOUGH = 100
WIN_RATE_MAX = Decimal("0.9")
PROFIT_FACTOR_MAX = Decimal(4)
SHARPE_MAX = 3.0
SPAN_MIN = timedelta(days=90)
WARM_UP_LENGTHS = 10
"""After so many lengths the first average weighs less than a ten-thousandth in an RSI."""


class Caution(NamedTuple):
    """A stable code, and the sentence that says what to make of it."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a result stands on. What is not known of is None or zero."""

    trades: int
    span: timedelta
    win_rate: Decimal | None = None
    profit_factor: Decimal | None = None
    sharpe: float | None = None
    lowest_equity: Decimal | None = None
    fees: Decimal | None = None
    open_at_end: bool = False
    gaps: int = 0
    missing_bars: int = 0
    unfinished_bar: bool = False
    rsi_length: int | None = None
    bars_before_first_signal: int | None = None


def cautions(evidence: Evidence) -> tuple[Caution, ...]:
    """Return what to keep in mind, the gravest first; nothing where all is well."""
    return (*_ruin(evidence), *_sample(evidence), *_too_good(evidence), *_bars(evidence))


def _ruin(seen: Evidence) -> Iterator[Caution]:
    if seen.lowest_equity is not None and seen.lowest_equity <= ZERO:
        yield Caution(
            "result.ruined",
            "Equity fell to zero or below: a venue would have closed everything long "
            "before, and what follows on it means nothing.",
        )


def _sample(seen: Evidence) -> Iterator[Caution]:
    if seen.trades == 0:
        yield Caution("trades.none", "Nothing was traded, so there is nothing to judge.")
    elif seen.trades < TRADES_MIN:
        yield Caution(
            "trades.few",
            f"Only {seen.trades} trades: below {TRADES_MIN} every ratio is mostly chance.",
        )
    elif seen.trades < TRADES_ENOUGH:
        yield Caution(
            "trades.some",
            f"{seen.trades} trades: figures begin to mean something at about "
            f"{TRADES_ENOUGH}.",
        )
    if seen.trades and seen.span < SPAN_MIN:
        yield Caution(
            "period.short",
            f"The bars cover {seen.span.days} days: one mood of the market, not many.",
        )
    if seen.open_at_end:
        yield Caution(
            "result.open_at_end",
            "A position is still open at the end; it counts at the last close in equity, "
            "and in no figure about trades.",
        )
    if seen.trades and not seen.fees:
        yield Caution(
            "costs.no_fees",
            "No fees were charged: a real venue's would lower every figure.",
        )


def _too_good(seen: Evidence) -> Iterator[Caution]:
    if seen.trades < TRADES_MIN:
        return
    rate, factor, sharpe = seen.win_rate, seen.profit_factor, seen.sharpe
    if factor is not None and factor > PROFIT_FACTOR_MAX:
        yield Caution(
            "result.profit_factor_high",
            f"A profit factor of {factor:.2f} is too good to be likely: look for a rule "
            "that sees the future, for costs left out, or for settings fitted to the bars.",
        )
    if sharpe is not None and sharpe > SHARPE_MAX:
        yield Caution(
            "result.sharpe_high",
            f"A Sharpe ratio of {sharpe:.2f} is too good to be likely: hardly any fund "
            "keeps one above 2.",
        )
    if rate is not None and rate > WIN_RATE_MAX:
        yield Caution(
            "result.win_rate_high",
            f"{multiply(rate, HUNDRED):.1f} % of the trades won: where losses are never "
            "taken, one of them can take everything. Look at the drawdown and at what is "
            "open.",
        )


def _bars(seen: Evidence) -> Iterator[Caution]:
    if seen.gaps:
        yield Caution(
            "bars.gaps",
            f"{_counted(seen.missing_bars, 'bar')} missing in "
            f"{_counted(seen.gaps, 'gap')}: RSI and stops do not know what happened there.",
        )
    if seen.unfinished_bar:
        yield Caution(
            "bars.unfinished",
            "The last bar was not finished when the file was made; nothing is decided "
            "on it.",
        )
    length, before = seen.rsi_length, seen.bars_before_first_signal
    if length is not None and before is not None and before < WARM_UP_LENGTHS * length:
        yield Caution(
            "rsi.warm_up",
            f"The first signal came after {before} bars: RSI of length {length} still "
            f"leans on where the file begins, up to about {WARM_UP_LENGTHS * length} bars.",
        )


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
