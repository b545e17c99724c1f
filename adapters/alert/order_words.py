"""What a foreign message asks for: from its position, its order's word, and its sizes."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from adapters.alert.body import Leaf
from adapters.alert.foreign_names import POSITIONS, PREVIOUS, PREVIOUS_SIZE, SIZE
from adapters.alert.malformed import MalformedAlert, shown, wrong_type
from adapters.alert.number import decimal_of
from domain.signal import Action, Direction

_LONG, _SHORT = Direction.LONG, Direction.SHORT
_FLAT = "flat"
_HELD: Mapping[str, Direction | str] = MappingProxyType(
    {"long": _LONG, "bullish": _LONG, "short": _SHORT, "bearish": _SHORT, "flat": _FLAT}
)
_OPENS: Mapping[Direction, Action] = MappingProxyType(
    {_LONG: Action.LONG, _SHORT: Action.SHORT}
)
_WORDS: Mapping[str, tuple[Action, Direction | None]] = MappingProxyType(
    {
        "buy": (Action.BUY, None),
        "sell": (Action.SELL, None),
        "add": (Action.ADD, None),
        "cancel": (Action.CANCEL, None),
        **dict.fromkeys(
            ("long", "enterlong", "entrylong", "openlong"), (Action.LONG, None)
        ),
        **dict.fromkeys(
            ("short", "entershort", "entryshort", "openshort"), (Action.SHORT, None)
        ),
        **dict.fromkeys(
            ("exit", "close", "flat", "flatten", "exitall", "closeall"),
            (Action.CLOSE, None),
        ),
        **dict.fromkeys(("exitlong", "closelong"), (Action.CLOSE, _LONG)),
        **dict.fromkeys(("exitshort", "closeshort"), (Action.CLOSE, _SHORT)),
    }
)


class Asked(NamedTuple):
    """What is asked for, and the fields that said so, the decisive one first."""

    action: Action | None
    closes: Direction | None = None
    adds_to: Direction | None = None
    reduces: bool = False
    fields: tuple[Leaf, ...] = ()
    hints: tuple[str, ...] = ()


class _Position(NamedTuple):
    """The position after the order; ``side`` is None when it is flat."""

    leaf: Leaf
    side: Direction | None


def position_of(known: Mapping[str, Leaf]) -> Leaf | None:
    """Return the field that names the position after the order, at whatever depth."""
    for name in POSITIONS:
        for path, leaf in known.items():
            if path == name or (name == "marketposition" and path.endswith(f".{name}")):
                if name == "position" and _word(leaf) not in _HELD:
                    continue
                return leaf
    return None


def asked(known: Mapping[str, Leaf], word: Leaf | None, *, is_traderspost: bool) -> Asked:
    """Return what the message asks for.

    Raises:
        MalformedAlert: If the position is none of long, short and flat.
    """
    named = position_of(known)
    position = None if named is None else _position(named)
    action, closes = _WORDS.get(_word(word), (None, None)) if word else (None, None)
    fields = tuple(leaf for leaf in (named, word) if leaf is not None)
    if is_traderspost and action in (Action.CLOSE, Action.ADD, Action.CANCEL):
        adds_to = position.side if position and action is Action.ADD else None
        return Asked(action, closes, adds_to, fields=fields[::-1])
    if position is not None:
        return _by_position(known, position, action, fields, by_word=is_traderspost)
    if action is None:
        return Asked(None, hints=_unknown(word))
    if is_traderspost:
        action = {Action.BUY: Action.LONG, Action.SELL: Action.SHORT}.get(action, action)
    return Asked(action, closes, fields=fields)


def _by_position(
    known: Mapping[str, Leaf],
    position: _Position,
    ordered: Action | None,
    fields: tuple[Leaf, ...],
    *,
    by_word: bool,
) -> Asked:
    previous = tuple(known[at] for at in (_at(known, name) for name in PREVIOUS) if at)
    was = _HELD.get(_word(previous[0])) if previous else None
    before = was if isinstance(was, Direction) else None
    more = (*fields, *previous[:1])
    if position.side is not None:
        reduces = _reduces(known, position.side, ordered, before)
        return Asked(_OPENS[position.side], reduces=reduces, fields=more)
    if before is None and by_word:
        before = {Action.SELL: _LONG, Action.BUY: _SHORT}.get(ordered or Action.CLOSE)
    return Asked(Action.CLOSE, before, fields=more)


def _reduces(
    known: Mapping[str, Leaf],
    side: Direction,
    ordered: Action | None,
    before: Direction | None,
) -> bool:
    """Say whether the order made a position smaller that goes on.

    Nothing but a reduction ends long by selling, or short by buying.
    """
    against = Action.SELL if side is _LONG else Action.BUY
    if ordered is against:
        return True
    now, then = _size(known, SIZE), _size(known, PREVIOUS_SIZE)
    return before is side and now is not None and then is not None and now < then


def _position(leaf: Leaf) -> _Position:
    held = _HELD.get(_word(leaf))
    if held is None:
        raise wrong_type(leaf.path, "long, short or flat", leaf.value)
    return _Position(leaf, held if isinstance(held, Direction) else None)


def _at(known: Mapping[str, Leaf], name: str) -> str:
    return next((path for path in known if path.rpartition(".")[2] == name), "")


def _size(known: Mapping[str, Leaf], name: str) -> Decimal | None:
    path = _at(known, name)
    value = known[path].value if path else None
    try:
        return decimal_of(name, value) if isinstance(value, str) else None
    except MalformedAlert:
        return None


def _word(leaf: Leaf) -> str:
    text = leaf.value if isinstance(leaf.value, str) else ""
    return "".join(letter for letter in text.lower() if letter.isalpha())


def _unknown(word: Leaf | None) -> tuple[str, ...]:
    if word is None:
        return ()
    said = shown(str(word.value))
    return (f"{word.path} says {said}, which is no known order; it is not followed.",)
