"""The backtest: history's bars through the same decision, sizing, fills and book as live.

=========  ============================  =============================================
 a bar      NEXT_OPEN (TradingView)       CLOSE (a paper account)
=========  ============================  =============================================
 opens      fills what the bar before
            called for
 trades     exit rules, along its path
 closes     ``decide``; sized now         exit rules; ``decide``; sized and filled
=========  ============================  =============================================

``decide`` is asked only on bars where it may act: ``domain.relevance`` says which readings
those are, and ``candidates`` finds the bars that have them. Exit rules are looked at only
on bars that touched one of their levels.
"""

from collections import Counter
from typing import TYPE_CHECKING

from application.backtesting.book import Book
from application.backtesting.driver import Driver
from application.backtesting.exit_search import ExitSearch
from application.backtesting.feed import Feed, feed
from application.backtesting.filling import Filling
from application.backtesting.foregone import Foregone
from application.backtesting.leaving import Leaving
from application.backtesting.log import Log
from application.backtesting.request import BacktestRequest
from application.backtesting.result import BacktestResult, Seen
from application.collector import collector_paused
from application.ports.bars import Bars
from application.ports.indicator import Indicators
from domain.relevance import is_foregone

if TYPE_CHECKING:
    from application.backtesting.metering import Meter


def run(request: BacktestRequest, bars: Bars, indicators: Indicators) -> BacktestResult:
    """Return what the bot would have done on these bars."""
    known = feed(bars, request.rules, indicators, skip=request.skips)
    return run_feed(request, known)


def run_feed(request: BacktestRequest, known: Feed) -> BacktestResult:
    """Return the run over bars that have been gathered already."""
    bars, rules = known.bars, request.rules
    book = Book(request, Log(bars, known.rsi), request.settings.initial_capital)
    meter = _meter(request, book, bars) if request.is_limited else None
    filling = Filling(book, bars, meter)
    search = ExitSearch(bars, rules.exits, request.instrument, bars.timeframe)
    driver = Driver(known, book, filling, Leaving(search, filling, known))
    with collector_paused():
        if request.skips and is_foregone(rules, apart=known.bars_are_apart()):
            Foregone(driver).drive()
        else:
            driver.drive()
    return BacktestResult(
        request=request,
        bars=bars,
        log=book.log,
        balance=book.balance,
        equity=book.equity(bars.price(bars.closes[-1].item()))
        if len(bars)
        else book.balance,
        refused=tuple(book.refused),
        decisions=driver.decisions,
        seen=Seen(len(bars), driver.asked),
        every_bar=request.every_bar,
        warnings=_warnings(book, meter),
    )


def _meter(request: BacktestRequest, book: Book, bars: Bars) -> "Meter":
    from application.backtesting.metering import Meter  # noqa: PLC0415 - half of a start

    return Meter(book, bars, request.day_start)


def _warnings(book: Book, meter: "Meter | None") -> tuple[str, ...]:
    found: list[str] = []
    if book.request.rules.order.waits:
        found.append(
            "Limit entries met the market once, at the price of their fill: bars do not "
            "tell what happens within a time limit."
        )
    if book.refused:
        counts = Counter(one.finding.reason.value for one in book.refused)
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in counts.items())
        found.append(f"Entries that were refused: {reasons}.")
    if meter is not None and meter.braked is not None:
        at = f"{meter.braked:%Y-%m-%d %H:%M}"
        found.append(
            f"A brake fired at {at}: live an operator resumes, here no entry passed since."
        )
    return tuple(found)
