"""The first line of a scenario: what a trader says about a bot, as its rules."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from domain.rules import (
    Allowed,
    ExitRules,
    RsiRules,
    Scaling,
    SellMeans,
    Sizing,
    SizingMode,
    StepDirection,
    Trigger,
)
from tests.domain.bot_day import BotDay
from tests.domain.examples import rules

SAYINGS: dict[str, Callable[..., dict[str, Any]]] = {
    r"spot": lambda: {"can_short": False},
    r"perpetual": dict,
    r"(long|short) only": lambda side: {"allowed": Allowed(side)},
    r"([\d.]+) USDT": lambda n: {"sizing.amount": Decimal(n)},
    r"([\d.]+) BTC": lambda n: {
        "sizing.amount": Decimal(n),
        "sizing.mode": SizingMode.BASE,
    },
    r"reserved": lambda: {"sizing.reserve": True},
    r"at most (\d+) entries": lambda n: {"scaling.max_entries": int(n)},
    r"(\d+) bars apart": lambda n: {"scaling.min_bars": int(n)},
    r"sizes ([\d. ]+)": lambda n: {
        "scaling.size_curve": tuple(Decimal(one) for one in n.split())
    },
    r"step ([\d.]+) % (against|with)": lambda n, way: {
        "scaling.price_step_percent": Decimal(n),
        "scaling.price_step_direction": StepDirection(way),
    },
    r"rsi step ([\d.]+)": lambda n: {"scaling.rsi_step": float(n)},
    r"(cross into|cross out)": lambda how: {"rsi.trigger": Trigger(how.replace(" ", "_"))},
    r"stop ([\d.]+) %": lambda n: {"exits.stop_loss_percent": Decimal(n)},
    r"target ([\d.]+) %": lambda n: {"exits.take_profit_percent": Decimal(n)},
    r"trail ([\d.]+) %": lambda n: {"exits.trailing_percent": Decimal(n)},
    r"leave after (\d+) bars": lambda n: {"exits.max_bars": int(n)},
    r"(reverse|rearm|intrabar)": lambda name: {name: True},
    r"trust the alert": lambda: {"trust_signal": True},
    r"a sell means (close|short)": lambda what: {"sell_means": SellMeans(what)},
    r"follow": lambda: {"strategy": "follow"},
    r"orders wait": lambda: {"waits": True},
}
PARTS = {"sizing": Sizing, "scaling": Scaling, "rsi": RsiRules, "exits": ExitRules}


def day_of(line: str) -> BotDay:
    """Return the day of the bot that the line describes.

    Raises:
        ValueError: If a saying is not understood.
    """
    known: dict[str, Any] = {}
    for saying in line.removeprefix("rules").split(","):
        known |= _understood(saying.strip())
    waits = known.pop("waits", False)
    given = {name: part(**_belonging(known, f"{name}.")) for name, part in PARTS.items()}
    own = {name: value for name, value in known.items() if "." not in name}
    return BotDay(rules(**given, **own), waits)


def _understood(saying: str) -> dict[str, Any]:
    for pattern, meaning in SAYINGS.items():
        found = re.fullmatch(pattern, saying)
        if found:
            return meaning(*found.groups())
    message = f"nobody says {saying!r} of a bot"
    raise ValueError(message)


def _belonging(known: dict[str, Any], part: str) -> dict[str, Any]:
    return {
        name.removeprefix(part): value
        for name, value in known.items()
        if name.startswith(part)
    }
