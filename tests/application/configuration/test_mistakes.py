"""What is refused, and in which words: a piece of a file, and below it what is said."""

from typing import Any

import pytest

from adapters.configuration.yaml_file import read_yaml
from application.configuration.reader import (
    Known,
    read_account,
    read_bot,
    read_document,
    read_installation,
)
from application.configuration.tree import Problem, Source, Tree


def cases(text: str) -> list[tuple[str, str]]:
    """Return each piece with what is said of it, which is indented."""
    found: list[tuple[str, str]] = []
    for line in text.strip().splitlines():
        if line.startswith(" "):
            piece, said = found.pop()
            found.append((piece, f"{said} {line.strip()}".strip()))
        else:
            found.append((line, ""))
    return found


def mapping(text: str) -> dict[str, Tree]:
    tree = read_yaml(text).tree
    assert isinstance(tree, dict)
    return tree


LEAST = mapping("""
name: btc
account: paper
feed: tradingview
chart: {exchange: BINANCE, ticker: BTCUSDT.P, interval: 4h}
sizing: {amount: 100}
""")

BOTS = """
name: a b
    name must be 1 to 64 letters, digits, dots, hyphens or underscores, was 'a b'
name: ..
    name must be 1 to 64 letters, digits, dots, hyphens or underscores, was '..'
name: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
    name must be 1 to 64 letters, digits, dots, hyphens or underscores, was
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'
name: null
    name must be 1 to 64 letters, digits, dots, hyphens or underscores, was empty
feed: [a]
    feed must be 1 to 64 letters, digits, dots, hyphens or underscores, was a list
chart: null
    chart needs exchange, ticker and interval, or a name
chart: 'BINANCE:BTCUSDT'
    chart must be a mapping, was 'BINANCE:BTCUSDT'
chart: {exchange: BINANCE, ticker: BTCUSDT}
    chart needs exchange, ticker and interval, or a name
chart: {exchange: BINANCE, ticker: '{{ticker}}', interval: 4h}
    chart.ticker must be a ticker as TradingView writes it such as BTCUSDT.P, was
    '{{ticker}}'
chart: {exchange: BINANCE, ticker: 'BINANCE:BTCUSDT', interval: 4h}
    chart.ticker must be a ticker as TradingView writes it such as BTCUSDT.P, was
    'BINANCE:BTCUSDT'
chart: {exchange: BINANCE, ticker: BTCUSDT, interval: 4 hours}
    chart.interval must be a timeframe such as 15, 4h, 1D or 1W, was '4 hours'
chart: {name: Herenya, exchange: BINANCE}
    chart.name cannot stand beside an exchange and a ticker
chart: {name: ' Herenya'}
    chart.name must be a name of 1 to 100 characters, single-spaced, was ' Herenya'
symbol: BTCUSDT
    symbol must be a symbol as CCXT writes it such as BTC/USDT or BTC/USDT:USDT, was
    'BTCUSDT'
strategy: rules
    conditions needs long, short or both, such as long: rsi < 30
strategy: my_own.Strategy
    strategy must be rsi, follow or rules, was 'my_own.Strategy'
direction: Long
    direction must be both, long or short, was 'Long'; did you mean 'long'?
rsi: {oversold: abc}
    rsi.oversold must be a number between 0 and 100, was 'abc'
rsi: {overbought: 100.1}
    rsi.overbought must be a number between 0 and 100, was '100.1'
rsi: {overbought: nan}
    rsi.overbought must be a number between 0 and 100, was 'nan'
rsi: {oversold: 70, overbought: 30}
    rsi.oversold must be below overbought, was 70 against 30
rsi: {length: 0}
    rsi.length must be a whole number between 1 and 1000, was '0'
rsi: {length: 14.5}
    rsi.length must be a whole number between 1 and 1000, was '14.5'
rsi: {trigger: cross}
    rsi.trigger must be level, cross_into or cross_out, was 'cross'; did you mean
    'cross_out'?
rsi: {source: bars}
    rsi.source cannot be bars yet: this version takes RSI from the alert and
    computes none itself
rsi: {oversald: 30}
    rsi.oversald is not a known setting; did you mean 'oversold'?
sizing: {amount: 1, zzz: 1}
    sizing.zzz is not a known setting; known here: mode, amount and reserve
sell_means: long
    sell_means must be close or short, was 'long'
trust_signal: 1
    trust_signal must be yes or no, was '1'
intrabar: no
    intrabar must be skip or allow, was 'no'
{direction: long, reverse: yes}
    reverse must be no with direction long: the opposite signal closes, and there is
    no other side to open
{direction: short, reverse: yes}
    reverse must be no with direction short: the opposite signal closes, and there
    is no other side to open
leverage: 0.5
    leverage must be a number between 1 and 125, was '0.5'
leverage: 126
    leverage must be a number between 1 and 125, was '126'
sizing: {}
    sizing.amount is missing
sizing: null
    sizing.amount is missing
sizing: 1000
    sizing must be a mapping, was '1000'
sizing: {amount: 0}
    sizing.amount must be a positive number with at most 30 digits, was '0'
sizing: {amount: -5}
    sizing.amount must be a positive number with at most 30 digits, was '-5'
sizing: {amount: '1,000'}
    sizing.amount must be a positive number with at most 30 digits, was '1,000'
sizing: {amount: 1_000}
    sizing.amount must be a positive number with at most 30 digits, was '1_000'
sizing: {amount: 500 USDT}
    sizing.amount must be a positive number with at most 30 digits, was '500 USDT'
sizing: {amount: Infinity}
    sizing.amount must be a positive number with at most 30 digits, was 'Infinity'
sizing: {amount: ١٢}
    sizing.amount must be a positive number with at most 30 digits, was '١٢'
sizing: {amount: 1e30}
    sizing.amount must be a positive number with at most 30 digits, was '1e30'
sizing: {amount: 1e-30}
    sizing.amount must be a positive number with at most 30 digits, was '1e-30'
sizing: {amount: 1e999}
    sizing.amount must be a positive number with at most 30 digits, was '1e999'
sizing: {amount: 1111111111111111111111111111111}
    sizing.amount must be a positive number with at most 30 digits, was
    '1111111111111111111111111111111'
sizing: {mode: usd, amount: 1}
    sizing.mode must be quote, base, equity_percent or risk_percent, was 'usd'
sizing: {mode: risk_percent, amount: 1}
    exits.stop_loss_percent is needed by sizing mode risk_percent: the risk is the
    way to the stop
{sizing: {mode: risk_percent, amount: 101}, exits: {stop_loss_percent: 2}}
    sizing.amount must be at most 100 (a whole equity at risk), was '101'
{sizing: {mode: equity_percent, amount: 350}, leverage: 3}
    sizing.amount must be at most 300 (equity times leverage 3), was '350'
scaling: {max_entries: 101}
    scaling.max_entries must be a whole number between 1 and 100, was '101'
scaling: {max_entries: 0}
    scaling.max_entries must be a whole number between 1 and 100, was '0'
scaling: {max_entries: many, size_curve: 2}
    scaling.max_entries must be a whole number between 1 and 100, was 'many'
scaling: {min_bars: -1}
    scaling.min_bars must be a whole number between 0 and 10000, was '-1'
scaling: {price_step: {percent: 100}}
    scaling.price_step.percent must be a percentage of at least 0 and below 100, was
    '100'
scaling: {price_step: {percent: 1, direction: down}}
    scaling.price_step.direction must be against or with, was 'down'
scaling: {price_step: 2}
    scaling.price_step must be a mapping, was '2'
scaling: {size_curve: fibonacci}
    scaling.size_curve must be equal, a positive number, or a list of them, was
    'fibonacci'
scaling: {size_curve: []}
    scaling.size_curve must be equal, a positive number, or a list of them, was a
    list
scaling: {max_entries: 3, size_curve: [1, x]}
    scaling.size_curve must list numbers between 0.000001 and 1000000, was a list
    with 'x'
scaling: {max_entries: 3, size_curve: [2, 4]}
    scaling.size_curve must begin with 1, since sizing.amount is the size of the
    first entry, was a list that begins with '2'
scaling: {max_entries: 2, size_curve: [1, 2, 3]}
    scaling.size_curve lists 3 sizes, but max_entries is 2
scaling: {max_entries: 30, size_curve: 2}
    scaling.size_curve makes entry 21 1048576 times the first; it must stay between
    0.000001 and 1000000 times
exits: {stop_loss_percent: 0}
    exits.stop_loss_percent must be a percentage above 0 and below 100, was '0'
exits: {stop_loss_percent: 100}
    exits.stop_loss_percent must be a percentage above 0 and below 100, was '100'
exits: {stop_loss_percent: 1.123456789}
    exits.stop_loss_percent must be a percentage above 0 and below 100 with at most 8
    decimals, was '1.123456789'
exits: {trailing_percent: '5%'}
    exits.trailing_percent must be a percentage above 0 and below 100, was '5%'
exits: {take_profit_percent: -1}
    exits.take_profit_percent must be a percentage above 0 and at most 10000, was
    '-1'
exits: {take_profit_percent: 150}
    exits.take_profit_percent must be below 100 unless direction is long, was '150':
    a short cannot gain more than its whole price
exits: {max_bars: 0}
    exits.max_bars must be a whole number between 1 and 10000, was '0'
order: {type: stop}
    order.type must be market or limit, was 'stop'
order: {type: limit, on_timeout: market, timeout_seconds: 120}
    order.timeout_seconds must be below limits.max_age_seconds (120) with on_timeout
    market, was 120: the alert would be too old for the market order
order: {timeout_seconds: 60}
    order.timeout_seconds does nothing for a market order, which never waits; leave
    it out
order: {on_timeout: market}
    order.on_timeout does nothing for a market order, which never waits; leave it
    out
order: {on_timeout: wait}
    order.on_timeout must be cancel or market, was 'wait'
order: {collar_percent: 0}
    order.collar_percent must be a percentage above 0 and at most 100, was '0'
approval: ask
    approval cannot be ask yet: this version enters without asking anybody
limits: {position_notional: -1}
    limits.position_notional must be 0 or a positive number with at most 30 digits,
    was '-1'
limits: {max_age_seconds: 1.5}
    limits.max_age_seconds must be a whole number between 0 and 999999999, was '1.5'
limits: {daily_loss: 500}
    limits.daily_loss does nothing for a bot: it belongs to the limits of an account
limits: {open_positions: 3}
    limits.open_positions does nothing for a bot: it belongs to the limits of an
    account or the installation
enabled: maybe
    enabled must be yes or no, was 'maybe'
enable: yes
    enable is not a known setting; did you mean 'enabled'?
"""


