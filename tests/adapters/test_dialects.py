"""Messages written for other receivers: every template's outcome, and the rules."""

import json
from decimal import Decimal

import pytest

from adapters.alert.dialect import Dialect, Reading
from adapters.alert.malformed import MalformedAlert
from adapters.alert.masking import masked
from adapters.alert.message import AlertMessage
from adapters.alert.reading import parse
from domain.decision import decide
from domain.reasons import Reason
from domain.rules import Rules
from domain.signal import Action, AlertId, Direction, Signal
from domain.state import BotState
from tests.adapters.test_native_alert import (
    FOUR,
    RECEIVED,
    SAMPLES,
    as_tradingview_sends,
    refusal,
)

TEMPLATES = [json.loads(line) for line in SAMPLES.splitlines()[1:] if '"words"' not in line]
LONG, SHORT = Direction.LONG, Direction.SHORT
FLAT = BotState()


def said(**fields: object) -> AlertMessage:
    return parse(json.dumps(fields).encode())


def outcome(body: bytes) -> object:
    """Return the code of a refusal, or what was read and what a following bot does."""
    try:
        message = parse(body)
    except MalformedAlert as error:
        return error.reason.value
    signal = message.signal(AlertId(1), RECEIVED)
    parts = (signal.exchange, signal.ticker, signal.timeframe)
    return {
        "dialect": message.dialect.name.lower(),
        "says": says(signal),
        "chart": ":".join(str(part) for part in parts if part),
        "price": str(signal.price) if signal.price else None,
        "follow": decide(FLAT, signal, Rules(strategy="follow")).reason.value,
    }


def says(signal: Signal) -> str:
    words = [signal.action.value if signal.action else "nothing"]
    words += [f"closes {signal.closes.value}"] if signal.closes else []
    words += [f"adds to {signal.adds_to.value}"] if signal.adds_to else []
    words += ["reducing"] if signal.reduces else []
    return " ".join(words)


@pytest.mark.parametrize("sample", TEMPLATES, ids=lambda one: one["source"][-60:])
def test_every_template_ends_in_the_outcome_that_is_written_beside_it(
    sample: dict[str, object],
) -> None:
    template = str(sample["body"])

    assert outcome(as_tradingview_sends(template).encode()) == sample["outcome"]
    if "{{" in template:
        left = refusal(template.encode())
        assert left.reason is Reason.BODY_UNRESOLVED_PLACEHOLDER


@pytest.mark.parametrize("held", ["long", "short", "flat"])
@pytest.mark.parametrize("ordered", ["buy", "sell"])
def test_a_market_position_decides_whatever_was_bought_or_sold(
    held: str, ordered: str
) -> None:
    wanted = {"long": Action.LONG, "short": Action.SHORT, "flat": Action.CLOSE}

    for fields in (
        {"market_position": held, "action": ordered},
        {"strategy": {"market_position": held, "order_action": ordered}},
        {"strategy_info": {"market_position": held}, "action": ordered},
        {"marketPosition": held.upper(), "action": ordered},
    ):
        assert said(**fields).action is wanted[held]


def test_what_was_left_says_which_side_a_close_is_for() -> None:
    message = said(market_position="flat", prev_market_position="short", action="sell")

    assert (message.action, message.closes) == (Action.CLOSE, SHORT)
    assert said(market_position="flat", action="sell").closes is None


