"""Secrets taken out of a body before anything of it is stored, shown or hashed."""

import json
import re
from functools import lru_cache

from adapters.alert.message import BLANK, MAX_BODY_BYTES, AlertMessage

_MASK = "***"
_SECRET_NAMES = frozenset(
    {"key", "pin", "pwd", "pass", "auth", "authorization", "bearer", "credentials", "otp"}
    | {"discord", "slack", "webhook", "webhookurl", "mnemonic", "seedphrase", "signature"}
)
_SECRET_ENDINGS = (
    *("token", "secret", "passphrase", "password", "passwd", "passcode"),
    *("apikey", "authkey", "accesskey", "privatekey", "secretkey", "signingkey", "passkey"),
)
_SECRET_BEGINNINGS = ("licen",)
_KNOWN_TOKEN_MIN = 8
"""A shorter token could be part of a price: it is masked under its name only."""

_SECRET_WORD = re.compile(
    "|".join(sorted({*_SECRET_NAMES, *_SECRET_ENDINGS, *_SECRET_BEGINNINGS}))
)
_UNNAMED_SIGN = re.compile(r"\||ENTER-|EXIT-")
"""What stands, if no comma does, in every text that ``_UNNAMED`` finds something in."""

_STRING = re.compile('"[^"]*+"')
_LETTERS_AND_QUOTES = {
    code: chr(code).lower() if chr(code).isalpha() or chr(code) == '"' else None
    for code in range(128)
}
_BUT_DIGITS = dict.fromkeys(map(ord, "0123456789"))
_SHAPE_MAX = 1_000
_NAME_MAX = 100
"""Longer names are not remembered: whoever makes them up could fill the memory."""

_TELLING = re.compile("[:=,|]|ENTER-|EXIT-")
"""One of these stands in every text that ``_NAMED`` or ``_UNNAMED`` finds something in."""

_NOT_NAME = re.compile(r"[^a-z]")
_JSON_TOKEN = re.compile(
    r'(?P<text>"[^"\\]*+(?:\\.[^"\\]*+)*+")(?P<colon>\s*+:)?|[{}\[\]]|[^\s"{}\[\],:]++'
)
# What stands before a value in `name: value`, `"name": "value"`, `NAME=value` and the like,
# and the value itself, up to where its closing quote would be. Every quantifier is
# possessive, so that hostile text is read in linear time.
_NAMED = re.compile(
    r"""(?<![\w-])(?P<name>[\w-]++)(?:\\*+["'])?+[^\S\n]*+[:=]"""
    r"""[^\S\n]*+(?:\n\s*+(?=["'\\]))?+"""
)
# Secrets that stand under no name: first of commands, last of WunderTrading's codes.
_COMMAND = r"(?:buy|sell|long|short|close|exit|flat|cancel|newsl|newtp)\w*+"
_UNNAMED = (
    re.compile(
        rf"\A\s*+(?!{_COMMAND}\s*+[,|])([^\s,|=()\{{]++)"
        rf"(?=\s*+,\s*+{_COMMAND}\s*+,|[^|\n=]*+\|[^|\n]++\|)",
        re.IGNORECASE,
    ),
    re.compile(r"(?:ENTER|EXIT)-[A-Z-]++_\S{0,200}_([0-9a-zA-Z]{16,64})\b"),
)
_VALUE = re.compile(
    r"""(?P<quote>")(?:[^"\\\n]|\\.)*+|(?P<escaped>\\++")[^"\\\n]*+|(?P<single>')[^'\n]*+"""
    r"""|(?:(?:bearer|basic)[^\S\n]++)?+[^\s"'\\,;|&(){}\[\]]++""",
    re.IGNORECASE,
)


def is_secret(name: str) -> bool:
    """Say whether a field of this name holds what nobody else may read."""
    return _is_secret(name) if len(name) <= _NAME_MAX else _is_secret.__wrapped__(name)


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    plain = _NOT_NAME.sub("", name.lower())
    return (
        plain in _SECRET_NAMES
        or plain.endswith(_SECRET_ENDINGS)
        or plain.startswith(_SECRET_BEGINNINGS)
    )


def masked(body: bytes, message: AlertMessage | None) -> str:
    """Return the text of ``body`` that may be stored.

    Values of secret fields are ``***``, undecodable bytes and NUL are U+FFFD, and it is
    never longer than ``MAX_BODY_BYTES`` in UTF-8. Valid JSON stays valid JSON, unless it
    had to be cut. Where the body was understood, its token is masked wherever it stands.
    """
    text = body[:MAX_BODY_BYTES].decode(errors="replace").replace("\0", "\ufffd")
    if message is not None and message.token is None and _hides_nothing(text):
        return text
    return _cut(mask(text, message.token if message else None))


