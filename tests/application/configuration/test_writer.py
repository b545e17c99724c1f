from dataclasses import fields
from datetime import UTC, time
from decimal import Decimal
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from application.configuration.limits import ACCOUNT, BOT, INSTALLATION, Level
from application.configuration.reader import (
    read_account,
    read_bot,
    read_document,
    read_installation,
)
from application.configuration.size_curve import LARGEST, SMALLEST, powers, trimmed
from application.configuration.tree import Source, Tree
from application.configuration.values import (
    AccountConfig,
    BotConfig,
    Chart,
    Document,
    FeedConfig,
    PaperConfig,
)
from application.configuration.writer import (
    Change,
    account_tree,
    bot_tree,
    diff,
    document_tree,
    installation_tree,
)
from domain.instrument import Symbol
from domain.risk import Limits
from domain.rules import (
    Allowed,
    Conditions,
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
from domain.timeframe import Timeframe, Unit

NAMES = st.from_regex(r"[A-Za-z0-9._-]{0,20}[A-Za-z0-9]", fullmatch=True)
TEXTS = st.text(max_size=20)
TREES = st.recursive(
    st.none() | TEXTS,
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(st.text(min_size=1, max_size=8), below, max_size=3)
    ),
    max_leaves=6,
)


def numbers(low: str, high: str, places: int = 8) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=places, allow_nan=False)


AMOUNTS = numbers("0.00000001", "99999999999999999999")
MONEY = st.none() | numbers("0", "99999999999999999999")
COUNTS = st.none() | st.integers(0, 999_999_999)
SHARES = st.none() | numbers("0.01", "99.99", 2)
LEVELS = st.floats(0, 100, allow_subnormal=False).filter(lambda x: x == 0 or x > 1e-9)
TIMEFRAMES = st.builds(Timeframe, st.integers(1, 9999), st.sampled_from(list(Unit)))


@st.composite
def limits(draw: st.DrawFn, level: Level) -> Limits:
    values: dict[str, st.SearchStrategy[Any]] = {
        "open_positions": COUNTS,
        "order_notional": MONEY,
        "position_notional": MONEY,
        "entries_per_minute": COUNTS,
        "daily_loss": MONEY,
        "drawdown_percent": SHARES,
        "losses_in_row": COUNTS,
        "max_age_seconds": COUNTS,
    }
    return Limits(**{name: draw(values[name]) for name in level.limits})


@st.composite
def curves(draw: st.DrawFn, entries: int) -> tuple[Decimal, ...]:
    if draw(st.booleans()):
        return powers(draw(numbers("0.9", "1.1", 4)), entries)
    later = draw(st.lists(numbers(f"{SMALLEST}", f"{LARGEST}"), max_size=entries - 1))
    return trimmed([Decimal(1), *later])


@st.composite
def rules(draw: st.DrawFn, timeframe: Timeframe | None) -> Rules:
    allowed = draw(st.sampled_from(Allowed))
    low, high = sorted((draw(LEVELS), draw(LEVELS)))
    assume(low < high)
    mode = draw(st.sampled_from(SizingMode))
    percent = mode in (SizingMode.EQUITY_PERCENT, SizingMode.RISK_PERCENT)
    stop = numbers("0.01", "99", 2) if mode is SizingMode.RISK_PERCENT else SHARES
    entries = draw(st.integers(1, 100))
    return Rules(
        timeframe=timeframe,
        strategy=draw(st.sampled_from(["rsi", "follow"])),
        allowed=allowed,
        rsi=RsiRules(
            length=draw(st.integers(1, 1000)),
            oversold=low,
            overbought=high,
            trigger=draw(st.sampled_from(Trigger)),
        ),
        trust_signal=draw(st.booleans()),
        sell_means=draw(st.sampled_from((None, *SellMeans))),
        intrabar=draw(st.booleans()),
        rearm=draw(st.booleans()),
        reverse=allowed is Allowed.BOTH and draw(st.booleans()),
        leverage=draw(numbers("1", "125", 2)),
        sizing=Sizing(
            mode=mode,
            amount=draw(numbers("0.01", "100", 2) if percent else AMOUNTS),
            reserve=draw(st.booleans()),
        ),
        scaling=Scaling(
            max_entries=entries,
            min_bars=draw(st.integers(0, 10_000)),
            price_step_percent=draw(numbers("0", "99.99", 2)),
            price_step_direction=draw(st.sampled_from(StepDirection)),
            rsi_step=draw(LEVELS),
            size_curve=draw(curves(entries)),
        ),
        exits=ExitRules(
            stop_loss_percent=draw(stop),
            take_profit_percent=draw(SHARES),
            trailing_percent=draw(SHARES),
            max_bars=draw(st.none() | st.integers(1, 10_000)),
        ),
        order=OrderRules(collar_percent=draw(SHARES)),
    )


CHARTS = st.builds(
    lambda exchange, ticker, timeframe: Chart(
        exchange=exchange, ticker=ticker, timeframe=timeframe
    ),
    st.sampled_from(["BINANCE", "OKX"]),
    st.from_regex(r"[A-Z0-9]{1,10}(\.P)?", fullmatch=True),
    TIMEFRAMES,
) | st.builds(
    lambda name, timeframe: Chart(name=name, timeframe=timeframe),
    st.sampled_from(["Herenya Capital", "null", "~", "été: 3 # no", "«»", "- x"]),
    st.none() | TIMEFRAMES,
)


