"""What an exception around a request proves about the order that was sent.

Three values and two shades: refused, there already, certainly not placed (never sent, or
turned away for a reason that passes), and otherwise unknown.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

import aiohttp
import ccxt.async_support as ccxt

from adapters.venue.capabilities import Capabilities

EVIDENCE_LENGTH = 500
BACK_OFF = timedelta(seconds=2)
_RETRY_AFTER = re.compile(r"banned until (\d{13})")
_QUERY = re.compile(r"\?[^\s]*")


class NeverSent(Exception):
    """Our own guard stopped the request before it left. ``wait`` says for how long."""

    def __init__(self, text: str, wait: timedelta = BACK_OFF) -> None:
        super().__init__(text)
        self.wait = wait


MISREAD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What CCXT stumbles with over an answer that it did not foresee."""
EXPECTED = (ccxt.BaseError, aiohttp.ClientError, OSError, NeverSent, *MISREAD)
"""Everything that asking a venue is known to end with."""


class Proof(Enum):
    """What is known."""

    REFUSED = "refused"
    EXISTS = "exists"
    NOT_PLACED = "not placed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an exception proves. ``code`` is the venue's, empty if it gave none."""

    proof: Proof
    code: str
    text: str
    clock_is_off: bool = False
    wait: timedelta = BACK_OFF
    banned_until: int | None = None
    """Milliseconds since 1970, where the venue says so."""


CLOCK_CODES = frozenset(
    (
        *("-1021", "10002", "50102", "50112", "400002", "40004", "40005", "40008"),
        *("REQUEST_EXPIRED", "EAPI:Invalid nonce"),
    )
)


def judge(error: BaseException, capabilities: Capabilities, *, left: bool) -> Verdict:
    """Return what is known of an order whose request ended in ``error``.

    ``left`` says whether anything that could place it was handed to the network.
    """
    text = evidence(error)
    if not left and isinstance(error, ccxt.ExchangeError) and error.__cause__ is None:
        return Verdict(Proof.REFUSED, "unsent.ccxt", f"nothing was sent: {text}")
    if not left or isinstance(error, NeverSent) or _never_connected(error):
        wait = error.wait if isinstance(error, NeverSent) else BACK_OFF
        return Verdict(Proof.NOT_PLACED, "", f"nothing was sent: {text}", wait=wait)
    if not isinstance(error, ccxt.BaseError) or error.__cause__ is not None:
        return Verdict(Proof.UNKNOWN, "", text)
    for code, said in _codes(str(error), capabilities):
        proof = _proof(code, said, capabilities)
        if proof is not Proof.UNKNOWN:
            off = code in CLOCK_CODES
            return Verdict(proof, code, text, off, banned_until=_ban(str(error)))
    if _is_http_refusal_by_rate(str(error)):
        return Verdict(Proof.NOT_PLACED, "", text, banned_until=_ban(str(error)))
    return Verdict(Proof.UNKNOWN, "", text, banned_until=_ban(str(error)))


def evidence(error: BaseException) -> str:
    """Return the exception's words without a signed query, cut to a fair length."""
    cause = error.__cause__
    text = f"{type(error).__name__}: {_QUERY.sub('', str(error))}"
    if cause is not None:
        text += f" ({type(cause).__name__})"
    return text[:EVIDENCE_LENGTH]


def _never_connected(error: BaseException) -> bool:
    cause = error.__cause__
    return isinstance(error, ccxt.ExchangeNotAvailable) and isinstance(
        cause, aiohttp.ClientConnectorError | aiohttp.ClientProxyConnectionError
    )


def _proof(code: str, said: str, capabilities: Capabilities) -> Proof:
    known = capabilities.codes
    texts = known.exists.get(code)
    if texts is not None and any(text in said for text in texts):
        return Proof.EXISTS
    if code in known.not_now:
        return Proof.NOT_PLACED
    if code in known.refused or _in_range(code, known.refused_ranges):
        return Proof.REFUSED
    return Proof.UNKNOWN


def _in_range(code: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    try:
        number = int(code)
    except ValueError:
        return False
    return any(low <= number <= high for low, high in ranges)


def _codes(message: str, capabilities: Capabilities) -> Iterator[tuple[str, str]]:
    """Yield the codes in an error's body with its whole text, the most telling first."""
    body = _body(message)
    for field in capabilities.code_path:
        for found in _values(body, field):
            for one in found if isinstance(found, list) else [found]:
                code = str(one)
                yield code, message
                # Kraken puts details after the second colon.
                yield ":".join(code.split(":")[:2]), message


def _values(body: Any, field: str) -> Iterator[Any]:
    if isinstance(body, dict):
        if field in body:
            yield body[field]
        for value in body.values():
            yield from _values(value, field)
    elif isinstance(body, list):
        for value in body:
            yield from _values(value, field)


def _body(message: str) -> Any:
    start = message.find("{")
    if start < 0:
        return None
    try:
        return json.loads(message[start:])
    except ValueError:
        return None


def _is_http_refusal_by_rate(message: str) -> bool:
    """Say whether the venue turned the request away at its door: 418 or 429."""
    return re.search(r"\s(418|429)\s", message) is not None


def _ban(message: str) -> int | None:
    found = _RETRY_AFTER.search(message)
    return int(found.group(1)) if found else None
