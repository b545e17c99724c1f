"""Messages written for other receivers, read as far as their meaning is certain.

============================  ================================================
 what the message has          what is read
============================  ================================================
 a market position             LONG, SHORT or CLOSE, whatever was bought or sold
 TradersPost's action          buy LONG, sell SHORT (CLOSE when flat), exit, add, cancel
 an order's word alone         BUY or SELL: the bot says what they mean, or skips
============================  ================================================

Names are compared without case and signs, so that ``marketPosition`` is one of them.

Source: https://docs.traderspost.io/docs/core-concepts/signals/webhooks
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from adapters.alert.body import JsonObject, Leaf, leaves
from adapters.alert.dialect import Dialect, Reading
from adapters.alert.fields import token
from adapters.alert.foreign_names import (
    LEADING,
    ORDER_WORDS,
    UNCLEAR_TIMES,
    places_of,
    plain_path,
)
from adapters.alert.further import ENTRIES_MAX, further_fields
from adapters.alert.malformed import MalformedAlert, shown
from adapters.alert.message import AlertMessage
from adapters.alert.native import message
from adapters.alert.order_words import Asked, asked, position_of
from domain.signal import POSITIONS

_NATIVE = frozenset(action.value for action in POSITIONS)
_TRADERSPOST = frozenset(
    {"sentiment", "signalPrice", "takeProfit", "stopLoss", "quantityType", "orderType"}
    | {"limitPrice", "stopPrice", "timeInForce", "extendedHours", "marketPriceType"}
)


def is_foreign(fields: JsonObject, *, words_in_signal: bool) -> bool:
    """Say whether the message names a market position or an order, and no ``signal``.

    With ``words_in_signal`` a signal other than LONG, SHORT and CLOSE is an order's word.
    """
    if "v" in fields:
        return False
    signal = fields.get("signal")
    if signal is not None:
        return words_in_signal and str(signal).upper() not in _NATIVE
    return any(_leads(leaf) for leaf in leaves(fields))


def read(fields: JsonObject) -> AlertMessage:
    """Return what a foreign message says.

    Its id is not read, since other receivers name orders with it that come again and again.

    Raises:
        MalformedAlert: With the first thing that is wrong.
    """
    known = _by_plain_path(leaves(fields))
    dialect = _dialect(fields, known)
    found = _asked(dialect, known)
    chosen = _chosen(dialect, known)
    read_paths = frozenset(leaf.path for leaf in (*chosen.values(), *found.fields))
    further = further_fields(
        leaves(fields), read_paths | {"token"}, token=token(fields, "token")
    )
    native: JsonObject = {name: leaf.value for name, leaf in chosen.items()}
    if "token" in fields:
        native["token"] = fields["token"]
    return replace(
        _message(native, chosen, dict(islice(further.items(), ENTRIES_MAX))),
        action=found.action,
        closes=found.closes,
        adds_to=found.adds_to,
        reduces=found.reduces,
        dialect=dialect,
        readings=(*_said(found), *_readings(chosen)),
        hints=(*found.hints, *_unclear_times(further)),
    )


def _leads(leaf: Leaf) -> bool:
    return not leaf.is_secret and plain_path(leaf.path).rpartition(".")[2] in LEADING


def _by_plain_path(found: Iterable[Leaf]) -> dict[str, Leaf]:
    """Return the leaves that hold something, under names without case and signs."""
    known: dict[str, Leaf] = {}
    for leaf in found:
        if leaf.value not in (None, "") and not leaf.is_secret:
            known.setdefault(plain_path(leaf.path), leaf)
    return known


def _dialect(fields: JsonObject, known: dict[str, Leaf]) -> Dialect:
    if "sentiment" in fields:
        return Dialect.TRADERSPOST
    if position_of(known) is not None:
        return Dialect.STRATEGY
    addressed = "ticker" in fields and "action" in fields
    if addressed and any(name in _TRADERSPOST for name in fields):
        return Dialect.TRADERSPOST
    return Dialect.ORDER_WORDS


def _asked(dialect: Dialect, known: dict[str, Leaf]) -> Asked:
    word = next((known[path] for path in ORDER_WORDS if path in known), None)
    return asked(known, word, is_traderspost=dialect is Dialect.TRADERSPOST)


def _chosen(dialect: Dialect, known: dict[str, Leaf]) -> dict[str, Leaf]:
    """Return the leaf that each native name is read from."""
    chosen: dict[str, Leaf] = {}
    traderspost = dialect is Dialect.TRADERSPOST
    for name, places in places_of(known.keys(), is_traderspost=traderspost).items():
        path = next((path for path in places if path in known), None)
        if path is not None:
            chosen[name] = known[path]
    return chosen


def _message(
    native: JsonObject, chosen: dict[str, Leaf], further: dict[str, str]
) -> AlertMessage:
    """Read the fields under their native names; what is wrong is said of their own."""
    try:
        return message(native, further)
    except MalformedAlert as error:
        name, _, rest = error.detail.partition(" ")
        leaf = chosen.get(name)
        if leaf is None or leaf.path == name:
            raise
        detail = f"{leaf.path} (read as {name}) {rest}"
        raise MalformedAlert(error.reason, detail) from None


def _said(found: Asked) -> Iterable[Reading]:
    means = found.action.value if found.action else ""
    if found.closes is not None:
        means += f", of a {found.closes.value}"
    if found.adds_to is not None:
        means += f", to a {found.adds_to.value}"
    if found.reduces:
        means += ", by an order that made the position smaller"
    for leaf in found.fields[:1]:
        yield Reading(leaf.path, str(leaf.value), means)
    for leaf in found.fields[1:]:
        yield Reading(leaf.path, str(leaf.value), "looked at beside it")


def _readings(chosen: dict[str, Leaf]) -> Iterable[Reading]:
    for name, leaf in chosen.items():
        yield Reading(leaf.path, str(leaf.value), name)


def _unclear_times(further: dict[str, str]) -> tuple[str, ...]:
    return tuple(
        f"The field {shown(path)} is kept but not read: it may be the bar's time or the"
        ' alert\'s; call it "bar_time" for {{time}}, or "sent_at" for {{timenow}}.'
        for path in further
        if plain_path(path) in UNCLEAR_TIMES
    )
