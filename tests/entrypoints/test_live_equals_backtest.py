"""The same bars and bots, once as alerts through everything, once as a backtest."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from adapters.bars.chart_export import read_chart_export
from adapters.configuration.yaml_file import read_yaml
from adapters.indicators.talib import TaLibIndicators
from adapters.instruments.snapshot import listings
from application.backtesting.candidates import exact_rsi
from application.backtesting.preparing import Wanted, prepare
from application.backtesting.request import FillMode
from application.backtesting.run import run
from application.configuration.charts import Listings
from application.ports.bars import Bars
from domain.position import Trade
from tests.entrypoints.stack import Stack, running

BARS = 2500
BATCH = 50
BOTS = """
feeds:
  - name: tradingview
accounts:
  - name: paper-spot
    exchange: binance
    mode: paper
    paper: {balance: 10000, currency: USDT, fee_rate: 0.001, slippage_bps: 1, clock: bar}
  - name: paper-futures
    exchange: binanceusdm
    mode: paper
    paper: {balance: 10000, currency: USDT, fee_rate: 0.0005, slippage_bps: 2, clock: bar}
    limits: {position_notional: 2600, daily_loss: 150, losses_in_row: 9}
  - name: paper-percent
    exchange: binanceusdm
    mode: paper
    paper: {balance: 10000, currency: USDT, fee_rate: 0.0005, slippage_bps: 0, clock: bar}
bots:
  - name: spot-steps
    account: paper-spot
    feed: tradingview
    chart: {exchange: BINANCE, ticker: BTCUSDT, interval: 4h}
    direction: long
    sizing: {mode: quote, amount: 1000}
    scaling: {max_entries: 3, min_bars: 2, price_step: {percent: 1, direction: against}}
  - name: futures-reversing
    account: paper-futures
    feed: tradingview
    chart: {exchange: BINANCE, ticker: BTCUSDT, interval: 4h}
    symbol: BTC/USDT:USDT
    reverse: yes
    sizing: {mode: quote, amount: 1000}
    scaling: {max_entries: 3, rsi_step: 1.5}
    exits: {stop_loss_percent: 6, take_profit_percent: 9, trailing_percent: 7, max_bars: 60}
  - name: percent-crossing
    account: paper-percent
    feed: tradingview
    chart: {exchange: BINANCE, ticker: BTCUSDT, interval: 4h}
    symbol: BTC/USDT:USDT
    rsi: {length: 14, oversold: 35, overbought: 65, trigger: cross_into}
    reverse: yes
    rearm: yes
    sizing: {mode: equity_percent, amount: 20}
    scaling: {max_entries: 2}
"""
NAMES = ("spot-steps", "futures-reversing", "percent-crossing")


async def test_alerts_through_everything_trade_what_the_backtest_says(
    database_url: str,
) -> None:
    bars = history()

    async with running(database_url, BOTS) as stack:
        await replay(stack, bars)
        rows = await stack.container.views().trades(limit=10_000)

    live = {name: [row.trade for row in rows if row.bot == name] for name in NAMES}
    backtest = {name: trades_of(name, bars) for name in NAMES}
    assert {name: len(trades) for name, trades in backtest.items()} == {
        name: len(trades) for name, trades in live.items()
    }
    for name in NAMES:
        assert live[name] == list(backtest[name]), name
        assert len(live[name]) > 10, name


def history() -> Bars:
    file = resources.files("entrypoints.demo").joinpath("binance_btcusdt_240.csv")
    with resources.as_file(file) as path:
        whole = read_chart_export(Path(path))
    return whole.between(len(whole) - BARS, len(whole))


def trades_of(name: str, bars: Bars) -> Sequence[Trade]:
    wanted = Wanted(bot=name, fill=FillMode.CLOSE)
    request = prepare(read_yaml(BOTS), Listings(listings()), bars, wanted)
    return run(request, bars, TaLibIndicators()).trades


async def replay(stack: Stack, bars: Bars) -> None:
    """Send every bar as the alert that TradingView would have sent, in order."""
    for number, body in enumerate(bodies(bars), 1):
        answer = await stack.send(body)
        assert answer.status_code == 202, answer.text
        if number % BATCH == 0 or number == len(bars):
            await stack.settle()


def bodies(bars: Bars) -> Iterator[str]:
    values = exact_rsi(bars.close_values(), 14).tolist()
    now = datetime.now(UTC)  # noqa: TID251 - the receiver compares with the real time
    for place, rsi in enumerate(values):
        prices = bars.ohlc(place)
        yield json.dumps(
            {
                "v": 1,
                "rsi": rsi if rsi == rsi else None,  # noqa: PLR0124 - NaN is no JSON
                "rsi_length": 14,
                "price": f"{prices.close:f}",
                "high": f"{prices.high:f}",
                "low": f"{prices.low:f}",
                "exchange": "BINANCE",
                "ticker": "BTCUSDT",
                "interval": "240",
                "bar_time": f"{bars.opened_at(place):%Y-%m-%dT%H:%M:%SZ}",
                "sent_at": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            }
        )
