"""Templates, and how numbers and times look on pages: the only place that rounds there."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from litestar.plugins.jinja import JinjaTemplateEngine
from markupsafe import Markup

from adapters.report.environment import templates
from application import wording
from domain.money import HUNDRED, multiply
from domain.reason_words import plain
from domain.reasons import Reason
from entrypoints.web.assets import MISSING, AssetRefused

WEB = Path(__file__).parent.parent
STATIC = WEB / "static"
NOTHING = "\u2013"
CENT = Decimal("0.01")
ICONS = "vendor/icons.svg"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def engine() -> JinjaTemplateEngine:
    """Return the engine: everything is escaped, and a missing value is an error."""
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(WEB / "templates"), templates()]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"asset": asset, "icon": icon}
    environment.filters |= {
        "ago": ago,
        "clock": clock,
        "duration": duration,
        "factor": factor,
        "share": share,
        "gain": gain,
        "by_reason": by_reason,
        "indicator": indicator,
        "moment": moment,
        "money": money,
        "number": number,
        "percent": percent,
        "plain": plain,
        "plural": wording.plural,
        "price": price,
        "average": average,
        "sign": sign,
    }
    return JinjaTemplateEngine.from_environment(environment)


@cache
def asset(name: str) -> str:
    """Return the address of a static file; it changes with the file's content.

    Raises:
        AssetRefused: If it is missing, which says how to install it.
    """
    try:
        digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    except FileNotFoundError as error:
        raise AssetRefused(MISSING) from error
    return f"/static/{name}?v={digest[:12]}"


def icon(name: str) -> Markup:
    """Return an icon; it says nothing that the words beside it do not."""
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>').format(
        asset(ICONS), name
    )


def number(value: Decimal | float | None) -> str:
    """Return every digit, with separators."""
    if value is None:
        return NOTHING
    return wording.number(
        Decimal(repr(value)) if isinstance(value, float) else +Decimal(value)
    )


def indicator(value: float | None) -> str:
    """Return an indicator to two decimals; the trace has all its digits."""
    return NOTHING if value is None else f"{value:.2f}".replace("-", wording.MINUS)


def by_reason(outcomes: Sequence[tuple[str, Reason | None]]) -> list[tuple[str, list[str]]]:
    """Return what came of an alert with the bots it came to, each outcome once."""
    found: dict[str, list[str]] = {}
    for bot, reason in outcomes:
        found.setdefault(reason.value if reason else "not decided yet", []).append(bot)
    return list(found.items())


def price(value: Decimal | None, like: Decimal | None = None) -> str:
    """Return a price with the decimals it was given, or two more than ``like``."""
    return NOTHING if value is None else wording.price(value, like)


def average(value: Decimal | None) -> str:
    """Return an average price."""
    return NOTHING if value is None else wording.average(value)


def money(value: Decimal | None) -> str:
    """Return an amount to the cent, so that points stand under points."""
    return NOTHING if value is None else _cents(value)


def gain(value: Decimal | None) -> str:
    """Return what was earned, always with its sign."""
    return NOTHING if value is None else f"{'+' if value > 0 else ''}{_cents(value)}"


def _cents(value: Decimal) -> str:
    """Return two decimals; what would be nothing by them keeps the digits it needs."""
    if value and value.copy_abs() < CENT:
        return wording.money(value)
    return f"{value:,.2f}".replace("-", wording.MINUS)


def percent(fraction: Decimal | None) -> str:
    """Return ``58.3 %`` for 0.583."""
    if fraction is None:
        return NOTHING
    return f"{multiply(fraction, HUNDRED):,.1f} %".replace("-", wording.MINUS)


def share(fraction: Decimal | None) -> str:
    """Return a change of something, always with its sign: ``+0.30 %``."""
    if fraction is None:
        return NOTHING
    text = f"{multiply(fraction, HUNDRED):+,.2f} %"
    return text.replace("-", wording.MINUS)


def factor(value: Decimal | None) -> str:
    """Return a ratio to two decimals."""
    return NOTHING if value is None else f"{value:,.2f}"


def sign(value: Decimal | None) -> str:
    """Return the class of an amount: up, down, or none; the sign says the same."""
    return "" if not value else "up" if value > 0 else "down"


def duration(span: timedelta | None) -> str:
    """Return a length of time in its two largest units."""
    return NOTHING if span is None else wording.duration(span)


def ago(at: datetime | None, now: datetime) -> str:
    """Return how long ago something was, in one unit: ``3 s``, ``12 min``, ``5 h``."""
    if at is None:
        return NOTHING
    span = max(now - at, timedelta())
    if span < MINUTE:
        return f"{span.total_seconds():.0f} s"
    if span < HOUR:
        return f"{span // MINUTE} min"
    hours = span // HOUR
    return f"{hours} h" if hours < 48 else f"{span.days} d"  # noqa: PLR2004 - two days


def clock(at: datetime | None) -> Markup | str:
    """Return the time of day, with the whole moment for machines and on hover."""
    return NOTHING if at is None else _time(at, f"{at.astimezone(UTC):%H:%M:%S}")


def moment(at: datetime | None) -> Markup | str:
    """Return the date and the second."""
    return NOTHING if at is None else _time(at, f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}")


def _time(at: datetime, text: str) -> Markup:
    exact = at.astimezone(UTC)
    return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(
        exact.isoformat(), wording.moment(at), text
    )
