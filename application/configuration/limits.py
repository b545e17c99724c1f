"""Which limits belong to a bot, an account and the installation, and how they are read."""

from dataclasses import dataclass, fields

from application.configuration.scalar import amount_or_zero, optional, percent, whole
from application.configuration.section import Section
from application.configuration.tree import enumerated
from application.configuration.values import MAX_AGE_SECONDS
from domain.risk import NO_LIMITS, Limits

_count = optional(whole(0, 999_999_999))
_money = optional(amount_or_zero)
_share = optional(percent(up_to=100, from_zero=True))


@dataclass(frozen=True, slots=True)
class Level:
    """Something that has limits: what it is called, and which limits do something there."""

    name: str
    limits: tuple[str, ...]
    defaults: Limits = NO_LIMITS


BOT = Level(
    "a bot",
    ("order_notional", "position_notional", "max_age_seconds"),
    Limits(max_age_seconds=MAX_AGE_SECONDS),
)
ACCOUNT = Level(
    "an account",
    (
        "open_positions",
        "order_notional",
        "position_notional",
        "entries_per_minute",
        "daily_loss",
        "drawdown_percent",
        "losses_in_row",
    ),
)
INSTALLATION = Level("the installation", ("open_positions",))


def read_limits(section: Section, level: Level) -> Limits:
    """Read the limits of one level; one that would do nothing there is refused."""
    with section:
        limits = Limits(
            open_positions=section.read("open_positions", _count, None),
            order_notional=section.read("order_notional", _money, None),
            position_notional=section.read("position_notional", _money, None),
            entries_per_minute=section.read("entries_per_minute", _count, None),
            daily_loss=section.read("daily_loss", _money, None),
            drawdown_percent=section.read("drawdown_percent", _share, None),
            losses_in_row=section.read("losses_in_row", _count, None),
            max_age_seconds=section.read(
                "max_age_seconds", _count, level.defaults.max_age_seconds
            ),
        )
        _refuse_misplaced(section, level)
    return limits


def _refuse_misplaced(section: Section, level: Level) -> None:
    for name in (field.name for field in fields(Limits)):
        if name not in level.limits and section.has(name):
            places = [
                other.name for other in (BOT, ACCOUNT, INSTALLATION) if name in other.limits
            ]
            section.refuse(
                name,
                f"does nothing for {level.name}: it belongs to the limits of "
                f"{enumerated(places)}",
            )
