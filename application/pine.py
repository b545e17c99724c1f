"""A Pine v6 indicator with a bot's own settings, whose alert says what the bot must know.

Source: Pine Script v6 reference, ``alert()``, ``ta.rsi``, ``str.tostring``. Placeholders in
the text of ``alert()`` are not replaced, so the message is put together in Pine.
"""

import json

from application.configuration.values import BotConfig
from domain.conditions import OWN
from domain.rules import ExitRules

_NO_EXITS = ExitRules()
_TIME, _NOW = 'str.tostring(time, "#")', 'str.tostring(timenow, "#")'


def pine(bot: BotConfig, revision: int) -> str:
    """Return the script. It fires on every bar close, in the neutral zone as well."""
    further = _further(bot)
    parts = [
        _HEAD.format(
            name=_quoted(f"Signalman {bot.name}"),
            bot=bot.name,
            revision=revision,
            length=bot.rules.rsi.length,
            low=f"{bot.rules.rsi.oversold:g}",
            high=f"{bot.rules.rsi.overbought:g}",
        )
    ]
    for number, name in enumerate(further, start=1):
        parts.append(f"float field{number} = float(na) // {name}: put your own series here")
    parts.append(_PLOTS)
    parts.append(f"string message = {_message(bot, further)}")
    parts.append(_ALERT)
    return "\n".join(parts)


def tells_sides(bot: BotConfig) -> bool:
    """Say whether the bot follows sides that an RSI indicator cannot tell."""
    return bot.rules.strategy == "follow"


def _further(bot: BotConfig) -> list[str]:
    """Return the fields that the bot's conditions look at, beside those that are known."""
    found = (name for one in bot.rules.conditions.all for name in one.fields)
    return [name for name in dict.fromkeys(found) if name not in OWN]


def _message(bot: BotConfig, further: list[str]) -> str:
    """Return the Pine expression of the alert's body: texts and values in turn."""
    chart = bot.chart
    name = json.dumps(chart.name, ensure_ascii=False) if chart.name is not None else ""
    if name:
        place = [_text('{"v": 1, "id": "' + name[1:-1] + "-")]
    else:
        place = [_text('{"v": 1, "id": "'), "syminfo.prefix", _text(":")]
        place += ["syminfo.ticker", _text("-")]
    parts = [*place, "timeframe.period", _text("-"), _TIME]
    parts += [_text(f'-{bot.name}", "bot": "{bot.name}", "rsi": '), "number(rsi)"]
    parts += [_text(f', "rsi_length": {bot.rules.rsi.length}, "price": '), "number(close)"]
    if bot.rules.exits != _NO_EXITS or {"high", "low"} & _looked_at(bot):
        parts += [_text(', "high": '), "number(high)", _text(', "low": '), "number(low)"]
    for number, field in enumerate(further, start=1):
        parts += [_text(f", {json.dumps(field)}: "), f"number(field{number})"]
    if name:
        parts += [_text(f', "chart": {name}')]
    else:
        parts += [_text(', "exchange": "'), "syminfo.prefix", _text('", "ticker": "')]
        parts += ["syminfo.ticker", _text('", "interval": "'), "timeframe.period"]
        parts += [_text('"')]
    parts += [_text(', "bar_time": '), _TIME]
    parts += [_text(', "sent_at": '), _NOW, _text("}")]
    return " +\n     ".join(parts)


def _looked_at(bot: BotConfig) -> set[str]:
    return {name for one in bot.rules.conditions.all for name in one.fields}


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


_HEAD = """//@version=6
// The RSI of the bot {bot}, at its revision {revision}. Printed by: signalman pine {bot}
// Add it to the bot's chart, then make one alert: condition "Any alert() function call",
// with the feed's webhook URL. The message is made here; the dialog's own text is not used.
indicator({name})
int length = {length}
float oversold = {low}
float overbought = {high}
float rsi = ta.rsi(close, length)
number(float value) => na(value) ? "null" : str.tostring(value, "#.################")"""

_PLOTS = """plot(rsi, "RSI")
hline(oversold, "oversold")
hline(overbought, "overbought")
"""

_ALERT = """
// Every bar's close, also between the levels: re-arming, maximum bars, crosses and the
// watch over alerts that stop coming depend on it.
if barstate.isconfirmed
    alert(message, alert.freq_once_per_bar_close)
"""
