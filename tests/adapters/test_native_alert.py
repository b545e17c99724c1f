"""The native alert body: what is understood, and what is refused with which reason."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.alert.malformed import MalformedAlert
from adapters.alert.masking import masked
from adapters.alert.message import (
    BLANK,
    DUPLICATE_WINDOW_SECONDS,
    MAX_BODY_BYTES,
    AlertMessage,
    body_digest,
    duplicate_key,
)
from adapters.alert.reading import parse
from domain.money import multiply
from domain.reasons import Reason
from domain.signal import Action, AlertId, Direction, Signal
from domain.timeframe import Timeframe

FOUR = datetime(2024, 1, 31, 16, tzinfo=UTC)
FEED = "feed-token-1234"
UNSTORABLE = "\ud800-in-a-token"
RECEIVED = datetime(2024, 1, 31, 20, 0, 2, tzinfo=UTC)
SAMPLES = Path(__file__).parents[1].joinpath("data", "alerts.jsonl").read_text("utf-8")
MISTAKES = [json.loads(line) for line in SAMPLES.splitlines()[1:] if '"words"' in line]
DOCUMENTED = """{"v": 1, "id": "BINANCE:BTCUSDT-240-2024-01-31T16:00:00Z-LONG",
 "signal": "LONG", "rsi": 29.5, "rsi_length": 14, "price": 42000.10,
 "exchange": "BINANCE", "ticker": "BTCUSDT", "interval": "240",
 "bar_time": "2024-01-31T16:00:00Z", "sent_at": "2024-01-31T20:00:01Z", "ema": 41000.50}"""
FILLED_IN = {
    "ticker": "BTCUSDT.P",
    "exchange": "BINANCE",
    "interval": "240",
    "time": "2024-01-31T16:00:00Z",
    "timenow": "2024-01-31T20:00:01Z",
    "strategy.order.action": "buy",
    "strategy.market_position": "long",
    "strategy.prev_market_position": "flat",
}
FIELDS = (
    *("v", "id", "token", "signal", "closes", "bot", "chart", "exchange", "ticker"),
    *("interval", "rsi", "rsi_length", "price", "high", "low", "bar_time", "sent_at"),
    *("action", "side", "sentiment", "market_position", "prev_market_position"),
    *("market_position_size", "close", "time", "timenow", "orderType", "strategy"),
)


def refusal(body: bytes) -> MalformedAlert:
    with pytest.raises(MalformedAlert) as caught:
        parse(body)
    return caught.value


def fields(**values: object) -> bytes:
    return json.dumps(values).encode()


def as_tradingview_sends(template: str) -> str:
    """Replace placeholders as TradingView does: as plain text, escaping nothing."""
    return re.sub(
        r"\{\{([^{}]*)\}\}", lambda match: FILLED_IN.get(match[1], "1.5"), template
    )


def test_the_documented_body_becomes_a_signal() -> None:
    signal = parse(DOCUMENTED.encode()).signal(AlertId(7), RECEIVED)

    assert signal == Signal(
        alert=AlertId(7),
        received_at=RECEIVED,
        action=Action.LONG,
        rsi=29.5,
        rsi_length=14,
        price=Decimal("42000.1"),
        bar_time=FOUR,
        sent_at=datetime(2024, 1, 31, 20, 0, 1, tzinfo=UTC),
        timeframe=Timeframe.parse("4h"),
        exchange="BINANCE",
        ticker="BTCUSDT",
        extra={"ema": "41000.50"},
    )


def test_nothing_between_blanks_and_a_byte_order_mark_is_a_signal_that_says_nothing() -> (
    None
):
    assert parse(b"\xef\xbb\xbf \r\n{}\n ") == AlertMessage()


REFUSED: list[tuple[bytes, Reason, str]] = [
    (b"", Reason.BODY_EMPTY, "empty"),
    (b"\xef\xbb\xbf \n", Reason.BODY_EMPTY, "empty"),
    (b'{"a": "\xe9"}', Reason.BODY_NOT_UTF8, "byte 0xE9 at position 8"),
    (b"x" * (MAX_BODY_BYTES + 1), Reason.BODY_TOO_LARGE, "at most 65536"),
    (b"[" * 60_000, Reason.BODY_NOT_JSON, "too deeply"),
    (b'{"a":' * 40 + b"1" + b"}" * 40, Reason.BODY_NOT_JSON, "too deeply"),
    (b'{"price": ' + b"9" * 60_000 + b"}", Reason.FIELD_OUT_OF_RANGE, "30 significant"),
    (b'{"price": 1e' + b"9" * 60_000 + b"}", Reason.FIELD_OUT_OF_RANGE, "below 10^19"),
    (fields(id="x" * 301), Reason.FIELD_OUT_OF_RANGE, "at most 300"),
    (fields(bot="x" * 101), Reason.FIELD_OUT_OF_RANGE, "at most 100"),
    (fields(chart=["a"]), Reason.FIELD_WRONG_TYPE, "was an array"),
    (fields(id="a\0b"), Reason.FIELD_WRONG_TYPE, "U+0000"),
    (fields(bot="a\ud800"), Reason.FIELD_WRONG_TYPE, "U+D800"),
    (fields(ticker="BTC\u200bUSDT"), Reason.FIELD_WRONG_TYPE, "U+200B"),
    (fields(token=UNSTORABLE), Reason.FIELD_WRONG_TYPE, "token must be"),
]


@pytest.mark.parametrize(("body", "reason", "words"), REFUSED, ids=range(len(REFUSED)))
def test_what_can_never_work_is_refused_with_its_reason_in_words(
    body: bytes, reason: Reason, words: str
) -> None:
    malformed = refusal(body)

    assert malformed.reason is reason
    assert words in malformed.detail
    assert malformed.detail.endswith(".")


@pytest.mark.parametrize("text", ["60123.4", "100", "1e2", "60000.50", "007", "12.", "0.5"])
def test_one_number_is_kept_in_one_spelling_however_it_was_written(text: str) -> None:
    kept = parse(fields(price=text)).price

    assert str(kept) == f"{Decimal(text).normalize():f}"


@pytest.mark.parametrize("price", [0.1, "0.1", " 0.10 ", "1e-1", "+.1", "0.1" + "0" * 80])
def test_a_price_is_exact_however_it_is_written(price: object) -> None:
    assert parse(fields(price=price)).price == Decimal("0.1")


@given(
    st.decimals(min_value=Decimal("1e-18"), max_value=Decimal("1e10"), places=18).filter(
        lambda value: len(value.as_tuple().digits) <= 30
    )
)
def test_no_digit_of_a_price_is_lost(price: Decimal) -> None:
    assert parse(fields(price=str(price))).price == price
    assert parse(f'{{"price": {price:f}}}'.encode()).price == price


@pytest.mark.parametrize(
    ("rsi", "value"),
    [(29.5, 29.5), ("29.5", 29.5), (130, 130.0), ("1.4e-30", 1.4e-30), (None, None)],
)
def test_any_finite_rsi_passes_and_is_judged_when_deciding(
    rsi: object, value: float | None
) -> None:
    assert parse(fields(rsi=rsi)).rsi == value


@pytest.mark.parametrize(
    "time",
    [
        *("2024-01-31T16:00:00Z", "2024-01-31 17:00+01", "2024-01-31T16:00:00.000+0000"),
        *(1706716800, "1706716800", "1706716800.0", 1706716800000, "1706716800000"),
    ],
)
def test_a_time_is_iso_with_an_offset_or_unix_seconds_or_milliseconds(time: object) -> None:
    message = parse(fields(bar_time=time, sent_at=time))

    assert (message.bar_time, message.sent_at) == (FOUR, FOUR)


def test_fractions_of_a_second_are_kept_to_the_microsecond() -> None:
    message = parse(fields(bar_time=1706716800.25, sent_at="2024-01-31T16:00:00.1234567Z"))

    assert message.bar_time == FOUR.replace(microsecond=250_000)
    assert message.sent_at == FOUR.replace(microsecond=123_456)


@pytest.mark.parametrize("interval", [240, "240", "4h", " 4H "])
def test_the_same_timeframe_has_several_spellings(interval: object) -> None:
    assert parse(fields(interval=interval)).timeframe == Timeframe.parse("4h")


def test_names_are_trimmed_and_a_delayed_feed_is_the_same_exchange() -> None:
    message = parse(
        fields(exchange=" nasdaq_dly", ticker="aapl ", chart=" Herenya ", bot=" b ", id=5)
    )

    assert (message.exchange, message.ticker) == ("NASDAQ", "AAPL")
    assert (message.chart, message.bot, message.id) == ("Herenya", "b", "5")


def test_a_direction_is_read_in_any_case_and_may_be_left_out() -> None:
    message = parse(fields(signal=" close ", closes="Long"))

    assert (message.action, message.closes) == (Action.CLOSE, Direction.LONG)
    assert parse(fields(signal="", closes=None, bot="", chart=None)) == AlertMessage()


def test_unknown_fields_are_kept_flat_as_text_without_secrets() -> None:
    message = parse(
        b'{"bar": {"volume": 1.50, "api_key": "x"}, "targets": [1, true], "none": null,'
        b' "note": "token=abc \\u0000", "secret": {"a": 1}, "PIN": 12}'
    )

    assert message.extra == {
        "bar.volume": "1.50",
        "targets.0": "1",
        "targets.1": "true",
        "note": "token=*** \ufffd",
    }


def test_what_is_too_much_is_cut_so_that_it_shows() -> None:
    message = parse(fields(**{f"f{n}": "1" * 501 for n in range(105)}))

    assert message.extra == {f"f{n}": "1" * 499 + "…" for n in range(100)}
    assert message.hints == ("Only the first 100 of 105 further fields are kept.",)


def test_a_field_in_another_spelling_is_not_read_but_pointed_out() -> None:
    message = parse(fields(RSI=25, barTime=1))

    assert message.rsi is None
    assert message.hints == (
        'The field "RSI" is kept but not read; "rsi" is.',
        'The field "barTime" is kept but not read; "bar_time" is.',
    )


def test_the_token_is_handed_over_and_shown_nowhere() -> None:
    body = fields(token=FEED, note=f"my {FEED}", price=1)
    message = parse(body)

    assert message.token == FEED
    assert FEED not in repr(message)
    assert masked(body, message) == '{"token": "***", "note": "my ***", "price": 1}'
    assert "in-a-token" not in refusal(fields(token=UNSTORABLE)).detail


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        ('{"Api-Key": "a\\"b", "k": 1}', '{"Api-Key": "***", "k": 1}'),
        ('{"tok\\u0065n" : 12, "otp": true}', '{"tok\\u0065n" : "***", "otp": "***"}'),
        ('{"secret": {"a": ["}"]}, "key": null}', '{"secret": "***", "key": null}'),
        ('{"m": "{\\"pin\\": 12}", "n": "0:1"}', '{"m": "{\\"pin\\": ***}", "n": "0:1"}'),
        ('{"pwd": "abc, \n "price": {{close}}', '{"pwd": "***\n "price": {{close}}'),
        ("{'passphrase' : 'a b', x: 1}", "{'passphrase' : '***', x: 1}"),
        ("TOKEN=abc;SIDE=BUY", "TOKEN=***;SIDE=BUY"),
        ("PIN=\nSIDE=BUY", "PIN=\nSIDE=BUY"),
        ("see https://a.b/?token=abc&c=1", "see https://a.b/?token=***&c=1"),
        ("Authorization: Bearer abc.def x", "Authorization: *** x"),
        ("a\0b", "a\ufffdb"),
    ],
)
def test_secrets_are_masked_before_anything_is_stored(body: str, stored: str) -> None:
    assert masked(body.encode(), None) == stored


@given(st.text(min_size=1), st.sampled_from(["token", "secret", "passphrase", "apikey"]))
def test_valid_json_stays_the_same_json_with_the_secret_masked(
    secret: str, name: str
) -> None:
    for ascii_only in (True, False):
        body = json.dumps({name: secret, "price": 1}, ensure_ascii=ascii_only).encode()
        assert json.loads(masked(body, None)) == {name: "***", "price": 1}


def test_the_duplicate_key_is_the_id_or_the_body_and_kept_if_it_names_one_moment() -> None:
    key = f"sha256:{body_digest('text')}"

    assert duplicate_key(parse(fields(id="a", price=1)), "text") == ("id:a", True)
    assert duplicate_key(parse(b"{}"), "text") == (key, False)
    assert duplicate_key(parse(fields(bar_time=1706716800)), "text") == (key, True)
    assert duplicate_key(parse(fields(sent_at=1706716800)), "text") == (key, True)
    assert DUPLICATE_WINDOW_SECONDS == 60


def test_the_same_alert_with_a_rotated_token_is_the_same_body() -> None:
    old, new = (fields(token=f"token-number-{n}", price=1) for n in (1, 2))

    assert body_digest(masked(old, parse(old))) == body_digest(masked(new, parse(new)))


@pytest.mark.parametrize("sample", MISTAKES, ids=lambda sample: sample["body"][:40])
def test_a_mistake_is_named_so_that_it_can_be_repaired(sample: dict[str, str]) -> None:
    malformed = refusal(sample["body"].encode())

    assert malformed.reason is Reason(sample["outcome"])
    assert sample["words"] in malformed.detail


def check(body: bytes) -> None:
    """Hold what must be true of any bytes whatever."""
    message = understood(body)
    text = masked(body, message)

    assert_storable(text)
    assert len(text.encode()) <= MAX_BODY_BYTES
    if message is not None:
        check_understood(message, text)


def understood(body: bytes) -> AlertMessage | None:
    """Return the message, or None if it was refused with a sentence that can be stored."""
    try:
        return parse(body)
    except MalformedAlert as malformed:
        sentence = malformed.detail
    assert sentence.endswith(".")
    assert_storable(sentence)
    return None


def check_understood(message: AlertMessage, text: str) -> None:
    signal = message.signal(AlertId(1), RECEIVED)
    assert_storable(repr(signal), *signal.extra, *signal.extra.values(), *message.hints)
    for name in (signal.exchange, signal.ticker, signal.chart, signal.bot, message.id):
        assert_storable(name or "")
    for amount in (signal.price, signal.high, signal.low):
        assert amount is None or multiply(amount, amount) > 0
    assert (message.token or "").isascii()
    assert duplicate_key(message, text).key.startswith(("id:", "sha256:"))
    if text.strip(BLANK).startswith("{"):
        json.loads(text.strip(BLANK))


def assert_storable(*texts: str) -> None:
    """Hold what PostgreSQL asks of a text: valid UTF-8 without NUL."""
    for text in texts:
        assert text.encode().decode() == text
        assert "\0" not in text


any_text = st.text(st.characters(), max_size=20) | st.sampled_from(
    ["LONG", "token=a", 'a"pin": 1', "NaN", "1e5", "\ud800", "\0", "2024-01-31T16:00:00Z"]
)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.binary(max_size=200))
@example(b'{"token":' + b"[" * 50_000)
@example(b"token:" * 10_000)
@example(b'a=\\"' * 16_000)
@example(b"[" + b'{"pin":1},' * 6_500 + b"1]")
@example(b"\xff" * MAX_BODY_BYTES)
def test_any_bytes_are_understood_or_refused_with_a_sentence(body: bytes) -> None:
    check(body)


@given(any_json)
def test_any_json_is_understood_or_refused_with_a_sentence(value: object) -> None:
    check(json.dumps(value).encode())


@given(st.dictionaries(st.sampled_from(FIELDS) | any_text, any_json, max_size=6))
def test_any_value_of_a_known_field_is_understood_or_refused(
    value: dict[str, object],
) -> None:
    check(json.dumps(value).encode())


@given(
    st.integers(0, len(DOCUMENTED)),
    st.integers(0, 5),
    st.binary(max_size=5) | st.sampled_from([b"{{", b'"', b"\\", b"NaN", b"1e999", b"\0"]),
)
def test_a_good_body_with_any_damage_is_understood_or_refused(
    start: int, length: int, inserted: bytes
) -> None:
    good = DOCUMENTED.encode()

    check(good[:start] + inserted + good[start + length :])