@pytest.mark.parametrize(("text", "said"), cases(BOTS))
def test_a_bot_s_mistake_is_named_where_it_is(text: str, said: str) -> None:
    assert [str(problem) for problem in read_bot(LEAST | mapping(text)).problems] == [said]


ACCOUNTS = """
exchange: Binance
    exchange must be a CCXT exchange id in small letters such as binanceusdm, was
    'Binance'
mode: demo
    mode must be paper, testnet or live, was 'demo'
paper: {balance: 0}
    paper.balance must be a positive number with at most 30 digits, was '0'
paper: {currency: usdt}
    paper.currency must be a currency in capital letters such as USDT, was 'usdt'
paper: {fee_rate: 5}
    paper.fee_rate must be a fraction between 0 and 0.1 (0.0005 is 0.05 %), was '5'
paper: {slippage_bps: -1}
    paper.slippage_bps must be a number between 0 and 1000, was '-1'
paper: {clock: utc}
    paper.clock must be wall or bar, was 'utc'
limits: {max_age_seconds: 60}
    limits.max_age_seconds does nothing for an account: it belongs to the limits of
    a bot
limits: {drawdown_percent: 101}
    limits.drawdown_percent must be a percentage of at least 0 and at most 100, was
    '101'
limits: {losses_in_row: 2.5}
    limits.losses_in_row must be a whole number between 0 and 999999999, was '2.5'
options: fast
    options must be a mapping, was 'fast'
options: {apiKey: abc}
    options.apiKey must not stand in a file: give keys to `signalman account
    set-keys`
day_start: '24:00'
    day_start must be a time of day in UTC such as 00:00 or 17:30, was '24:00'
"""


