import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.configuration.yaml_file import DEPTH_MAX, SIZE_MAX, read_yaml, write_yaml
from adapters.instruments.snapshot import listings
from application.configuration.charts import Listings
from application.configuration.reader import read_document
from application.configuration.resolution import read_resolved
from application.configuration.tree import Problem, Tree
from application.configuration.writer import document_tree

EXAMPLE = """\
feeds:
  - name: tradingview
accounts:
  - name: paper
    exchange: binanceusdm        # a CCXT id; decides instruments, fees and symbol names
    mode: paper
    paper: {balance: 10000, currency: USDT, fee_rate: 0.0005, slippage_bps: 1, clock: wall}
    limits: {open_positions: 5, position_notional: 20000, entries_per_minute: 30, \
daily_loss: 500, drawdown_percent: 20, losses_in_row: 8}
    options: {}                  # merged deeply into the CCXT constructor
bots:
  - name: herenya-btc-4h
    account: paper
    feed: tradingview
    chart: {exchange: BINANCE, ticker: BTCUSDT.P, interval: 4h}
    symbol: BTC/USDT:USDT        # optional: derived from the chart
    strategy: rsi                # rsi | follow | rules | a registered Python class
    direction: both              # both | long | short
    rsi: {length: 14, oversold: 30, overbought: 70, trigger: level, source: alert}
    trust_signal: no
    intrabar: skip
    rearm: no
    reverse: yes
    leverage: 1
    sizing: {mode: quote, amount: 1000, reserve: no}
    scaling: {max_entries: 3, min_bars: 1, price_step: {percent: 0, direction: against}, \
rsi_step: 0, size_curve: equal}
    exits: {stop_loss_percent: null, take_profit_percent: null, trailing_percent: null, \
max_bars: null}
    order: {type: market, collar_percent: 1, timeout_seconds: 30, on_timeout: cancel}
    approval: auto               # auto | ask
    limits: {position_notional: 5000, max_age_seconds: 120}
"""
"""The configuration file as ``interfaces.md`` shows it."""

TEN_MISTAKES = """\
feeds:
  - name: trading view
accounts:
  - name: paper
    exchange: Binance USD-M
    mode: real
    paper: {balance: -1}
    limits: {max_age_seconds: 60}
bots:
  - name: btc
    account: papre
    feed: tradingview
    chart: {exchange: BINANCE, ticker: BTCUSDT.P, interval: fourhours}
    rsi:
      oversold: abc
    intrabar: off
    sizing: {mode: quote, amounts: 1000}
"""


def test_the_documented_file_is_read_written_and_read_back() -> None:
    known = Listings(listings())

    document = read_resolved(read_yaml(EXAMPLE), known)
    assert document.problems == ()
    assert document.value is not None
    written = write_yaml(document_tree(document.value))

    assert read_yaml(written).tree == document_tree(document.value)
    assert read_resolved(read_yaml(written), known).value == document.value


def test_ten_mistakes_in_a_file_are_reported_at_once_each_with_its_line() -> None:
    found = read_document(read_yaml(TEN_MISTAKES))

    assert found.value is None
    assert [(problem.line, problem.path) for problem in found.problems] == [
        (2, "feeds[0].name"),
        (5, "accounts[0].exchange"),
        (6, "accounts[0].mode"),
        (7, "accounts[0].paper.balance"),
        (8, "accounts[0].limits.max_age_seconds"),
        (11, "bots[0].account"),
        (12, "bots[0].feed"),
        (13, "bots[0].chart.interval"),
        (15, "bots[0].rsi.oversold"),
        (16, "bots[0].intrabar"),
        (17, "bots[0].sizing.amount"),
        (17, "bots[0].sizing.amounts"),
    ]


@pytest.mark.parametrize(
    "text",
    ["0.10", "1e5", "off", "no", "12:30", "0x1F", "010", "1_000", "2026-01-01", ".inf"],
)
def test_no_scalar_is_taken_for_anything_but_text(text: str) -> None:
    assert read_yaml(f"a: {text}").tree == {"a": text}


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_null_unless_it_is_quoted(text: str) -> None:
    assert read_yaml(f"a: {text}").tree == {"a": None}
    assert read_yaml(f"a: '{text}'").tree == {"a": text}
    assert read_yaml(f'a: "{text}"').tree == {"a": text}


def test_keys_are_text_too() -> None:
    assert read_yaml("on: 1\n12: 2\n'null': 3").tree == {"on": "1", "12": "2", "null": "3"}


def test_every_path_has_its_line() -> None:
    source = read_yaml("feeds:\n  - name: a\n\n  - {name: b,\n     x: [1,\n 2]}\n")

    assert source.lines == {
        "": 1,
        "feeds": 1,
        "feeds[0]": 2,
        "feeds[0].name": 2,
        "feeds[1]": 4,
        "feeds[1].name": 4,
        "feeds[1].x": 5,
        "feeds[1].x[0]": 5,
        "feeds[1].x[1]": 6,
    }


