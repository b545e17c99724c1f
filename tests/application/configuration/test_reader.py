from collections.abc import Mapping
from datetime import UTC, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.configuration.reader import (
    Known,
    read_account,
    read_bot,
    read_document,
    read_feed,
    read_installation,
)
from application.configuration.tree import Problem, Source, Tree
from application.configuration.values import (
    AccountConfig,
    BotConfig,
    Chart,
    Document,
    FeedConfig,
    PaperConfig,
)
from domain.instrument import Symbol
from domain.risk import Limits
from domain.rules import (
    Allowed,
    ExitRules,
    OrderRules,
    RsiRules,
    Rules,
    Scaling,
    SellMeans,
    Sizing,
    SizingMode,
    StepDirection,
    Trigger,
)
from domain.timeframe import Timeframe

EVERYTHING: dict[str, Tree] = {
    "feeds": [{"name": "tradingview"}],
    "accounts": [
        {
            "name": "paper",
            "exchange": "binanceusdm",
            "mode": "paper",
            "paper": {
                "balance": "10000",
                "currency": "USDT",
                "fee_rate": "0.0005",
                "slippage_bps": "1",
                "clock": "bar",
            },
            "limits": {
                "open_positions": "5",
                "order_notional": "2000.50",
                "position_notional": "20000",
                "entries_per_minute": "30",
                "daily_loss": "500",
                "drawdown_percent": "20",
                "losses_in_row": "8",
            },
            "options": {"proxies": {"https": "http://127.0.0.1:3128"}, "timeout": None},
            "day_start": "17:30",
        }
    ],
    "bots": [
        {
            "name": "herenya-btc-4h",
            "account": "paper",
            "feed": "tradingview",
            "chart": {"exchange": "BINANCE", "ticker": "BTCUSDT.P", "interval": "240"},
            "symbol": "BTC/USDT:USDT",
            "strategy": "follow",
            "direction": "both",
            "rsi": {
                "length": "21",
                "oversold": "25.5",
                "overbought": "74.5",
                "trigger": "cross_out",
                "source": "alert",
            },
            "trust_signal": "on",
            "sell_means": "short",
            "intrabar": "allow",
            "rearm": "true",
            "reverse": "yes",
            "leverage": "2.5",
            "sizing": {"mode": "risk_percent", "amount": "1.5", "reserve": "yes"},
            "scaling": {
                "max_entries": "4",
                "min_bars": "2",
                "price_step": {"percent": "1.25", "direction": "with"},
                "rsi_step": "2.5",
                "size_curve": "1.5",
            },
            "exits": {
                "stop_loss_percent": "2",
                "take_profit_percent": "6",
                "trailing_percent": "3",
                "max_bars": "40",
            },
            "order": {
                "type": "market",
                "collar_percent": None,
                "timeout_seconds": "30",
                "on_timeout": "cancel",
            },
            "approval": "auto",
            "limits": {
                "order_notional": "1500",
                "position_notional": "5000",
                "max_age_seconds": "60",
            },
            "enabled": "off",
        }
    ],
    "limits": {"open_positions": "3"},
}


def bot_tree(**changes: Tree) -> dict[str, Tree]:
    chart = {"exchange": "BINANCE", "ticker": "BTCUSDT.P", "interval": "4h"}
    least: dict[str, Tree] = {
        "name": "btc",
        "account": "paper",
        "feed": "tradingview",
        "chart": chart,
        "sizing": {"amount": "100"},
    }
    return least | changes


def bot(**changes: Tree) -> BotConfig:
    reading = read_bot(bot_tree(**changes))
    assert reading.problems == ()
    assert reading.value is not None
    return reading.value


def test_every_setting_of_a_bot_reaches_its_rule() -> None:
    reading = read_document(Source(EVERYTHING))

    assert reading.problems == ()
    assert reading.value is not None
    assert reading.value.bots[0].rules == Rules(
        timeframe=Timeframe.parse("4h"),
        strategy="follow",
        allowed=Allowed.BOTH,
        rsi=RsiRules(length=21, oversold=25.5, overbought=74.5, trigger=Trigger.CROSS_OUT),
        trust_signal=True,
        sell_means=SellMeans.SHORT,
        intrabar=True,
        rearm=True,
        reverse=True,
        leverage=Decimal("2.5"),
        sizing=Sizing(mode=SizingMode.RISK_PERCENT, amount=Decimal("1.5"), reserve=True),
        scaling=Scaling(
            max_entries=4,
            min_bars=2,
            price_step_percent=Decimal("1.25"),
            price_step_direction=StepDirection.WITH,
            rsi_step=2.5,
            size_curve=(Decimal(1), Decimal("1.5"), Decimal("2.25"), Decimal("3.375")),
        ),
        exits=ExitRules(
            stop_loss_percent=Decimal(2),
            take_profit_percent=Decimal(6),
            trailing_percent=Decimal(3),
            max_bars=40,
        ),
        order=OrderRules(collar_percent=None),
    )