@pytest.mark.parametrize(
    ("fields", "reduces"),
    [
        ({"market_position": "long", "action": "sell"}, True),
        ({"market_position": "short", "action": "buy"}, True),
        ({"market_position": "long", "action": "buy"}, False),
        ({"market_position": "short", "action": "sell"}, False),
        ({"market_position": "long", "prev_market_position": "short"}, False),
        (
            {
                "market_position": "long",
                "market_position_size": "1",
                "prev_market_position": "long",
                "prev_market_position_size": "2",
            },
            True,
        ),
        ({"market_position": "long", "prev_market_position_size": "a lot"}, False),
    ],
)
def test_an_order_against_the_position_that_goes_on_is_a_partial_exit(
    fields: dict[str, str],
    reduces: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert said(**fields).reduces is reduces


@pytest.mark.parametrize("word", ["buy", "SELL"])
def test_a_word_alone_names_no_position(word: str) -> None:
    message = said(ticker="BTCUSDT.P", action=word)

    assert message.action is Action(word.upper())
    assert message.dialect is Dialect.ORDER_WORDS


@pytest.mark.parametrize(
    ("word", "action", "closes"),
    [
        ("enter_long", Action.LONG, None),
        ("entryShort", Action.SHORT, None),
        ("EXIT-ALL", Action.CLOSE, None),
        ("exit_long", Action.CLOSE, LONG),
        ("closeShort", Action.CLOSE, SHORT),
    ],
)
def test_words_that_name_a_position_are_read_as_one(
    word: str, action: Action, closes: Direction | None
) -> None:
    message = said(symbol="BTCUSDT", side=word)

    assert (message.action, message.closes) == (action, closes)


def test_a_message_with_a_signal_or_a_version_is_read_as_our_own() -> None:
    own = said(signal="LONG", action="sell", market_position="short")

    assert (own.action, own.dialect) == (Action.LONG, Dialect.NATIVE)
    assert own.extra == {"action": "sell", "market_position": "short"}
    assert said(v=1, rsi=25, action="sell").action is None


def test_a_time_is_read_only_where_it_is_sure_whose_it_is() -> None:
    at = "2024-01-31T16:00:00Z"

    assert said(action="buy", time=at).hints[0].startswith('The field "time" is kept')
    assert said(action="buy", time=at).sent_at is None
    assert said(action="buy", sentiment="long", time=at).sent_at == FOUR
    assert said(action="buy", time=at, timenow=at).bar_time == FOUR
    assert said(action="buy", bar={"time": at}, time=at).sent_at == FOUR
    assert said(action="buy", timestamp=at, max_lag=300).sent_at == FOUR


def test_each_reading_says_from_where_it_came() -> None:
    message = said(ticker="BTCUSDT.P", action="sell", sentiment="flat", price="1.5")

    assert message.readings == (
        Reading("sentiment", "flat", "CLOSE, of a LONG"),
        Reading("action", "sell", "looked at beside it"),
        Reading("price", "1.5", "price"),
        Reading("ticker", "BTCUSDT.P", "ticker"),
    )


def test_a_wrong_value_is_told_under_the_name_it_was_sent_with() -> None:
    wrong = refusal(b'{"action": "buy", "bar": {"close": "1,000"}}')
    neither = refusal(b'{"market_position": "sideways"}')

    assert wrong.reason is Reason.FIELD_WRONG_TYPE
    assert wrong.detail.startswith("bar.close (read as price) must be a number")
    assert neither.detail == (
        'market_position must be long, short or flat, was "sideways".'
    )


def test_a_word_that_is_not_known_is_kept_and_pointed_out() -> None:
    message = said(action="breakeven", ticker="BTCUSDT.P")

    assert message.action is None
    assert message.extra == {"action": "breakeven"}
    assert "no known order" in message.hints[0]


def test_an_id_of_another_receiver_is_kept_but_names_no_action() -> None:
    message = said(id="Long", action="buy")

    assert message.id is None
    assert message.extra["id"] == "Long"


def test_a_message_of_which_nothing_is_read_says_so() -> None:
    assert said(msg="hello").hints == (
        "No field of this message is one that Signalman reads.",
    )


@pytest.mark.parametrize(
    "text",
    [
        "TICKER=BTCUSDT.P\nPRICE=1.50\nACTION=buy",
        "ticker=BTCUSDT.P; price=1.50; action=buy;",
        'ticker = "BTCUSDT.P" , price=1.50,action=buy',
        "\ufeffsignal=buy\r\nticker=BTCUSDT.P\r\nprice=1.5\r\n",
    ],
)
def test_pairs_stand_on_lines_or_between_commas_or_semicolons(text: str) -> None:
    message = parse(text.encode())

    assert (message.ticker, message.price) == ("BTCUSDT.P", Decimal("1.5"))
    assert message.action is Action.BUY


@pytest.mark.parametrize(
    ("text", "reason", "words"),
    [
        ("ticker=A\nTICKER=B", Reason.BODY_DUPLICATE_KEY, '"ticker" stands twice'),
        ("ticker=A price=1", Reason.BODY_NOT_PAIRS, "one pair stands on a line"),
        ("price=60,000.5", Reason.BODY_NOT_PAIRS, '"000.5" is no name=value pair'),
        ("=1", Reason.BODY_NOT_PAIRS, "a name, = and a value"),
        ("signal=LONG\nprice=-1", Reason.FIELD_OUT_OF_RANGE, "above 0"),
        ("v=2\nrsi=1", Reason.BODY_VERSION_UNKNOWN, 'was "2"'),
    ],
)
def test_pairs_that_are_none_are_told_where(text: str, reason: Reason, words: str) -> None:
    refused = refusal(text.encode())

    assert refused.reason is reason
    assert words in refused.detail


def test_a_refused_language_says_what_it_looks_like_and_what_would_be_right() -> None:
    refused = refusal(b"Keys(BTCUSDT) { market(side=buy, amount=10%); }")

    assert "looks like Alertatron's commands" in refused.detail
    assert "market_position" in refused.detail


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        ('{"action":"buy","password":"a b","passphrase":1}', ("a b", ":1")),
        ("PASSPHRASE=abcdef\nACTION=buy", ("abcdef",)),
        ("60123456789,buy,EURUSD,risk=1", ("60123456789",)),
        ("my_bva_key|a name|buy|BTCUSDT", ("my_bva_key",)),
        ("ENTER-LONG_BINANCE_X_5M_0123456789abcdef0123", ("0123456789abcdef",)),
        ('{"code":"EXIT-ALL_BINANCE_X_5M_0123456789abcdef0123"}', ("0123456789abcdef",)),
        ('{"connectorToken":"abc","auth_key":"def","secret":"ghi"}', ("abc", "def", "ghi")),
    ],
)
def test_secrets_of_other_receivers_are_masked(body: str, stored: tuple[str, ...]) -> None:
    text = masked(body.encode(), None)

    assert "***" in text
    assert not [secret for secret in stored if secret in text]


def test_a_command_that_begins_with_its_action_has_no_secret_to_mask() -> None:
    text = "CLOSE, BTCUSDT.P, SIDE=SELL"

    assert masked(text.encode(), None) == text