KEPT: list[tuple[str, Tree, Problem]] = [
    (
        "a: 1\nb: 2\na: 3",
        {"a": "1", "b": "2"},
        Problem("a", "must be given once, stands in line 1 already", 3),
    ),
    ("a: &x 1", {"a": "1"}, Problem("a", "must not have an anchor (&x)", 1)),
    ("a: &x {b: 1}", {"a": {"b": "1"}}, Problem("a", "must not have an anchor (&x)", 1)),
    ("a:\n  - *x", {"a": [None]}, Problem("a[0]", "must not be an alias (*x)", 2)),
    ("<<: {b: 1}", {"<<": {"b": "1"}}, Problem("<<", "must not be a merge key", 1)),
    ("a: !!float 1", {"a": "1"}, Problem("a", "must not have a tag (!!float)", 1)),
    (
        "a: !!python/object:os.system {}",
        {"a": {}},
        Problem("a", "must not have a tag (!!python/object:os.system)", 1),
    ),
    ("~: 1", {"~": "1"}, Problem("~", "must have text for a key, was null", 1)),
]


@pytest.mark.parametrize(("text", "tree", "problem"), KEPT)
def test_what_could_mean_something_else_is_refused_and_the_rest_still_read(
    text: str, tree: Tree, problem: Problem
) -> None:
    source = read_yaml(text)

    assert source.problems == (problem,)
    assert source.tree == tree


UNREADABLE = [
    ("a:\n\tb: 1", Problem("", "must be indented with spaces, has a tab in column 1", 2)),
    (
        "a: b: c",
        Problem(
            "", "cannot be read as YAML at column 5: mapping values are not allowed here", 1
        ),
    ),
    (
        "a: [1, 2",
        Problem(
            "",
            "cannot be read as YAML at column 9: "
            "expected ',' or ']', but got '<stream end>'",
            1,
        ),
    ),
    (
        "a: 1\nb: \x07",
        Problem("", "contains a character that YAML does not allow: U+0007", 2),
    ),
    ("a: 1\n---\nb: 2", Problem("", "must be one YAML document, a second begins", 2)),
    ("? [a]\n: b", Problem("", "must have text for a key", 1)),
    (
        "x" * (SIZE_MAX + 1),
        Problem("", f"must have at most {SIZE_MAX} characters, was {SIZE_MAX + 1}"),
    ),
]


@pytest.mark.parametrize(("text", "problem"), UNREADABLE)
def test_what_cannot_be_read_says_where_it_ends(text: str, problem: Problem) -> None:
    source = read_yaml(text)

    assert source.tree is None
    assert source.problems == (problem,)


def test_an_empty_file_says_nothing_and_the_reader_refuses_it() -> None:
    source = read_yaml("# only a comment\n")

    assert source.tree is None
    assert source.problems == ()
    assert len(read_document(source).problems) == 1


@pytest.mark.parametrize("opening", ["[", "- ", "{a: "])
def test_no_nesting_is_deep_enough_to_exhaust_anything(opening: str) -> None:
    source = read_yaml(opening * 50_000)

    assert source.tree is None
    assert source.problems[0].message == f"must be nested at most {DEPTH_MAX} deep"


def test_a_billion_laughs_are_not_funny() -> None:
    lines = ["a0: &a0 ha"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]

    source = read_yaml("\n".join(lines))

    assert source.tree == {"a0": "ha"} | {f"a{n}": [None] * 10 for n in range(1, 10)}
    assert len(source.problems) == 100


@given(st.text(max_size=200))
def test_no_text_makes_reading_raise(text: str) -> None:
    read_document(read_yaml(text))


def test_no_damage_to_a_good_file_makes_reading_raise() -> None:
    known = Listings(listings())
    for position in range(0, len(EXAMPLE), 31):
        for damage in ("", "\t", "[", "'", ": ", "\n", "&", "*", "-", "0"):
            text = EXAMPLE[:position] + damage + EXAMPLE[position + 1 :]
            read_resolved(read_yaml(text), known)


TEXTS = st.text(max_size=30) | st.sampled_from(
    [
        "null",
        "~",
        "",
        "<<",
        "=",
        "yes",
        "1.0",
        "- a",
        "a: b",
        "#",
        "'",
        '"',
        "---",
        "...",
        " a ",
        "a\nb",
        "\n",
        "a\n\n b\n",
        "\ufeff",
        "\u2028",
        "\x85",
        "!x",
        "&a",
        "*a",
        "%a",
        "\t",
    ]
)
TREES = st.recursive(
    st.none() | TEXTS,
    lambda below: (
        st.lists(below, max_size=4)
        | st.dictionaries(TEXTS.filter(lambda text: "." not in text), below, max_size=4)
    ),
    max_leaves=12,
)


@given(TREES)
def test_a_tree_is_read_back_as_it_was_written(tree: Tree) -> None:
    source = read_yaml(write_yaml(tree))

    assert source.problems == ()
    assert source.tree == tree


def test_quotes_stand_only_where_they_are_needed() -> None:
    tree: Tree = {
        "amount": "0.10",
        "enabled": "no",
        "symbol": "BTC/USDT:USDT",
        "day_start": "00:00",
        "nothing": None,
        "named": "null",
        "empty": "",
        "options": {},
        "bots": [{"name": "a", "list": ["1", "2"]}],
    }

    assert write_yaml(tree) == (
        "amount: 0.10\n"
        "enabled: no\n"
        "symbol: BTC/USDT:USDT\n"
        "day_start: 00:00\n"
        "nothing: null\n"
        "named: 'null'\n"
        "empty: ''\n"
        "options: {}\n"
        "bots:\n"
        "  - name: a\n"
        "    list:\n"
        "      - 1\n"
        "      - 2\n"
    )
