"""Small drawings without axes: the path of a line."""

from collections.abc import Sequence
from decimal import Decimal

WIDTH, HEIGHT = 100, 28
POINTS_MAX = 80


def spark(values: Sequence[Decimal]) -> str:
    """Return the path of a line through ``values``; empty where there is no line."""
    if len(values) < 2:  # noqa: PLR2004 - a line has two ends
        return ""
    step = max(1, len(values) // POINTS_MAX)
    shown = [float(one) for one in (*values[::step], values[-1])]
    low, high = min(shown), max(shown)
    span = high - low or 1.0
    places = (
        f"{index * WIDTH / (len(shown) - 1):.1f},{HEIGHT - (one - low) / span * HEIGHT:.1f}"
        for index, one in enumerate(shown)
    )
    return "M" + " L".join(places)
