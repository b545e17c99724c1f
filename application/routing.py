"""Which bots an alert is for. Pure; the store only brings the candidates."""

from dataclasses import replace

from application.configuration.values import chart_key, name_key
from application.ports.inbox import Candidates, RosterBot, Routed
from domain.reasons import Reason
from domain.signal import Action, Direction, Signal

_ASKED = {Action.LONG: Direction.LONG, Action.SHORT: Direction.SHORT}


def chart_keys(signal: Signal) -> tuple[str, ...]:
    """Return the charts an alert may be about: its free name, and exchange:ticker:4h."""
    keys: list[str] = []
    if signal.chart is not None:
        keys.append(name_key(signal.chart))
    if signal.exchange and signal.ticker and signal.timeframe:
        keys.append(chart_key(signal.exchange, signal.ticker, signal.timeframe))
    return tuple(keys)


def route(signal: Signal, candidates: Candidates) -> Routed:
    """Return where an alert goes, and where it may close something."""
    routed = _routed(signal, candidates)
    exits = tuple(bot.key for bot in routed.bots if may_exit(signal, bot))
    return replace(routed, exits=exits) if exits else routed


def may_exit(signal: Signal, bot: RosterBot) -> bool:
    """Say whether a bot may leave something on this alert: such work goes before entries.

    What asks for the side that is held already cannot, unless an exit rule waits for its
    price; without a side in so many words, the bot's own trigger may call for the other.
    """
    if bot.guarded:
        return True
    if bot.held is None or signal.action is None:
        return bot.held is not None
    return _ASKED.get(signal.action) is not bot.held


def _routed(signal: Signal, candidates: Candidates) -> Routed:
    """Return every enabled bot on the alert's chart, or the bot it names.

    Without a whole chart: the named bot, else the feed's only enabled bot, unless what is
    carried of a chart is not that of the bot.
    """
    if signal.bot is not None:
        return _named(signal, candidates.named)
    charts = chart_keys(signal)
    if not charts:
        return _only(signal, candidates.enabled)
    enabled = tuple(bot for bot in candidates.on_charts if bot.enabled)
    if enabled:
        return Routed(bots=enabled)
    if candidates.on_charts:
        names = ", ".join(bot.name for bot in candidates.on_charts)
        return Routed(reason=Reason.BOT_DISABLED, value=names)
    return Routed(reason=Reason.CHART_UNKNOWN, value=" or ".join(charts))


def _named(signal: Signal, bot: RosterBot | None) -> Routed:
    if bot is None:
        return Routed(reason=Reason.BOT_UNKNOWN, value=signal.bot or "")
    if not bot.enabled:
        return Routed(reason=Reason.BOT_DISABLED, value=bot.name)
    charts = chart_keys(signal)
    if (charts and bot.chart_key not in charts) or _contradicts(signal, bot):
        carried = (signal.exchange, signal.ticker, signal.timeframe)
        said = " or ".join(charts) or ":".join(str(one) for one in carried if one)
        return Routed(reason=Reason.BOT_CHART_DIFFERS, value=said, limit=bot.chart_key)
    return Routed(bots=(bot,))


def _contradicts(signal: Signal, bot: RosterBot) -> bool:
    """Say whether a part of a chart that the alert carries is not that of the bot's."""
    exchange, _, rest = bot.chart_key.partition(":")
    ticker, _, timeframe = rest.rpartition(":")
    if not ticker:
        return False
    carried = (signal.exchange, signal.ticker, signal.timeframe)
    return any(
        mine is not None and str(mine).upper() != theirs.upper()
        for mine, theirs in zip(carried, (exchange, ticker, timeframe), strict=True)
    )


def _only(signal: Signal, enabled: tuple[RosterBot, ...]) -> Routed:
    partly = {
        "exchange": signal.exchange,
        "ticker": signal.ticker,
        "interval": str(signal.timeframe) if signal.timeframe else None,
    }
    given = {name: value for name, value in partly.items() if value}
    if len(enabled) == 1:
        return _named(signal, enabled[0])
    missing = ", ".join(name for name in partly if name not in given)
    return Routed(reason=Reason.CHART_MISSING, value=missing)