@st.composite
def bots(draw: st.DrawFn) -> BotConfig:
    chart = draw(CHARTS)
    return BotConfig(
        name=draw(NAMES),
        account=draw(NAMES),
        feed=draw(NAMES),
        chart=chart,
        symbol=draw(st.sampled_from([None, Symbol("BTC/USDT"), Symbol("BTC/USDT:USDT")])),
        rules=draw(rules(chart.timeframe)),
        limits=draw(limits(BOT)),
        enabled=draw(st.booleans()),
    )


@st.composite
def accounts(draw: st.DrawFn) -> AccountConfig:
    return AccountConfig(
        name=draw(NAMES),
        exchange=draw(st.sampled_from(["binanceusdm", "okx"])),
        paper=PaperConfig(
            balance=draw(AMOUNTS),
            currency=draw(st.sampled_from(["USDT", "1INCH"])),
            fee_rate=draw(st.none() | numbers("0", "0.1", 6)),
            slippage_bps=draw(numbers("0", "1000", 3)),
            clock=draw(st.sampled_from(["wall", "bar"])),
        ),
        limits=draw(limits(ACCOUNT)),
        options=draw(
            st.dictionaries(st.sampled_from(["urls", "null", "<<", "yes", "1"]), TREES)
        ),
        on_difference=draw(st.sampled_from(("ask", "adopt", "ignore", "close"))),
        symbols=tuple(draw(st.lists(st.sampled_from(["BTC/USDT:USDT", "ETH/USDT"])))),
        day_start=time(draw(st.integers(0, 23)), draw(st.integers(0, 59)), tzinfo=UTC),
    )


@st.composite
def documents(draw: st.DrawFn) -> Document:
    feeds = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    kept = draw(
        st.lists(accounts(), min_size=1, max_size=3, unique_by=lambda account: account.name)
    )
    traders = draw(st.lists(bots(), max_size=3, unique_by=lambda bot: bot.name))
    names = [account.name for account in kept]
    return Document(
        feeds=tuple(FeedConfig(name=name) for name in feeds),
        accounts=tuple(kept),
        bots=tuple(
            BotConfig(
                name=bot.name,
                account=draw(st.sampled_from(names)),
                feed=draw(st.sampled_from(feeds)),
                chart=bot.chart,
                symbol=bot.symbol,
                rules=bot.rules,
                limits=bot.limits,
                enabled=bot.enabled,
            )
            for bot in traders
        ),
        limits=draw(st.none() | limits(INSTALLATION)),
    )


@given(documents())
def test_a_document_is_read_back_as_it_was_written(document: Document) -> None:
    reading = read_document(Source(document_tree(document)))

    assert reading.problems == ()
    assert reading.value == document


@given(documents())
def test_writing_twice_gives_the_same_tree(document: Document) -> None:
    again = read_document(Source(document_tree(document))).value

    assert again is not None
    assert document_tree(again) == document_tree(document)


@given(bots(), accounts(), limits(INSTALLATION))
def test_each_revision_is_read_back_by_itself(
    bot: BotConfig, account: AccountConfig, total: Limits
) -> None:
    assert read_bot(bot_tree(bot)).value == bot
    assert read_account(account_tree(account)).value == account
    assert read_installation(installation_tree(total)).value == total


@given(documents())
def test_a_tree_holds_nothing_but_text(document: Document) -> None:
    def check(tree: Tree) -> None:
        if isinstance(tree, dict):
            for key, below in tree.items():
                assert isinstance(key, str)
                check(below)
        elif isinstance(tree, list):
            for below in tree:
                check(below)
        else:
            assert tree is None or isinstance(tree, str)

    check(document_tree(document))


def test_every_rule_and_limit_has_a_place_in_the_file() -> None:
    # Without a place in the file, a revision would lose what is new in the domain.
    known = {
        Rules: "timeframe can_short strategy allowed rsi trust_signal "
        "sell_means intrabar rearm windows cooldown_bars conditions parameters own "
        "reverse leverage margin_mode sizing scaling exits order",
        Conditions: "long short add exit_long exit_short",
        RsiRules: "length oversold overbought trigger",
        Sizing: "mode amount reserve",
        Scaling: "max_entries min_bars price_step_percent price_step_direction rsi_step "
        "size_curve",
        ExitRules: "stop_loss_percent take_profit_percent trailing_percent max_bars",
        OrderRules: "type collar_percent timeout_seconds on_timeout",
    }
    for kind, names in known.items():
        assert [field.name for field in fields(kind)] == names.split()
    levels = {name for level in (BOT, ACCOUNT, INSTALLATION) for name in level.limits}
    assert {field.name for field in fields(Limits)} == levels


def test_equal_trees_differ_in_nothing() -> None:
    tree = document_tree(Document(feeds=(FeedConfig(name="tradingview"),)))

    assert diff(tree, tree) == ()


def test_a_difference_names_the_bot_and_not_its_place() -> None:
    old: Tree = {"bots": [{"name": "a", "rsi": {"length": "14"}}, {"name": "b"}]}
    new: Tree = {
        "bots": [
            {"name": "c", "rearm": "yes"},
            {"name": "a", "rsi": {"length": "21", "oversold": "25"}},
        ]
    }

    assert diff(old, new) == (
        Change("bots[a].rsi.length", "14", "21"),
        Change("bots[a].rsi.oversold", None, "25"),
        Change("bots[b]", {"name": "b"}, None),
        Change("bots[c]", None, {"name": "c", "rearm": "yes"}),
    )


def test_a_list_of_numbers_is_compared_as_a_whole() -> None:
    assert diff({"size_curve": ["1", "2"]}, {"size_curve": ["1", "3"]}) == (
        Change("size_curve", ["1", "2"], ["1", "3"]),
    )
    assert diff({"size_curve": "equal"}, {"size_curve": ["1", "3"]}) == (
        Change("size_curve", "equal", ["1", "3"]),
    )
