from dataclasses import replace
from decimal import Decimal

from application.configuration.charts import Listing, Listings
from application.configuration.resolution import fitted, read_resolved, resolve
from application.configuration.tree import Problem, Source, Tree
from application.configuration.values import (
    AccountConfig,
    BotConfig,
    Chart,
    PaperConfig,
)
from domain.instrument import Instrument, Kind, Symbol
from domain.rules import Allowed, Rules
from domain.timeframe import Timeframe

FOUR_HOURS = Timeframe.parse("4h")


def listing(exchange: str, symbol: str, kind: Kind, settle: str) -> Listing:
    instrument = Instrument(
        exchange=exchange,
        symbol=Symbol(symbol),
        kind=kind,
        base="BTC",
        quote=settle,
        settle=settle,
        price_tick=Decimal("0.1"),
        quantity_step=Decimal("0.001"),
        quantity_min=Decimal("0.001"),
        notional_min=Decimal(5),
        contract_size=Decimal(1),
        taker_fee=Decimal("0.0005"),
    )
    ticker = f"BTC{settle}" + (".P" if kind is Kind.PERPETUAL else "")
    return Listing(instrument=instrument, tv_exchange="BINANCE", tv_ticker=ticker)


LISTINGS = Listings(
    [
        listing("binance", "BTC/USDT", Kind.SPOT, "USDT"),
        listing("binance", "BTC/USDC", Kind.SPOT, "USDC"),
        listing("binanceusdm", "BTC/USDT:USDT", Kind.PERPETUAL, "USDT"),
    ]
)
SPOT = AccountConfig(name="paper", exchange="binance")


def bot(ticker: str = "BTCUSDT", rules: Rules | None = None) -> BotConfig:
    return BotConfig(
        name="btc",
        account="paper",
        feed="tradingview",
        chart=Chart(exchange="BINANCE", ticker=ticker, timeframe=FOUR_HOURS),
        rules=rules or Rules(timeframe=FOUR_HOURS),
    )


def test_a_bot_gets_its_symbol_and_whether_it_may_go_short() -> None:
    perpetual = AccountConfig(name="paper", exchange="binanceusdm")

    spot_bot = resolve(bot("BTCUSDT"), SPOT, LISTINGS).value
    perpetual_bot = resolve(bot("BTCUSDT.P"), perpetual, LISTINGS).value

    assert spot_bot is not None
    assert (spot_bot.symbol, spot_bot.rules.can_short) == ("BTC/USDT", False)
    assert perpetual_bot is not None
    assert (perpetual_bot.symbol, perpetual_bot.rules.can_short) == ("BTC/USDT:USDT", True)


def test_a_resolved_bot_resolves_to_itself() -> None:
    once = resolve(bot(), SPOT, LISTINGS).value

    assert once is not None
    assert resolve(once, SPOT, LISTINGS).value == once
    market = LISTINGS.find("binance", "BTC/USDT")
    assert market is not None
    assert fitted(once, market) == once


def test_everything_that_spot_rules_out_is_said_at_once() -> None:
    rules = Rules(timeframe=FOUR_HOURS, allowed=Allowed.SHORT, leverage=Decimal(3))

    found = resolve(bot(rules=rules), SPOT, LISTINGS)

    assert found.problems == (
        Problem("direction", "must not be short on spot: BTC/USDT cannot be sold short"),
        Problem("leverage", "must be 1 on spot: BTC/USDT has no margin, was '3'"),
    )


def test_paper_money_must_be_the_currency_of_the_market() -> None:
    found = resolve(bot("BTCUSDC"), SPOT, LISTINGS)
    paid = AccountConfig(
        name="paper", exchange="binance", paper=PaperConfig(currency="USDC")
    )

    assert found.problems == (
        Problem(
            "account",
            "cannot pay for BTC/USDC, which is settled in USDC: "
            "the paper money of paper is USDT",
        ),
    )
    assert resolve(bot("BTCUSDC"), paid, LISTINGS).problems == ()