def test_everything_but_the_rules_is_read_too() -> None:
    reading = read_document(Source(EVERYTHING))

    assert reading.value is not None
    account = AccountConfig(
        name="paper",
        exchange="binanceusdm",
        mode="paper",
        paper=PaperConfig(
            balance=Decimal(10000),
            currency="USDT",
            fee_rate=Decimal("0.0005"),
            slippage_bps=Decimal(1),
            clock="bar",
        ),
        limits=Limits(
            open_positions=5,
            order_notional=Decimal("2000.5"),
            position_notional=Decimal(20000),
            entries_per_minute=30,
            daily_loss=Decimal(500),
            drawdown_percent=Decimal(20),
            losses_in_row=8,
        ),
        options={"proxies": {"https": "http://127.0.0.1:3128"}, "timeout": None},
        day_start=time(17, 30, tzinfo=UTC),
    )
    timeframe = Timeframe.parse("4h")
    trader = BotConfig(
        name="herenya-btc-4h",
        account="paper",
        feed="tradingview",
        chart=Chart(exchange="BINANCE", ticker="BTCUSDT.P", timeframe=timeframe),
        symbol=Symbol("BTC/USDT:USDT"),
        rules=reading.value.bots[0].rules,
        limits=Limits(
            order_notional=Decimal(1500),
            position_notional=Decimal(5000),
            max_age_seconds=60,
        ),
        enabled=False,
    )
    assert reading.value == Document(
        feeds=(FeedConfig(name="tradingview"),),
        accounts=(account,),
        bots=(trader,),
        limits=Limits(open_positions=3),
    )


def test_what_a_bot_leaves_out_has_the_default_of_its_rules() -> None:
    found = bot()

    assert found.rules == Rules(
        timeframe=Timeframe.parse("4h"), sizing=Sizing(amount=Decimal(100))
    )
    assert found.limits == Limits(max_age_seconds=120)
    assert found.symbol is None
    assert found.enabled


def test_what_an_account_leaves_out_is_paper_money_at_the_exchange_s_own_fees() -> None:
    found = read_account({"name": "paper", "exchange": "okx"}).value

    assert found == AccountConfig(
        name="paper",
        exchange="okx",
        paper=PaperConfig(balance=Decimal(10000), fee_rate=None),
        day_start=time(0, 0, tzinfo=UTC),
    )


def test_limits_that_a_file_leaves_out_stay_as_they_are() -> None:
    silent = read_document(Source({"feeds": [{"name": "tradingview"}]}))
    lifted = read_document(Source({"limits": {"open_positions": None}}))

    assert silent.value is not None
    assert silent.value.limits is None
    assert lifted.value is not None
    assert lifted.value.limits == Limits()


def test_sections_without_content_are_empty_sections() -> None:
    found = read_document(Source({"feeds": None, "accounts": [], "bots": None})).value

    assert found == Document()


def test_an_age_limit_can_be_lifted_in_so_many_words() -> None:
    assert bot(limits={"max_age_seconds": None}).limits == Limits()


def test_a_chart_may_be_only_a_name() -> None:
    named = bot(chart={"name": "Herenya Capital", "interval": "1h"})

    assert named.chart == Chart(name="Herenya Capital", timeframe=Timeframe.parse("60"))
    assert named.rules.timeframe == Timeframe.parse("1h")


def test_a_chart_s_names_are_kept_in_capitals() -> None:
    chart = bot(chart={"exchange": "okx", "ticker": "ethusdt.p", "interval": "D"}).chart

    assert (chart.exchange, chart.ticker) == ("OKX", "ETHUSDT.P")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0.10", "0.1"),
        ("1e5", "100000"),
        (".5", "0.5"),
        ("+7", "7"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("0.00000000000000000000000000001", "1E-29"),
    ],
)
def test_an_amount_is_exact_in_whatever_way_it_is_written(text: str, amount: str) -> None:
    found = bot(sizing={"amount": text}).rules.sizing.amount

    assert found == Decimal(amount)
    assert "E" not in f"{found}" or amount == "1E-29"


@pytest.mark.parametrize("text", ["yes", "true", "on", "Yes", "TRUE", "On"])
def test_yes_has_many_spellings(text: str) -> None:
    assert bot(rearm=text).rules.rearm


