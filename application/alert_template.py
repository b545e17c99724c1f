"""The message to paste into TradingView, so that an alert says what a bot needs to know."""

import json

from application.configuration.values import BotConfig
from domain.rules import ExitRules
from domain.signal import POSITIONS, Action

_CHART = ' "exchange": "{{exchange}}", "ticker": "{{ticker}}", "interval": "{{interval}}",'
_TIMES = ' "bar_time": "{{time}}", "sent_at": "{{timenow}}"}'
_NO_EXITS = ExitRules()


def alert_template(bot: BotConfig, action: Action | None = None) -> str:
    """Return the native body with TradingView's placeholders.

    Without an action the bot decides by RSI. Its id ends in the action, so that an alert
    for LONG and one for SHORT on the same bar are two.
    """
    chart, name = bot.chart, "{{exchange}}:{{ticker}}-{{interval}}"
    if chart.name is not None:
        name = f"{chart.name}-{{{{interval}}}}"
    ending = f"-{action.value}" if action else ""
    id = json.dumps(f"{name}-{{{{time}}}}{ending}", ensure_ascii=False)
    lines = [f'{{"v": 1, "id": {id},']
    if action is not None:
        lines.append(f' "signal": "{action.value}",')
    length = bot.rules.rsi.length
    lines.append(
        f' "rsi": {{{{plot("RSI")}}}}, "rsi_length": {length}, "price": {{{{close}}}},'
    )
    if bot.rules.exits != _NO_EXITS:
        lines.append(' "high": {{high}}, "low": {{low}},')
    named = json.dumps(chart.name, ensure_ascii=False)
    lines.append(_CHART if chart.name is None else f' "chart": {named},')
    return "\n".join((*lines, _TIMES))


def actions_of(bot: BotConfig) -> tuple[Action | None, ...]:
    """Return what the alerts of a bot ask for: nothing where it decides by RSI itself."""
    tells = bot.rules.strategy == "follow" or bot.rules.trust_signal
    return POSITIONS if tells else (None,)