def _hides_nothing(text: str) -> bool:
    """Say whether a JSON object that was understood surely holds no secret: most do.

    The alerts of a chart differ in their digits, which decide nothing here.
    """
    if not text.startswith("{") or "\\" in text or not text.isascii():
        return False
    shape = text.translate(_BUT_DIGITS)
    if len(shape) <= _SHAPE_MAX:
        return _hides_nothing_of_shape(shape)
    return _hides_nothing_of_shape.__wrapped__(shape)


@lru_cache(maxsize=256)
def _hides_nothing_of_shape(text: str) -> bool:
    """Say whether no secret stands in an object without escapes, whatever its digits.

    Every name and every content stands between two quotes, so that the letters between
    quotes hold the word if any name does, in a field or within a text.
    """
    if _SECRET_WORD.search(text.translate(_LETTERS_AND_QUOTES)):
        return False
    inside = "".join(_STRING.findall(text))
    return "," not in inside and not _UNNAMED_SIGN.search(text)


def mask(text: str, token: str | None = None) -> str:
    """Return ``text`` with a known token and the values of secret fields replaced.

    Exact in valid JSON; by the look of ``name: value`` and ``name=value`` elsewhere.
    """
    if _is_json(text):
        return _mask_json(text, token)
    return _without_token(_mask_unnamed(_mask_named(text)), token)


def _is_json(text: str) -> bool:
    plain = text.strip(BLANK)
    if not plain.startswith(("{", "[")):
        return False
    try:
        json.loads(plain, parse_int=str)
    except (ValueError, RecursionError):
        return False
    return True


def _mask_json(text: str, known_token: str | None) -> str:
    """Copy everything but the values that follow secret names, whatever their depth."""
    kept: list[str] = []
    copied = depth = 0
    value_start: int | None = None
    after_secret = False
    for token in _JSON_TOKEN.finditer(text):
        if after_secret:
            value_start = token.start() if value_start is None else value_start
            depth += (token[0] in "{[") - (token[0] in "}]")
            if depth == 0:
                kept += (text[copied:value_start], _masked_value(token[0]))
                copied, value_start, after_secret = token.end(), None, False
        elif token["colon"]:
            after_secret = is_secret(_content(token["text"]))
        elif token["text"]:
            kept += (
                text[copied : token.start()],
                _masked_inside(token["text"], known_token),
            )
            copied = token.end()
    return "".join((*kept, text[copied:]))


def _content(text: str) -> str:
    """Return what a JSON text says: all between its quotes where nothing is escaped."""
    content: str = json.loads(text) if "\\" in text else text[1:-1]
    return content


def _masked_value(token: str) -> str:
    return token if token in ('""', "null") else f'"{_MASK}"'


def _masked_inside(text: str, known_token: str | None) -> str:
    """Return a JSON text whose content may itself read like ``password: something``."""
    content = _content(text)
    hidden = content
    if _TELLING.search(content):
        hidden = _mask_unnamed(_mask_named(content))
    hidden = _without_token(hidden, known_token)
    return text if hidden == content else json.dumps(hidden)


def _without_token(text: str, token: str | None) -> str:
    if token is None or len(token) < _KNOWN_TOKEN_MIN:
        return text
    return text.replace(token, _MASK)


def _mask_unnamed(text: str) -> str:
    for pattern in _UNNAMED:
        if found := pattern.search(text):
            text = f"{text[: found.start(1)]}{_MASK}{text[found.end(1) :]}"
    return text


def _mask_named(text: str) -> str:
    kept: list[str] = []
    copied = position = 0
    while name := _NAMED.search(text, position):
        position = name.end()
        if is_secret(name["name"]) and (value := _VALUE.match(text, position)):
            quote = value["quote"] or value["escaped"] or value["single"] or ""
            kept += (text[copied:position], quote, _MASK)
            copied = position = value.end()
    return "".join((*kept, text[copied:]))


def _cut(text: str) -> str:
    stored = text.encode()
    if len(stored) <= MAX_BODY_BYTES:
        return text
    ending = "…"
    room = MAX_BODY_BYTES - len(ending.encode())
    return stored[:room].decode(errors="ignore") + ending
