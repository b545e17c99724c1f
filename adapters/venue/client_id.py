"""Our order ids as each venue takes them: within its length and characters, reversible.

An order id is 32 hexadecimal characters (128 bits). What comes out for two ids is never the
same, so a venue's order leads back to exactly one of ours.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from domain.order import OrderId

HEX_LENGTH = 32
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BASE62_LENGTH = 22
"""128 bits in base 62."""
GATE_FIRST = "s"
"""CCXT puts `t-` before an id unless it begins with `t`, which Gate then refuses."""


class Encoding(Enum):
    """How 128 bits are written."""

    HEX = "32 hexadecimal characters"
    PREFIXED_HEX = "0x and 32 hexadecimal characters"
    BASE62 = "s and 22 letters and digits"


_WHAT_VENUES_ADD: Mapping[Encoding, str] = MappingProxyType({Encoding.BASE62: "t-"})


def encode(id: OrderId, encoding: Encoding) -> str:
    """Return the id as the venue takes it."""
    match encoding:
        case Encoding.HEX:
            return id
        case Encoding.PREFIXED_HEX:
            return f"0x{id}"
        case Encoding.BASE62:
            return GATE_FIRST + _base62(int(id, 16))


def decode(text: str, encoding: Encoding) -> OrderId | None:
    """Return the id that a client order id stands for; None if it is not of ours."""
    text = text.removeprefix(_WHAT_VENUES_ADD.get(encoding, ""))
    match encoding:
        case Encoding.HEX:
            return _hex(text)
        case Encoding.PREFIXED_HEX:
            return _hex(text.removeprefix("0x")) if text.startswith("0x") else None
        case Encoding.BASE62:
            return _from_base62(text)


def same(told: str | None, sent: str, encoding: Encoding) -> bool:
    """Say whether the client order id that a venue tells is the one that was sent."""
    if not told:
        return False
    return told.removeprefix(_WHAT_VENUES_ADD.get(encoding, "")) == sent


def _hex(text: str) -> OrderId | None:
    right = len(text) == HEX_LENGTH and not set(text) - set("0123456789abcdef")
    return OrderId(text) if right else None


def _base62(number: int) -> str:
    digits = []
    for _ in range(BASE62_LENGTH):
        number, digit = divmod(number, len(BASE62))
        digits.append(BASE62[digit])
    return "".join(reversed(digits))


def _from_base62(text: str) -> OrderId | None:
    digits = text.removeprefix(GATE_FIRST)
    ours = text.startswith(GATE_FIRST) and len(digits) == BASE62_LENGTH
    if not ours or set(digits) - set(BASE62):
        return None
    number = 0
    for digit in digits:
        number = number * len(BASE62) + BASE62.index(digit)
    return OrderId(f"{number:032x}") if number < 1 << 128 else None
