"""From values back to a tree: for revisions, for ``export``, and to see what changed.

Every setting is written, so that a kept revision means the same when a default changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from application.configuration import limits as levels
from application.configuration.scalar import plain
from application.configuration.size_curve import written
from application.configuration.strategy import CONDITIONS
from application.configuration.tree import Tree, join
from application.configuration.values import (
    AccountConfig,
    BotConfig,
    Chart,
    Document,
    FeedConfig,
    PaperConfig,
)
from domain.risk import Limits
from domain.rules import (
    Conditions,
    ExitRules,
    OrderRules,
    OrderType,
    RsiRules,
    Rules,
    Scaling,
)


class Change(NamedTuple):
    """One setting that differs; None stands for null and for nothing at all."""

    path: str
    old: Tree
    new: Tree


def document_tree(document: Document) -> dict[str, Tree]:
    """Return the tree that is read back as the same document."""
    return {
        "feeds": [feed_tree(feed) for feed in document.feeds],
        "accounts": [account_tree(account) for account in document.accounts],
        "bots": [bot_tree(bot) for bot in document.bots],
        **({} if document.limits is None else installation_tree(document.limits)),
    }


def feed_tree(feed: FeedConfig) -> dict[str, Tree]:
    """Return the tree of one feed."""
    return {"name": feed.name}


def account_tree(account: AccountConfig) -> dict[str, Tree]:
    """Return the tree of one account."""
    return {
        "name": account.name,
        "exchange": account.exchange,
        "mode": account.mode,
        "paper": _paper(account.paper),
        "limits": _limits(account.limits, levels.ACCOUNT),
        "options": account.options,
        "day_start": f"{account.day_start:%H:%M}",
        "on_difference": account.on_difference,
        "symbols": list(account.symbols),
    }


def bot_tree(bot: BotConfig) -> dict[str, Tree]:
    """Return the tree of one bot."""
    return {
        "name": bot.name,
        "account": bot.account,
        "feed": bot.feed,
        "enabled": _switch(bot.enabled),
        "chart": _chart(bot.chart),
        "symbol": bot.symbol,
        **rules_tree(bot.rules),
        "limits": _limits(bot.limits, levels.BOT),
    }


def installation_tree(limits: Limits) -> dict[str, Tree]:
    """Return the tree of what belongs to the whole installation."""
    return {"limits": _limits(limits, levels.INSTALLATION)}


def diff(old: Tree, new: Tree) -> tuple[Change, ...]:
    """Return every setting that differs, in the order of the file.

    Bots and the like are matched by their name and not by their place; other lists are
    compared as a whole. Something wholly new or gone is one change.
    """
    return tuple(_differences("", old, new))


def _paper(paper: PaperConfig) -> Tree:
    return {
        "balance": plain(paper.balance),
        "currency": paper.currency,
        "fee_rate": _optional(paper.fee_rate),
        "slippage_bps": plain(paper.slippage_bps),
        "clock": paper.clock,
    }


def _chart(chart: Chart) -> Tree:
    interval = None if chart.timeframe is None else str(chart.timeframe)
    if chart.name is not None:
        return {"name": chart.name, "interval": interval}
    return {"exchange": chart.exchange, "ticker": chart.ticker, "interval": interval}


def rules_tree(rules: Rules) -> dict[str, Tree]:
    """Return the tree of a bot's rules alone."""
    return {
        "strategy": rules.strategy,
        "direction": rules.allowed.value,
        "rsi": _rsi(rules.rsi),
        "trust_signal": _switch(rules.trust_signal),
        "sell_means": rules.sell_means.value if rules.sell_means else None,
        "intrabar": "allow" if rules.intrabar else "skip",
        "rearm": _switch(rules.rearm),
        "reverse": _switch(rules.reverse),
        "leverage": plain(rules.leverage),
        "margin_mode": rules.margin_mode.value if rules.margin_mode else None,
        "sizing": {
            "mode": rules.sizing.mode.value,
            "amount": plain(rules.sizing.amount),
            "reserve": _switch(rules.sizing.reserve),
        },
        "scaling": _scaling(rules.scaling),
        "exits": _exits(rules.exits),
        "order": _order(rules.order),
        "conditions": _conditions(rules.conditions),
        "parameters": dict(rules.parameters),
        "windows": [str(window) for window in rules.windows],
        "cooldown_bars": str(rules.cooldown_bars),
        "approval": "auto",
    }


def _order(order: OrderRules) -> Tree:
    """Return how entries are sent; a market order never waits, so it says no more."""
    tree: dict[str, Tree] = {
        "type": order.type.value,
        "collar_percent": _optional(order.collar_percent),
    }
    if order.type is OrderType.MARKET:
        return tree
    return tree | {
        "timeout_seconds": str(order.timeout_seconds),
        "on_timeout": order.on_timeout.value,
    }


def _conditions(conditions: Conditions) -> Tree:
    return {
        name: condition.text if (condition := getattr(conditions, name)) else None
        for name in CONDITIONS
    }


def _rsi(rsi: RsiRules) -> Tree:
    return {
        "length": str(rsi.length),
        "oversold": _indicator(rsi.oversold),
        "overbought": _indicator(rsi.overbought),
        "trigger": rsi.trigger.value,
        "source": "alert",
    }


def _scaling(scaling: Scaling) -> Tree:
    return {
        "max_entries": str(scaling.max_entries),
        "min_bars": str(scaling.min_bars),
        "price_step": {
            "percent": plain(scaling.price_step_percent),
            "direction": scaling.price_step_direction.value,
        },
        "rsi_step": _indicator(scaling.rsi_step),
        "size_curve": written(scaling.size_curve, scaling.max_entries),
    }


def _exits(exits: ExitRules) -> Tree:
    return {
        "stop_loss_percent": _optional(exits.stop_loss_percent),
        "take_profit_percent": _optional(exits.take_profit_percent),
        "trailing_percent": _optional(exits.trailing_percent),
        "max_bars": _optional(exits.max_bars),
    }


def _limits(limits: Limits, level: levels.Level) -> Tree:
    return {name: _optional(getattr(limits, name)) for name in level.limits}


def _optional(value: Decimal | int | None) -> str | None:
    return (
        plain(value)
        if isinstance(value, Decimal)
        else None
        if value is None
        else str(value)
    )


def _indicator(value: float) -> str:
    """Write the shortest text that is read as the same float."""
    return plain(Decimal(repr(value)))


def _switch(value: bool) -> str:  # noqa: FBT001 - it is the value that is written
    return "yes" if value else "no"


def _differences(path: str, old: Tree, new: Tree) -> Iterator[Change]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys((*old, *new)):
            yield from _differences(join(path, name), old.get(name), new.get(name))
        return
    before, after = _by_name(old), _by_name(new)
    if before is not None and after is not None:
        for name in dict.fromkeys((*before, *after)):
            yield from _differences(f"{path}[{name}]", before.get(name), after.get(name))
    elif old != new:
        yield Change(path, old, new)


def _by_name(tree: Tree) -> dict[str, Tree] | None:
    """Return a list's mappings under their names; None for every other tree."""
    if isinstance(tree, str) or not isinstance(tree, Sequence):
        return None
    named: dict[str, Tree] = {}
    for item in tree:
        name = item.get("name") if isinstance(item, Mapping) else None
        if not isinstance(name, str) or name in named:
            return None
        named[name] = item
    return named
