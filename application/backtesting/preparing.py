"""From a configuration file to what a backtest is asked: the bot, its market, its costs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from application.backtesting.request import BacktestRequest, FillMode, Settings
from application.configuration.charts import Listings, find_market
from application.configuration.reader import Known, finished, read_draft
from application.configuration.resolution import fitted, resolve
from application.configuration.tree import Problem, Source
from application.configuration.values import DAY_START, AccountConfig, BotConfig, Document
from application.ports.bars import Bars
from domain.fills import Costs
from domain.instrument import Instrument, Kind, Symbol
from domain.money import EXACT, ONE, ZERO
from domain.risk import NO_LIMITS

_NEEDS_ALERTS = "follow"
_SMALLEST_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the asker says besides the file; None for what the account says.

    ``quantity_step`` and ``price_tick`` are for a chart that no account of the file trades.
    """

    bot: str | None = None
    fill: FillMode = FillMode.NEXT_OPEN
    capital: Decimal | None = None
    fee_rate: Decimal | None = None
    slippage_ticks: Decimal | None = None
    quantity_step: Decimal | None = None
    price_tick: Decimal | None = None


class CannotPrepare(Exception):
    """The file or the bars do not fit; the words say what would."""


def prepare(
    source: Source, listings: Listings, bars: Bars, wanted: Wanted
) -> BacktestRequest:
    """Return the request for the bot of the file that trades the bars' chart.

    A file for ``signalman apply`` will do. One that does not define its bot's account is a
    backtest on the chart itself: its market is made from the bars.

    Raises:
        CannotPrepare: With every problem of the file, or why bot and bars do not fit.
    """
    document = _document(source)
    bot = _chosen(document, bars, wanted)
    if bot.rules.strategy == _NEEDS_ALERTS:
        raise CannotPrepare(
            f"{bot.name} follows what alerts say, and bars say nothing: replay its alerts"
        )
    timeframe = bot.rules.timeframe
    if timeframe is not None and timeframe.shortest != bars.timeframe.shortest:
        raise CannotPrepare(
            f"{bot.name} trades bars of {timeframe}, and these last {bars.timeframe}"
        )
    accounts = {account.name: account for account in document.accounts}
    account = accounts.get(bot.account)
    bot, market = _on_market(bot, account, listings, _of_chart(bars, wanted))
    return BacktestRequest(
        rules=replace(bot.rules, timeframe=bars.timeframe),
        instrument=market,
        name=bot.name,
        limits=bot.limits,
        account_limits=account.limits if account else NO_LIMITS,
        day_start=account.day_start if account else DAY_START,
        settings=_settings(account, market, wanted),
    )


def _document(source: Source) -> Document:
    """Read the file; feeds and accounts that it does not define may stay undefined."""
    tree = source.tree if isinstance(source.tree, Mapping) else {}
    listed = tree.get("bots")
    many = listed if isinstance(listed, list | tuple) else ()
    bots = [bot for bot in many if isinstance(bot, Mapping)]
    named = [
        {name for bot in bots if isinstance(name := bot.get(key), str)}
        for key in ("feed", "account")
    ]
    draft = read_draft(source, Known(feeds=named[0], accounts=named[1]))
    reading = finished(draft.bots, draft, source)
    if reading.value is None:
        raise CannotPrepare("\n".join(str(problem) for problem in reading.problems))
    return reading.value


def _chosen(document: Document, bars: Bars, wanted: Wanted) -> BotConfig:
    """Return the bot that is named, else the only one, else the one on the bars' chart."""
    bots = {bot.name: bot for bot in document.bots}
    if not bots:
        raise CannotPrepare("the file has no bot")
    names = ", ".join(bots)
    if wanted.bot is not None:
        if wanted.bot not in bots:
            raise CannotPrepare(f"the file has no bot {wanted.bot}; it has {names}")
        return bots[wanted.bot]
    fitting = [bot for bot in bots.values() if _charted(bot, bars)] or list(bots.values())
    if len(fitting) > 1:
        raise CannotPrepare(f"the file has several bots ({names}): choose one by --name")
    return fitting[0]


def _charted(bot: BotConfig, bars: Bars) -> bool:
    chart = bot.chart
    return (chart.exchange, chart.ticker) == (bars.exchange, bars.ticker)


def _on_market(
    bot: BotConfig, account: AccountConfig | None, listings: Listings, own: Instrument
) -> tuple[BotConfig, Instrument]:
    if account is None:
        return fitted(bot, own), own
    reading = resolve(bot, account, listings)
    if reading.value is None:
        problems = "\n".join(f"{bot.name}, {problem}" for problem in reading.problems)
        raise CannotPrepare(problems)
    bot = reading.value
    market = find_market(bot.chart, account.exchange, bot.symbol, listings)
    if isinstance(market, Problem):  # resolve has just found it
        raise CannotPrepare(str(market))
    return bot, market


def _of_chart(bars: Bars, wanted: Wanted) -> Instrument:
    """Return a market as the chart alone shows it: both sides, no minimum, no fee."""
    tick = wanted.price_tick or EXACT.scaleb(ONE, -bars.digits)
    return Instrument(
        exchange=bars.exchange.lower() or "chart",
        symbol=Symbol(bars.ticker or "CHART"),
        kind=Kind.PERPETUAL,
        base=bars.ticker or "units",
        quote="quote",
        settle="quote",
        price_tick=tick,
        quantity_step=wanted.quantity_step or _SMALLEST_STEP,
        quantity_min=ZERO,
        notional_min=ZERO,
        contract_size=ONE,
        taker_fee=ZERO,
    )


def _settings(
    account: AccountConfig | None, market: Instrument, wanted: Wanted
) -> Settings:
    """Return costs and capital: what is asked for, else the account's, else the market's.

    A run with slippage in ticks has none in basis points.
    """
    paper = account.paper if account else None
    rate = wanted.fee_rate
    if rate is None and paper is not None:
        rate = paper.fee_rate
    if rate is None:
        rate = market.taker_fee
    ticks = wanted.slippage_ticks
    bps = paper.slippage_bps if paper is not None and ticks is None else ZERO
    capital = wanted.capital or (paper.balance if paper else Settings().initial_capital)
    return Settings(
        fill=wanted.fill,
        initial_capital=capital,
        costs=Costs(rate, bps, ticks or ZERO),
    )
