"""How large each entry is beside the first: equal, a multiplier, or a list of factors."""

from collections.abc import Sequence
from decimal import Decimal

from application.configuration.scalar import Parse, Unusable, amount, number, plain
from application.configuration.tree import Tree, shown
from domain.money import ONE, ZERO, multiply, round_down

EQUAL = "equal"
LARGEST = Decimal(1_000_000)
SMALLEST = Decimal("0.000001")

_FINEST = Decimal("1E-12")


def powers(multiplier: Decimal, entries: int) -> tuple[Decimal, ...]:
    """Return 1, m, m², … for so many entries.

    Rounded down to 12 decimals, since exact powers of 1.05 would soon have a hundred digits
    and no venue's step could tell the difference.

    Raises:
        Unusable: When an entry would be absurdly larger or smaller than the first.
    """
    factors = [ONE]
    for entry in range(2, entries + 1):
        factor = round_down(multiply(factors[-1], multiplier), _FINEST)
        if not SMALLEST <= factor <= LARGEST:
            raise Unusable(
                f"makes entry {entry} {plain(factor)} times the first; "
                f"it must stay between {plain(SMALLEST)} and {plain(LARGEST)} times"
            )
        factors.append(Decimal(plain(factor)))
    return trimmed(factors)


def trimmed(factors: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Return the same curve in its shortest form: the last factor repeats by itself."""
    last = len(factors)
    while last > 1 and factors[last - 1] == factors[last - 2]:
        last -= 1
    return tuple(factors[:last])


def size_curve(entries: int | None) -> Parse[tuple[Decimal, ...]]:
    """Parse ``equal``, a multiplier such as ``2``, or a list that begins with 1.

    Without a number of entries the curve is only checked for its own sake.
    """

    def parse(tree: Tree) -> tuple[Decimal, ...]:
        if tree == EQUAL:
            return (ONE,)
        if isinstance(tree, str):
            multiplier = number(tree)
            if multiplier is not None and multiplier > ZERO:
                return powers(multiplier, entries or 1)
        elif isinstance(tree, Sequence) and tree:
            return _listed(tree, entries)
        raise Unusable.expected("equal, a positive number, or a list of them", tree)

    return parse


def written(curve: tuple[Decimal, ...], entries: int) -> Tree:
    """Return the text or list that is read back as the same curve."""
    if len(curve) == 1:
        return EQUAL
    if len(curve) == entries and _is_multiplier(curve):
        return plain(curve[1])
    return [plain(factor) for factor in curve]


def _listed(tree: Sequence[Tree], entries: int | None) -> tuple[Decimal, ...]:
    for item in tree:
        factor = number(item)
        if factor is None or not SMALLEST <= factor <= LARGEST:
            raise Unusable(
                f"must list numbers between {plain(SMALLEST)} and {plain(LARGEST)}, "
                f"was a list with {shown(item)}"
            )
    factors = [amount(item) for item in tree]
    if factors[0] != ONE:
        raise Unusable(
            "must begin with 1, since sizing.amount is the size of the first entry, "
            f"was a list that begins with {shown(tree[0])}"
        )
    if entries is not None and len(factors) > entries:
        raise Unusable(f"lists {len(factors)} sizes, but max_entries is {entries}")
    return trimmed(factors)


def _is_multiplier(curve: tuple[Decimal, ...]) -> bool:
    try:
        return powers(curve[1], len(curve)) == curve
    except Unusable:
        return False