@pytest.mark.parametrize("text", ["no", "false", "off", "No", "FALSE", "Off"])
def test_so_has_no(text: str) -> None:
    assert not bot(enabled=text).enabled


CURVES: list[tuple[str, Tree, list[str]]] = [
    ("3", "equal", ["1"]),
    ("3", "1", ["1"]),
    ("3", "2", ["1", "2", "4"]),
    ("1", "2", ["1"]),
    ("3", "0.5", ["1", "0.5", "0.25"]),
    ("4", ["1", "1", "1"], ["1"]),
    ("4", ["1", "1.5", "3"], ["1", "1.5", "3"]),
    ("4", ["1", "2", "2"], ["1", "2"]),
    ("3", "1.0000001", ["1", "1.0000001", "1.0000002"]),
]


@pytest.mark.parametrize(("entries", "text", "factors"), CURVES)
def test_a_size_curve_is_equal_a_multiplier_or_a_list(
    entries: str, text: Tree, factors: list[str]
) -> None:
    found = bot(scaling={"max_entries": entries, "size_curve": text}).rules.scaling

    assert found.size_curve == tuple(Decimal(factor) for factor in factors)


def test_references_may_point_to_what_exists_already() -> None:
    source = Source({"bots": [bot_tree()]})
    known = Known(feeds={"tradingview"}, accounts={"paper"})

    assert read_document(source, known).problems == ()
    assert read_document(source).problems == (
        Problem("bots[0].feed", "must name one of the feeds, was 'tradingview'"),
        Problem("bots[0].account", "must name one of the accounts, was 'paper'"),
    )


def test_a_reference_with_a_slip_is_told_the_nearest_name() -> None:
    document: Mapping[str, Tree] = EVERYTHING | {"bots": [bot_tree(account="papr")]}

    assert read_document(Source(document)).problems == (
        Problem(
            "bots[0].account",
            "must name one of the accounts, was 'papr'; did you mean 'paper'?",
        ),
    )


def test_each_revision_can_be_read_by_itself() -> None:
    assert read_feed({"name": "tradingview"}).value == FeedConfig(name="tradingview")
    assert read_installation({"limits": {"open_positions": "3"}}).value == Limits(
        open_positions=3
    )
    assert read_bot({"name": "x y"}).value is None


def test_a_file_that_could_not_be_read_has_only_that_problem() -> None:
    problem = Problem("", "cannot be read as YAML", 3)

    assert read_document(Source(None, problems=(problem,))).problems == (problem,)


def test_problems_come_with_their_lines_in_the_order_of_the_file() -> None:
    source = Source(
        {"limits": {"open_positions": "-1"}, "bots": [bot_tree(rearm="maybe", sizing={})]},
        lines={"limits": 1, "limits.open_positions": 2, "bots[0]": 5, "bots[0].rearm": 7},
    )

    found = read_document(source, Known(feeds={"tradingview"}, accounts={"paper"}))

    assert [(problem.path, problem.line) for problem in found.problems] == [
        ("limits.open_positions", 2),
        ("bots[0].sizing.amount", 5),
        ("bots[0].rearm", 7),
    ]
    assert str(found.problems[2]) == "line 7: bots[0].rearm must be yes or no, was 'maybe'"


WORDS = [
    *("feeds", "accounts", "bots", "limits", "name", "account", "feed", "exchange", "mode"),
    *("paper", "options", "day_start", "chart", "ticker", "interval", "symbol", "strategy"),
    *("direction", "rsi", "oversold", "overbought", "sizing", "amount", "scaling", "exits"),
    *("max_entries", "size_curve", "price_step", "percent", "order", "type", "fee_rate"),
]
SCALARS = (
    st.none() | st.text(max_size=8) | st.sampled_from(["1", "2", "0", "-1", "a", "equal"])
)
ANYTHING: st.SearchStrategy[Tree] = st.recursive(
    SCALARS,
    lambda below: (
        st.lists(below, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=4), below, max_size=8)
    ),
    max_leaves=30,
)


@given(ANYTHING)
def test_whatever_is_given_is_read_or_explained(tree: Tree) -> None:
    for reading in (read_document(Source(tree)), read_bot(tree), read_account(tree)):
        assert (reading.value is None) is bool(reading.problems)


@given(st.sampled_from(sorted(bot_tree())), ANYTHING)
def test_whatever_one_setting_is_the_bot_is_read_or_explained(
    name: str, tree: Tree
) -> None:
    reading = read_bot(bot_tree(**{name: tree}))

    assert (reading.value is None) is bool(reading.problems)
