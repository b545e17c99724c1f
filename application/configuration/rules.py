"""A bot's rules, read from its section and checked against each other."""

from decimal import Decimal

from application.configuration.scalar import (
    amount,
    choice,
    decimal,
    indicator,
    optional,
    percent,
    plain,
    switch,
    whole,
)
from application.configuration.section import Section
from application.configuration.size_curve import size_curve
from application.configuration.strategy import read_strategy, read_windows
from domain.money import HUNDRED, ONE, multiply
from domain.rules import (
    Allowed,
    ExitRules,
    MarginMode,
    OnTimeout,
    OrderRules,
    OrderType,
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

LEVERAGE_MAX = 125

_DEFAULT = Rules()
_BARS_MAX = 10_000
_TIMEOUT_SECONDS_MAX = 86_400

_allowed = choice({side.value: side for side in Allowed})
_trigger = choice({trigger.value: trigger for trigger in Trigger})
_sizing_mode = choice({mode.value: mode for mode in SizingMode})
_step_direction = choice({direction.value: direction for direction in StepDirection})
_intrabar = choice({"skip": False, "allow": True})
_sell_means = optional(choice({meaning.value: meaning for meaning in SellMeans}))
_leverage = decimal(
    f"a number between 1 and {LEVERAGE_MAX}", lambda value: ONE <= value <= LEVERAGE_MAX
)
_margin_mode = optional(choice({mode.value: mode for mode in MarginMode}))
_source = choice(
    {"alert": "alert"},
    not_yet={"bars": "this version takes RSI from the alert and computes none itself"},
)
_order_type = choice({type.value: type for type in OrderType})
_on_timeout = choice({action.value: action for action in OnTimeout})
_approval = choice(
    {"auto": "auto"}, not_yet={"ask": "this version enters without asking anybody"}
)


def read_rules(bot: Section, timeframe: Timeframe | None) -> Rules:
    """Read the rules among a bot's settings."""
    bot.read("approval", _approval, "auto")
    chosen = read_strategy(bot)
    rules = Rules(
        timeframe=timeframe,
        strategy=chosen.name,
        own=chosen.own,
        parameters=chosen.parameters,
        conditions=chosen.conditions,
        windows=read_windows(bot),
        cooldown_bars=bot.read("cooldown_bars", whole(0, _BARS_MAX), 0),
        allowed=bot.read("direction", _allowed, _DEFAULT.allowed),
        rsi=_rsi(bot.child("rsi")),
        trust_signal=bot.read("trust_signal", switch, _DEFAULT.trust_signal),
        sell_means=bot.read("sell_means", _sell_means, _DEFAULT.sell_means),
        intrabar=bot.read("intrabar", _intrabar, _DEFAULT.intrabar),
        rearm=bot.read("rearm", switch, _DEFAULT.rearm),
        reverse=bot.read("reverse", switch, _DEFAULT.reverse),
        leverage=bot.read("leverage", _leverage, _DEFAULT.leverage),
        margin_mode=bot.read("margin_mode", _margin_mode, _DEFAULT.margin_mode),
        sizing=_sizing(bot.child("sizing")),
        scaling=_scaling(bot.child("scaling")),
        exits=_exits(bot.child("exits")),
        order=_order(bot.child("order")),
    )
    _check_sides(bot, rules)
    _check_sizing(bot, rules)
    return rules


def _rsi(section: Section) -> RsiRules:
    with section:
        section.read("source", _source, "alert")
        rules = RsiRules(
            length=section.read("length", whole(1, 1000), _DEFAULT.rsi.length),
            oversold=section.read("oversold", indicator(0, 100), _DEFAULT.rsi.oversold),
            overbought=section.read(
                "overbought", indicator(0, 100), _DEFAULT.rsi.overbought
            ),
            trigger=section.read("trigger", _trigger, _DEFAULT.rsi.trigger),
        )
        crossed = rules.oversold >= rules.overbought
        if crossed and section.is_sound("oversold", "overbought"):
            section.refuse(
                "oversold",
                f"must be below overbought, was {rules.oversold:g} against "
                f"{rules.overbought:g}",
            )
    return rules


def _sizing(section: Section) -> Sizing:
    with section:
        return Sizing(
            mode=section.read("mode", _sizing_mode, _DEFAULT.sizing.mode),
            amount=section.require("amount", amount, _DEFAULT.sizing.amount),
            reserve=section.read("reserve", switch, _DEFAULT.sizing.reserve),
        )


def _scaling(section: Section) -> Scaling:
    with section, section.child("price_step") as step:
        default = _DEFAULT.scaling
        entries = section.read("max_entries", whole(1, 100), default.max_entries)
        known = entries if section.is_sound("max_entries") else None
        return Scaling(
            max_entries=entries,
            min_bars=section.read("min_bars", whole(0, _BARS_MAX), default.min_bars),
            price_step_percent=step.read(
                "percent", percent(below=100, from_zero=True), default.price_step_percent
            ),
            price_step_direction=step.read(
                "direction", _step_direction, default.price_step_direction
            ),
            rsi_step=section.read("rsi_step", indicator(0, 100), default.rsi_step),
            size_curve=section.read("size_curve", size_curve(known), default.size_curve),
        )


def _exits(section: Section) -> ExitRules:
    loss, gain = optional(percent(below=100)), optional(percent(up_to=10_000))
    with section:
        return ExitRules(
            stop_loss_percent=section.read("stop_loss_percent", loss, None),
            take_profit_percent=section.read("take_profit_percent", gain, None),
            trailing_percent=section.read("trailing_percent", loss, None),
            max_bars=section.read("max_bars", optional(whole(1, _BARS_MAX)), None),
        )


def _order(section: Section) -> OrderRules:
    with section:
        default = _DEFAULT.order
        type = section.read("type", _order_type, default.type)
        seconds = section.read(
            "timeout_seconds", whole(1, _TIMEOUT_SECONDS_MAX), default.timeout_seconds
        )
        action = section.read("on_timeout", _on_timeout, default.on_timeout)
        for name, differs in (
            ("timeout_seconds", seconds != default.timeout_seconds),
            ("on_timeout", action is not default.on_timeout),
        ):
            waits = type is OrderType.LIMIT
            if differs and not waits and section.is_sound("type"):
                section.refuse(
                    name, "does nothing for a market order, which never waits; leave it out"
                )
        return OrderRules(
            type=type,
            timeout_seconds=seconds,
            on_timeout=action,
            collar_percent=section.read(
                "collar_percent", optional(percent(up_to=100)), default.collar_percent
            ),
        )


def _check_sides(bot: Section, rules: Rules) -> None:
    if rules.allowed is not Allowed.BOTH and rules.reverse:
        bot.refuse(
            "reverse",
            f"must be no with direction {rules.allowed.value}: the opposite signal closes, "
            "and there is no other side to open",
        )
    gain = rules.exits.take_profit_percent
    if gain is not None and gain >= HUNDRED and rules.allowed is not Allowed.LONG:
        bot.refuse(
            "exits.take_profit_percent",
            f"must be below 100 unless direction is long, was '{plain(gain)}': "
            "a short cannot gain more than its whole price",
        )


def _check_sizing(bot: Section, rules: Rules) -> None:
    mode, size = rules.sizing.mode, rules.sizing.amount
    if mode is SizingMode.RISK_PERCENT:
        if rules.exits.stop_loss_percent is None and bot.is_sound(
            "exits.stop_loss_percent"
        ):
            bot.refuse(
                "exits.stop_loss_percent",
                "is needed by sizing mode risk_percent: the risk is the way to the stop",
            )
        _refuse_above(bot, size, HUNDRED, "a whole equity at risk")
    if mode is SizingMode.EQUITY_PERCENT and bot.is_sound("leverage"):
        most = multiply(HUNDRED, rules.leverage)
        _refuse_above(bot, size, most, f"equity times leverage {plain(rules.leverage)}")


def _refuse_above(bot: Section, size: Decimal, most: Decimal, why: str) -> None:
    if size > most:
        bot.refuse(
            "sizing.amount", f"must be at most {plain(most)} ({why}), was '{plain(size)}'"
        )
