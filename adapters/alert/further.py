"""Fields without a name of their own: kept as text, and which were perhaps misspelt."""

import re
from collections.abc import Iterable
from functools import lru_cache

from adapters.alert.body import Leaf, Scalar
from adapters.alert.malformed import MalformedAlert, shown, storable
from adapters.alert.masking import mask
from domain.reasons import Reason

ENTRIES_MAX = 100
_VALUE_MAX = 500
_NOT_LETTER = re.compile(r"[^a-z]")


def further_fields(
    leaves: Iterable[Leaf], known: frozenset[str], *, token: str | None
) -> dict[str, str]:
    """Return every field that is not ``known``, by its dotted name, in the body's order.

    Numbers keep their digits, truth is ``true`` or ``false``, nulls and secrets are left
    out, and ``token`` is masked. A value longer than 500 characters is cut and ends in
    ``…``, so that it is no number any more.

    Raises:
        MalformedAlert: If two share a dotted name, as in ``{"a": {"b": 1}, "a.b": 2}``.
    """
    found: dict[str, str] = {}
    for leaf in leaves:
        if leaf.path in known or leaf.value is None or leaf.is_secret:
            continue
        if leaf.path in found:
            raise MalformedAlert(
                Reason.BODY_DUPLICATE_KEY,
                f"Two fields have the dotted name {shown(leaf.path)}; rename one of them.",
            )
        found[leaf.path] = _as_text(leaf.value, token)
    return found


def hints_about(further: Iterable[str], known: frozenset[str]) -> tuple[str, ...]:
    """Return a sentence for each name that is a known one in another spelling."""
    spelled = _spelled(known)
    return tuple(
        f'The field {shown(name)} is kept but not read; "{spelled[_letters(name)]}" is.'
        for name in further
        if _letters(name) in spelled
    )


@lru_cache(maxsize=16)
def _spelled(known: frozenset[str]) -> dict[str, str]:
    return {_letters(name): name for name in known}


def _letters(name: str) -> str:
    return _NOT_LETTER.sub("", name.lower())


def _as_text(value: Scalar, token: str | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = mask(storable(value or ""), token)
    return text if len(text) <= _VALUE_MAX else f"{text[: _VALUE_MAX - 1]}…"
