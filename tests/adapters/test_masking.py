"""What is stored of a body: nothing secret, by the short way as by the long one."""

import json

from hypothesis import given
from hypothesis import strategies as st

from adapters.alert.masking import mask, masked
from adapters.alert.message import AlertMessage

NAMES = ("id", "signal", "ticker", "api-key", "to_ken", "Pass", "PIN", "licenseId", "näme")
TEXTS = (
    *(
        "BINANCE:BTCUSDT.P-240",
        "long",
        "password: hunter2",
        "key=abcdef",
        "a|b|c",
        "x,buy,y",
    ),
    *("abc123,buy,BTC", "ENTER-LONG_BINANCE_BTC_0123456789abcdef", "webhook", 'say "pin"'),
    *("Bearer abc", "Authorization: Bearer abc", "\\u0074oken", "ünï: cödé", ""),
)
VALUES = st.one_of(
    st.sampled_from(TEXTS), st.text(max_size=12), st.integers(), st.booleans(), st.none()
)
FIELDS = st.dictionaries(
    st.one_of(st.sampled_from(NAMES), st.text(max_size=8)),
    st.one_of(VALUES, st.lists(VALUES, max_size=3)),
    max_size=5,
)


@given(fields=FIELDS, ascii_only=st.booleans(), indent=st.sampled_from([None, 1]))
def test_a_body_that_was_understood_is_masked_as_any_other_text(
    fields: dict[str, object],
    ascii_only: bool,  # noqa: FBT001 - hypothesis passes it by name
    indent: int | None,
) -> None:
    text = json.dumps(fields, ensure_ascii=ascii_only, indent=indent)

    understood = masked(text.encode(errors="replace"), AlertMessage())

    assert understood == mask(text.encode(errors="replace").decode())