@pytest.mark.parametrize(("text", "said"), cases(ACCOUNTS))
def test_an_account_s_mistake_is_named_where_it_is(text: str, said: str) -> None:
    account = mapping("{name: paper, exchange: binanceusdm}") | mapping(text)

    assert [str(problem) for problem in read_account(account).problems] == [said]


def test_the_installation_has_no_limits_of_an_account() -> None:
    found = read_installation(mapping("limits: {order_notional: 100}"))

    message = (
        "does nothing for the installation: it belongs to the limits of a bot or an account"
    )
    assert found.problems == (Problem("limits.order_notional", message),)


DOCUMENTS = """
null
    must have feeds, accounts, bots or limits, was empty
[]
    must be a mapping, was a list
bots
    must be a mapping, was 'bots'
bots: {name: btc}
    bots must be a list, was a mapping
feeds: [tradingview]
    feeds[0] must be a mapping, was 'tradingview'
feeds: [null]
    feeds[0].name is missing
bot: []
    bot is not a known setting; did you mean 'bots'?
feeds: [{name: a}, {name: b}, {name: a}]
    feeds[2].name is the name of feeds[0] already, was 'a'

"""


@pytest.mark.parametrize(("text", "said"), cases(DOCUMENTS))
def test_a_document_s_mistake_is_named_where_it_is(text: str, said: str) -> None:
    tree = read_yaml(text).tree

    assert [str(problem) for problem in read_document(Source(tree)).problems] == [said]