def test_an_exchange_without_instruments_is_told_the_nearest_one() -> None:
    found = resolve(bot(), AccountConfig(name="paper", exchange="binanceusd"), LISTINGS)

    message = (
        "must be an exchange whose instruments are known, was 'binanceusd'; "
        "did you mean 'binanceusdm'?"
    )
    assert found.problems == (Problem("account", message),)


def tree(account: dict[str, Tree], **changes: Tree) -> dict[str, Tree]:
    chart = {"exchange": "BINANCE", "ticker": "BTCUSDT", "interval": "4h"}
    least: dict[str, Tree] = {
        "name": "btc",
        "account": "paper",
        "feed": "tradingview",
        "chart": chart,
        "sizing": {"amount": "100"},
    }
    return {
        "feeds": [{"name": "tradingview"}],
        "accounts": [{"name": "paper"} | account],
        "bots": [least | changes],
    }


def test_a_whole_file_is_read_with_its_bots_on_their_markets() -> None:
    found = read_resolved(Source(tree({"exchange": "binance"})), LISTINGS)

    assert found.problems == ()
    assert found.value is not None
    assert found.value.bots[0].symbol == "BTC/USDT"


def test_problems_of_text_and_of_market_come_together_with_their_lines() -> None:
    document = tree({"exchange": "binance", "mode": "demo"})
    other = tree({"exchange": "binanceusdm"}, symbol="DOGE/USDT:USDT")
    source = Source(
        document
        | {
            "accounts": [
                *_list(document["accounts"]),
                {"name": "b", "exchange": "binanceusdm"},
            ],
            "bots": [
                *_list(document["bots"]),
                _mapping(_list(other["bots"])[0]) | {"name": "doge", "account": "b"},
            ],
        },
        lines={"accounts[0].mode": 4, "bots[1].symbol": 20},
    )

    found = read_resolved(source, LISTINGS)

    assert found.value is None
    assert [(problem.path, problem.line) for problem in found.problems] == [
        ("accounts[0].mode", 4),
        ("bots[1].symbol", 20),
    ]


def test_an_unknown_exchange_is_one_problem_however_many_bots_it_has() -> None:
    found = read_resolved(Source(tree({"exchange": "kraken"})), LISTINGS)

    assert found.problems == (
        Problem(
            "accounts[0].exchange",
            "must be an exchange whose instruments are known, was 'kraken'; "
            "known: binance, binanceusdm",
        ),
    )


def test_a_bot_may_use_an_account_that_exists_already() -> None:
    document = tree({"exchange": "binance"}) | {"accounts": []}

    found = read_resolved(Source(document), LISTINGS, accounts={"paper": SPOT})

    assert found.problems == ()
    assert found.value is not None
    assert found.value.bots[0].symbol == "BTC/USDT"


def _list(tree: Tree) -> list[Tree]:
    assert isinstance(tree, list)
    return tree


def _mapping(tree: Tree) -> dict[str, Tree]:
    assert isinstance(tree, dict)
    return tree


def test_a_market_that_the_account_may_not_trade_is_refused() -> None:
    usdc = AccountConfig(name="paper", exchange="binance", symbols=("BTC/USDC",))

    refused = resolve(bot(), usdc, LISTINGS)
    allowed = resolve(bot(), replace(usdc, symbols=("BTC/USDC", "BTC/USDT")), LISTINGS)

    message = "must be one that account paper may trade (BTC/USDC), was 'BTC/USDT'"
    assert refused.problems == (Problem("symbol", message),)
    assert allowed.value is not None


def test_what_an_account_may_trade_must_exist_and_near_matches_are_named() -> None:
    def problems(symbol: str) -> tuple[Problem, ...]:
        account: Tree = {"name": "a", "exchange": "binance", "symbols": [symbol]}
        return tuple(read_resolved(Source({"accounts": [account]}), LISTINGS).problems)

    (unknown,), (nonsense,) = problems("BTC/USDD"), problems("BTC")

    assert unknown.path == nonsense.path == "accounts[0].symbols[0]"
    assert "similar: BTC/USD" in unknown.message
    assert "such as BTC/USDT:USDT" in nonsense.message
