"""The words for how an alert arrived, where it went, and what became of its orders."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.reason_words import CatalogueEntry as Entry
from domain.reasons import Reason
from domain.reasons import ReasonClass as Class

REFUSALS: Mapping[Reason, Entry] = MappingProxyType(
    {
        Reason.AUTH_BAD_TOKEN: Entry(
            Class.YOUR_INPUT,
            "The token in the address is not one of ours.",
            "The webhook address is wrong, or its token was replaced more than a day ago.",
            "Copy the feed's address again into the alert in TradingView.",
        ),
        Reason.BODY_EMPTY: Entry(
            Class.YOUR_INPUT,
            "The message is empty.",
            "TradingView sends the alert's message box, and there is nothing in it.",
            "Paste the generated message into the alert.",
        ),
        Reason.BODY_TOO_LARGE: Entry(
            Class.YOUR_INPUT,
            "The message is too large[: {value} bytes][, at most {limit}].",
            "No alert of TradingView is that long.",
            "Look who else posts to this address, and rotate its token.",
        ),
        Reason.BODY_NOT_UTF8: Entry(
            Class.YOUR_INPUT,
            "The message is not UTF-8 text.",
            "TradingView always sends UTF-8; something in between changed it.",
            "Look at the proxy in front of Signalman.",
        ),
        Reason.BODY_NOT_JSON: Entry(
            Class.YOUR_INPUT,
            "The message is not JSON[: {value}].",
            "Most often a quotation mark or a comma is missing.",
            "Compare the alert's message with the generated one.",
        ),
        Reason.BODY_NOT_OBJECT: Entry(
            Class.YOUR_INPUT,
            "The message is not one JSON object.",
            "One alert is one object in braces; lists and bare values are not taken.",
            "Send one message per alert, beginning with a brace.",
        ),
        Reason.BODY_NOT_PAIRS: Entry(
            Class.YOUR_INPUT,
            "The message is neither JSON nor name=value pairs[: {value}].",
            "Pairs stand on lines of their own, or between commas or semicolons.",
            "Write it as `ticker=BTCUSDT.P; interval=240; market_position=long`.",
        ),
        Reason.BODY_COMMAND_LANGUAGE: Entry(
            Class.YOUR_INPUT,
            "The message is in the command language of another receiver[: {value}].",
            "Such commands say how orders are sent. Here a bot's own rules say that, and an"
            " alert says what the market does.",
            "Use the message that `signalman bot show NAME` prints, or name=value pairs.",
        ),
        Reason.BODY_PLAIN_TEXT: Entry(
            Class.YOUR_INPUT,
            "The message is a sentence for people[: {value}].",
            "Nothing is read out of free text: a number in it could mean anything.",
            "Use the message that `signalman bot show NAME` prints, or name=value pairs.",
        ),
        Reason.BODY_DUPLICATE_KEY: Entry(
            Class.YOUR_INPUT,
            "A field stands twice in the message[: {value}].",
            "Which of the two was meant cannot be known.",
            "Remove one of them.",
        ),
        Reason.BODY_UNRESOLVED_PLACEHOLDER: Entry(
            Class.YOUR_INPUT,
            "TradingView left a placeholder as it was[: {value}].",
            "The placeholder does not exist for this alert, or its plot has another title.",
            "Check its spelling; a plot is named by its title in the script.",
        ),
        Reason.BODY_VERSION_UNKNOWN: Entry(
            Class.YOUR_INPUT,
            "The message is of a version that is not known[: {value}].",
            "`v` names the layout of the message.",
            "Copy the generated message anew.",
        ),
        Reason.NUMBER_NOT_FINITE: Entry(
            Class.YOUR_INPUT,
            "A number in the message is not finite[: {value}].",
            "An indicator without a value is sent as NaN.",
            "Send alerts only once the indicator is defined, or send null.",
        ),
        Reason.FIELD_WRONG_TYPE: Entry(
            Class.YOUR_INPUT,
            "A field is not what it should be[: {value}].",
            "A price is a number, a time is ISO 8601 or unix time, a signal is LONG, SHORT"
            " or CLOSE.",
            "Compare the alert's message with the generated one.",
        ),
        Reason.FIELD_OUT_OF_RANGE: Entry(
            Class.YOUR_INPUT,
            "A number is outside of what is possible[: {value}].",
            "Prices are positive, times are not in the far past or future.",
            "Compare the alert's message with the generated one.",
        ),
        Reason.ALERT_ID_REUSED: Entry(
            Class.YOUR_INPUT,
            "The id was used before with another message.",
            "An id names one intended action for ever. The alert is kept but not executed.",
            "Let the id hold the bar's time and the signal, as the generated message does.",
        ),
        Reason.STORE_UNAVAILABLE: Entry(
            Class.SYSTEM,
            "The alert could not be stored.",
            "TradingView was told to send it again, and does so several times.",
            "Look at the database; the health page says what it answers.",
        ),
    }
)

_SIGNAL: Mapping[Reason, Entry] = {
    Reason.ALERT_DUPLICATE: Entry(
        Class.DECISION,
        "The same alert had arrived before, and acted once.",
        "TradingView sends again when an answer is late.",
        "Nothing.",
    ),
    Reason.RSI_MISSING: Entry(
        Class.YOUR_INPUT,
        "The RSI of {value} is missing.",
        "The bot decides by RSI, and prices that do not move have none.",
        'Let the alert carry `"rsi": {{plot("RSI")}}`.',
    ),
    Reason.RSI_OUT_OF_RANGE: Entry(
        Class.YOUR_INPUT,
        "RSI {value} is not within {limit}.",
        "The plot that the alert sends is not RSI, or it had no value yet.",
        "Check the name of the plot in the alert's message.",
    ),
    Reason.RSI_LENGTH_DIFFERS: Entry(
        Class.YOUR_INPUT,
        "The alert's RSI has length {value}, the bot's has {limit}.",
        "Two lengths are two indicators; mixing them would trade on the wrong one.",
        "Set the same length in TradingView and in `rsi.length`.",
    ),
    Reason.SIGNAL_MISSING: Entry(
        Class.YOUR_INPUT,
        "The alert names no side; {limit} was expected.",
        "A bot that follows needs to be told what to hold.",
        'Let the alert carry `"signal": "LONG"`, or use `strategy: rsi`.',
    ),
    Reason.BAR_NOT_CLOSED: Entry(
        Class.YOUR_INPUT,
        "The alert was sent at {value}, before its bar closed at {limit}.",
        "Until a bar closes its RSI still changes, and may take the signal back.",
        "Choose Once Per Bar Close in TradingView, or set `intrabar: allow`.",
    ),
    Reason.BAR_UNKNOWN: Entry(
        Class.YOUR_INPUT,
        "Whether this is a later bar cannot be told[; the alert's bar is {value}]"
        "[; the last entry was on {limit}].",
        "A scale-in needs the bars of the alert and of the last entry, and the timeframe.",
        'Let the alert carry `"bar_time": "{{time}}"` and `"interval"`.',
    ),
    Reason.CHART_MISSING: Entry(
        Class.YOUR_INPUT,
        "The alert does not say which chart it is about[: {value} missing].",
        "Only a feed with a single enabled bot needs no chart.",
        "Let the alert carry exchange, ticker and interval, or name the bot.",
    ),
}

_ROUTING: Mapping[Reason, Entry] = {
    Reason.CHART_UNKNOWN: Entry(
        Class.YOUR_SETTING,
        "No bot of this feed is on the alert's chart[, {value}].",
        "Exchange, ticker and timeframe must be those of a bot.",
        "Correct the bot's chart, or choose the feed's other address.",
    ),
    Reason.BOT_UNKNOWN: Entry(
        Class.YOUR_INPUT,
        "The feed has no bot of the name that the alert gives[: {value}].",
        "An alert can only name a bot of the feed it came by.",
        "Correct the name in the alert.",
    ),
    Reason.BOT_CHART_DIFFERS: Entry(
        Class.YOUR_SETTING,
        "The alert is about {value}, and the bot it names is on {limit}.",
        "An alert for a bot must be of the bot's chart.",
        "Set the alert on the right chart, or correct the bot's chart.",
    ),
    Reason.ROUTED: Entry(
        Class.DECISION,
        "The alert was given to its bots.",
        "Every enabled bot on the chart gets it, or the one it names.",
        "Nothing.",
    ),
    Reason.FENCE_LOST: Entry(
        Class.SYSTEM,
        "Another worker has taken over this work.",
        "A worker that paused too long is replaced, and may then no longer send orders.",
        "Nothing. If it happens often, the machine is too slow or its clock jumps.",
    ),
}

_ORDERS: Mapping[Reason, Entry] = {
    Reason.ORDER_FILLED: Entry(
        Class.TRADED,
        "The order was filled[: {value}].",
        "The venue executed it.",
        "Nothing.",
    ),
    Reason.ORDER_REJECTED: Entry(
        Class.VENUE,
        "The venue rejected the order[: {value}].",
        "It was not executed and will not be sent again.",
        "The venue's own words say why: most often funds, permissions or a minimum.",
    ),
    Reason.ORDER_NOT_PLACED: Entry(
        Class.VENUE,
        "The order did not reach the venue[: {value}].",
        "It is certain that it was not executed.",
        "Nothing for this one. If it happens often, look at the connection.",
    ),
    Reason.ORDER_UNKNOWN: Entry(
        Class.VENUE,
        "Whether the order reached the venue is not known yet[: {value}].",
        "The venue did not answer. It is asked until it tells; nothing is sent twice.",
        "Nothing yet. It keeps its place in the limits until then.",
    ),
    Reason.ORDER_NEEDS_OPERATOR: Entry(
        Class.SYSTEM,
        "The order's fate is not known, and the venue cannot tell[: {value}].",
        "It is never sent again by itself, because it may have been executed.",
        "Look it up at the venue by its client order id, and say what became of it:"
        " `signalman order settle`.",
    ),
    Reason.POSITION_DIFFERS: Entry(
        Class.VENUE,
        "The venue holds something else here than our books say.",
        "Entering on top of what nobody understands would make it worse. Exits go on.",
        "`signalman reconcile` shows both numbers; `--ignore` takes the rest for not ours.",
    ),
    Reason.PROTECTION_AFTER_CLOSE: Entry(
        Class.VENUE,
        "A protective order triggered after its position was closed[: {value} was held]"
        "[, the order executed {limit}].",
        "The close and the stop met at the venue. What the stop executed belongs to no"
        " position here.",
        "`signalman reconcile` shows whether the venue and our books differ.",
    ),
    Reason.ORDER_CANCELED: Entry(
        Class.DECISION,
        "The order was canceled[: {value}].",
        "Its time was over, the trading state changed, or somebody canceled it.",
        "Nothing.",
    ),
}

ARRIVAL: Mapping[Reason, Entry] = MappingProxyType(
    {**REFUSALS, **_SIGNAL, **_ROUTING, **_ORDERS}
)
