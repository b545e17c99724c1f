"""Our 128 bits as the venues take them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from adapters.venue.capabilities import CAPABILITIES
from adapters.venue.client_id import Encoding, decode, encode, same
from domain.order import OrderId

ids = some.integers(0, (1 << 128) - 1).map(lambda number: OrderId(f"{number:032x}"))
TAKES = {
    "binance": r"[.A-Z:/a-z0-9_-]{1,36}",
    "binanceusdm": r"[.A-Z:/a-z0-9_-]{1,36}",
    "bybit": r"[A-Za-z0-9_-]{1,36}",
    "okx": r"[A-Za-z0-9]{1,32}",
    "kraken": r"[0-9a-f]{32}",
    "krakenfutures": r".{1,100}",
    "kucoin": r"[A-Za-z0-9_-]{1,40}",
    "kucoinfutures": r"[A-Za-z0-9_-]{1,40}",
    "bitget": r"[A-Za-z0-9_-]{1,40}",
    "gate": r"[^t][0-9A-Za-z_.-]{0,27}",
    "mexc": r"[A-Za-z0-9_-]{1,32}",
    "coinbase": r"[A-Za-z0-9_-]{1,128}",
    "hyperliquid": r"0x[0-9a-f]{32}",
    "deribit": r".{1,64}",
}


@pytest.mark.parametrize("exchange", CAPABILITIES)
@given(id=ids)
def test_every_id_fits_every_venue(exchange: str, id: OrderId) -> None:
    sent = encode(id, CAPABILITIES[exchange].encoding)

    assert re.fullmatch(TAKES[exchange], sent)


@given(id=ids, encoding=some.sampled_from(Encoding))
def test_an_id_comes_back_as_it_was_sent(id: OrderId, encoding: Encoding) -> None:
    assert decode(encode(id, encoding), encoding) == id


@given(one=ids, other=ids, encoding=some.sampled_from(Encoding))
def test_two_ids_are_never_sent_as_the_same(
    one: OrderId, other: OrderId, encoding: Encoding
) -> None:
    assert (encode(one, encoding) == encode(other, encoding)) is (one == other)


@given(text=some.text(max_size=40), encoding=some.sampled_from(Encoding))
def test_what_others_wrote_is_not_taken_for_ours(text: str, encoding: Encoding) -> None:
    ours = decode(text, encoding)

    assert ours is None or encode(ours, encoding) == text.removeprefix("t-")


def test_gate_tells_our_id_with_a_prefix_of_its_own() -> None:
    sent = encode(OrderId("0" * 32), Encoding.BASE62)

    assert same(f"t-{sent}", sent, Encoding.BASE62)
    assert not same(None, sent, Encoding.BASE62)
