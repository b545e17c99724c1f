"""The first line of a scenario: what a trader says about a bot, as its rules, and back."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from application.scenario.day import BotDay
from application.scenario.market import HOURLY, PERPETUAL
from domain.instrument import Instrument
from domain.reason_words import plain
from domain.rules import (
    Allowed,
    ExitRules,
    RsiRules,
    Rules,
    Scaling,
    SellMeans,
    Sizing,
    SizingMode,
    StepDirection,
    Trigger,
)
from domain.timeframe import Timeframe

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
    r"(\w+) bars": lambda text: {"timeframe": Timeframe.parse(text)},
    r"oversold ([\d.]+)": lambda n: {"rsi.oversold": float(n)},
    r"overbought ([\d.]+)": lambda n: {"rsi.overbought": float(n)},
    r"quantities of ([\d.]+)": lambda n: {"market.quantity_step": Decimal(n)},
    r"at least ([\d.]+)": lambda n: {"market.quantity_min": Decimal(n)},
    r"worth at least ([\d.]+)": lambda n: {"market.notional_min": Decimal(n)},
    r"prices of ([\d.]+)": lambda n: {"market.price_tick": Decimal(n)},
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
    market = replace(PERPETUAL, **_belonging(known, "market."))
    own = {name: value for name, value in known.items() if "." not in name}
    return BotDay(Rules(**{"timeframe": HOURLY, **given, **own}), waits, market)


def line_of(rules: Rules, market: Instrument) -> str:
    """Return the line from which ``day_of`` makes these rules.

    Raises:
        ValueError: If there are no words for them; it says for which.
    """
    line = f"rules   {', '.join(_said(rules, market))}"
    meant = day_of(line)
    asked = replace(rules, leverage=meant.rules.leverage, order=meant.rules.order)
    if meant.rules != asked:
        names = [
            name
            for name in rules.__slots__
            if getattr(meant.rules, name) != getattr(asked, name)
        ]
        message = f"a scenario has no words for this bot's {', '.join(names)}"
        raise ValueError(message)
    return line


def _said(rules: Rules, market: Instrument) -> Iterator[str]:
    yield "perpetual" if rules.can_short else "spot"
    if rules.timeframe not in (None, HOURLY):
        yield f"{rules.timeframe} bars"
    if rules.strategy == "follow":
        yield "follow"
    if rules.allowed is not Allowed.BOTH:
        yield f"{rules.allowed.value} only"
    yield from _sized(rules)
    yield from _signaled(rules)
    yield from _left(rules.exits)
    for name in ("reverse", "rearm", "intrabar"):
        if getattr(rules, name):
            yield name
    yield from _traded(market)


def _sized(rules: Rules) -> Iterator[str]:
    sizing, scaling = rules.sizing, rules.scaling
    units = {SizingMode.QUOTE: "USDT", SizingMode.BASE: "BTC"}
    if sizing.mode in units:
        yield f"{plain(sizing.amount)} {units[sizing.mode]}"
    if sizing.reserve:
        yield "reserved"
    if scaling.max_entries > 1:
        yield f"at most {scaling.max_entries} entries"
    if scaling.min_bars != 1:
        yield f"{scaling.min_bars} bars apart"
    if scaling.price_step_percent:
        way = scaling.price_step_direction.value
        yield f"step {plain(scaling.price_step_percent)} % {way}"
    if scaling.rsi_step:
        yield f"rsi step {plain(scaling.rsi_step)}"
    if scaling.size_curve != Scaling().size_curve:
        yield f"sizes {' '.join(plain(one) for one in scaling.size_curve)}"


def _signaled(rules: Rules) -> Iterator[str]:
    if rules.rsi.oversold != RsiRules().oversold:
        yield f"oversold {plain(rules.rsi.oversold)}"
    if rules.rsi.overbought != RsiRules().overbought:
        yield f"overbought {plain(rules.rsi.overbought)}"
    if rules.rsi.trigger is not Trigger.LEVEL:
        yield rules.rsi.trigger.value.replace("_", " ")
    if rules.trust_signal:
        yield "trust the alert"
    if rules.sell_means is not None:
        yield f"a sell means {rules.sell_means.value}"


def _left(exits: ExitRules) -> Iterator[str]:
    if exits.stop_loss_percent is not None:
        yield f"stop {plain(exits.stop_loss_percent)} %"
    if exits.take_profit_percent is not None:
        yield f"target {plain(exits.take_profit_percent)} %"
    if exits.trailing_percent is not None:
        yield f"trail {plain(exits.trailing_percent)} %"
    if exits.max_bars is not None:
        yield f"leave after {exits.max_bars} bars"


def _traded(market: Instrument) -> Iterator[str]:
    if market.quantity_step != PERPETUAL.quantity_step:
        yield f"quantities of {plain(market.quantity_step)}"
    if market.quantity_min != PERPETUAL.quantity_min:
        yield f"at least {plain(market.quantity_min)}"
    if market.notional_min != PERPETUAL.notional_min:
        yield f"worth at least {plain(market.notional_min)}"
    if market.price_tick != PERPETUAL.price_tick:
        yield f"prices of {plain(market.price_tick)}"


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