def test_no_number_is_too_long_to_be_refused() -> None:
    found = read_bot(LEAST | {"rsi": {"length": "1" * 5000}})

    message = f"must be a whole number between 1 and 1000, was '{'1' * 60}…'"
    assert found.problems == (Problem("rsi.length", message),)


def test_an_account_in_live_mode_names_the_limits_that_it_needs() -> None:
    live: dict[str, Any] = {"name": "real", "exchange": "binanceusdm", "mode": "live"}
    half = {"limits": {"daily_loss": "500"}}
    whole = {"limits": {"daily_loss": "500", "position_notional": "5000"}}

    found = [read_account(live | one).problems for one in ({}, half, whole)]

    missing = ["limits.position_notional", "limits.daily_loss"]
    assert [[problem.path for problem in one] for one in found] == [
        missing,
        missing[:1],
        [],
    ]


def test_a_number_that_is_no_text_is_refused_and_not_trusted() -> None:
    found = read_bot({**LEAST, "sizing": {"amount": 0.1}})  # type: ignore[dict-item]

    message = "must be a positive number with at most 30 digits, was 0.1 without quotes"
    assert found.problems == (Problem("sizing.amount", message),)


def test_all_mistakes_are_reported_at_once() -> None:
    document = mapping("""
accounts:
  - {name: paper, exchange: binanceusdm, mode: demo}
bots:
  - name: btc 4h
    account: papr
    chart: {exchange: BINANCE, ticker: BTCUSDT.P, interval: often}
    rsi: {oversold: 80, overbought: 20, len: 14}
    sizing: {mode: risk_percent, amount: -1}
    limits: {losses_in_row: 3}
""")

    found = read_document(Source(document), Known(feeds={"tradingview"}))

    assert found.value is None
    assert [problem.path for problem in found.problems] == [
        "accounts[0].mode",
        "bots[0].chart.interval",
        "bots[0].name",
        "bots[0].feed",
        "bots[0].rsi.oversold",
        "bots[0].rsi.len",
        "bots[0].sizing.amount",
        "bots[0].exits.stop_loss_percent",
        "bots[0].limits.losses_in_row",
        "bots[0].account",
    ]
