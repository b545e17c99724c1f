"""From bytes to what they say: which dialect it is, and who reads it."""

import re

from adapters.alert import foreign, native
from adapters.alert.body import JsonObject, read_object, read_text
from adapters.alert.languages import plain_text, refuse_commands
from adapters.alert.message import BLANK, AlertMessage
from adapters.alert.pairs import EQUALS, read_pairs

_JSON = re.compile(r'[{\["]|[-+.\d]+([eE][-+]?\d+)?\Z|(true|false|null)\Z')


def parse(body: bytes) -> AlertMessage:
    """Return what ``body`` says.

    Every field may be missing; what is there is right. All texts can be stored.

    Raises:
        MalformedAlert: With the first thing that is wrong. Nothing else is ever raised.
    """
    text = read_text(body)
    plain = text.strip(BLANK)
    if _JSON.match(plain):
        return _read(read_object(text), words_in_signal=False)
    refuse_commands(plain)
    if EQUALS in plain:
        return _read(read_pairs(plain), words_in_signal=True)
    raise plain_text(plain)


def _read(fields: JsonObject, *, words_in_signal: bool) -> AlertMessage:
    """Read the fields in their dialect; in pairs, ``signal`` may be buy or sell."""
    if foreign.is_foreign(fields, words_in_signal=words_in_signal):
        return foreign.read(fields)
    return native.read(fields)
