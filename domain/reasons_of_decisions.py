"""The words for what was traded, and for what the strategy's own rules decided."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.reason_words import CatalogueEntry as Entry
from domain.reasons import Reason
from domain.reasons import ReasonClass as Class

_TRADED: Mapping[Reason, Entry] = {
    Reason.ENTRY_OPENED: Entry(
        Class.TRADED,
        "The first entry was opened.",
        "The bot was flat, the condition held and every rule let the entry pass.",
        "Nothing.",
    ),
    Reason.ENTRY_SCALED_IN: Entry(
        Class.TRADED,
        "Another entry was added.",
        "The condition held on a later bar, and every scaling step had been made.",
        "Nothing. `scaling` says how many entries there may be, and how far apart.",
    ),
    Reason.ENTRY_CANCELED: Entry(
        Class.TRADED,
        "The alert asked to cancel, and the entries that waited were taken back.",
        "CANCEL takes back the bot's own entries that wait at the venue. What has filled"
        " stays.",
        "Nothing.",
    ),
    Reason.ENTRY_NOT_REACHED: Entry(
        Class.DECISION,
        "The market was at {value} and did not come to the entry's limit of {limit}.",
        "A limit entry waits at the alert's price, for `order.timeout_seconds` at most.",
        "`order.on_timeout: market` takes what is left at the market's price.",
    ),
    Reason.EXIT_CLOSE: Entry(
        Class.TRADED,
        "The alert asked to close, and the position was closed.",
        "CLOSE closes the bot's own lots, whatever RSI says.",
        "Nothing.",
    ),
    Reason.EXIT_OPPOSITE: Entry(
        Class.TRADED,
        "The opposite condition closed the position.",
        "RSI reached the other zone. Nothing was opened there: `reverse` is off, or a rule"
        " for first entries did not let it.",
        "To trade the other side as well, set `reverse: yes` and allow `direction: both`.",
    ),
    Reason.EXIT_REVERSED: Entry(
        Class.TRADED,
        "The opposite condition closed the position and turns it to the other side.",
        "RSI reached the other zone and `reverse` is on: first everything is closed, then"
        " the first entry is opened the other way. Both sides are never open.",
        "Nothing. `reverse: no` would only close.",
    ),
    Reason.EXIT_STOP_LOSS: Entry(
        Class.TRADED,
        "The stop loss closed the position[: the price was {value}][, the stop at"
        " {limit}].",
        "The price fell so far against the average price of the open lots.",
        "Nothing. `exits.stop_loss_percent` sets the distance.",
    ),
    Reason.EXIT_TAKE_PROFIT: Entry(
        Class.TRADED,
        "The take profit closed the position[: the price was {value}][, the target at"
        " {limit}].",
        "The price gained so much on the average price of the open lots.",
        "Nothing. `exits.take_profit_percent` sets the distance.",
    ),
    Reason.EXIT_TRAILING_STOP: Entry(
        Class.TRADED,
        "The trailing stop closed the position[: the price was {value}][, the stop at"
        " {limit}].",
        "The price fell so far back from the best one since the first entry.",
        "Nothing. `exits.trailing_percent` sets the distance.",
    ),
    Reason.EXIT_MAX_BARS: Entry(
        Class.TRADED,
        "The position was closed: it was held for its maximum number of bars.",
        "Bars count from the first entry.",
        "Nothing. `exits.max_bars` sets how many.",
    ),
    Reason.EXIT_BY_VENUE: Entry(
        Class.TRADED,
        "The position was closed at the venue, by no order of ours[: at {limit}].",
        "A liquidation, or somebody closed it there. The account's `on_difference: adopt`"
        " lets the books follow: at the venue's own prices and fees where it tells them,"
        " else at the newest price that was known, and without a fee.",
        "See the order's evidence, and the venue's own history.",
    ),
    Reason.EXIT_FLATTENED: Entry(
        Class.TRADED,
        "An operator flattened, and the position was closed.",
        "Flattening halts trading first, then closes what the bots hold, then asks the"
        " venue.",
        "Nothing. `signalman state active` lets the bots trade again.",
    ),
}

_MARKET: Mapping[Reason, Entry] = {
    Reason.RSI_IN_ZONE: Entry(
        Class.DECISION,
        "RSI {value} meets the level {limit}.",
        "The bot's own condition holds.",
        "Nothing.",
    ),
    Reason.RSI_NEUTRAL: Entry(
        Class.DECISION,
        "RSI {value} calls for nothing at the levels {limit}.",
        "The bot acts when RSI meets one of its levels in the way its trigger says.",
        "Nothing. To trade more often move `rsi.oversold` and `rsi.overbought`"
        " towards each other.",
    ),
    Reason.RSI_PREVIOUS_UNKNOWN: Entry(
        Class.DECISION,
        "A cross cannot be seen: no RSI is known for the bar just before[ {limit}]"
        "[; the last one is of {value}].",
        "`cross_into` and `cross_out` compare with the RSI of the bar just before. Its"
        " alert did not come, came without RSI, or this one does not say its bar.",
        "Send an alert on every bar close, or use `trigger: level`. One bar later it works"
        " again by itself.",
    ),
    Reason.SIGNAL_TRUSTED: Entry(
        Class.DECISION,
        "The alert says {value}, and the bot takes its word.",
        "The bot follows alerts, or `trust_signal` is on: RSI is not asked.",
        "Nothing.",
    ),
    Reason.SIGNAL_CONTRADICTS_RSI: Entry(
        Class.DECISION,
        "The alert says {value}, but by RSI the bot sees {limit}.",
        "An alert that names a side must agree with the bot's own levels and trigger.",
        "Make the levels in TradingView and here the same, or set `trust_signal: yes`.",
    ),
    Reason.ALERT_FROM_FUTURE: Entry(
        Class.YOUR_INPUT,
        "The alert says {value}, which is after it arrived at {limit}.",
        "An alert dated ahead of time would make every later one look old.",
        "Send `{{timenow}}` as sent_at and `{{time}}` as bar_time, and check the clocks.",
    ),
    Reason.BAR_OUT_OF_ORDER: Entry(
        Class.DECISION,
        "The alert's bar {value} is older than the last one processed, {limit}.",
        "Alerts can arrive late. A newer bar has already been acted on.",
        "Nothing. If it happens often, look at the delays on the health page.",
    ),
    Reason.BAR_ALREADY_ENTERED: Entry(
        Class.DECISION,
        "The bot has already entered on the bar {limit}.",
        "A bot enters at most once per bar, however many alerts come.",
        "Nothing. In TradingView choose the frequency Once Per Bar Close.",
        "The bar {value} is a new one; the last entry was on {limit}.",
    ),
    Reason.ENTRY_NOT_REARMED: Entry(
        Class.DECISION,
        "RSI has not been between {limit} since the last close.",
        "`rearm` is on: after a close, an earlier alert must have shown RSI outside the"
        " zones before the bot enters again.",
        "Nothing, or set `rearm: no`. The alert must be sent on neutral bars too.",
        "RSI has been between {limit} since the last close.",
    ),
}

_SCALING: Mapping[Reason, Entry] = {
    Reason.SCALING_MAX_ENTRIES: Entry(
        Class.DECISION,
        "All {limit} entries are in use.",
        "Filled entries count, and so do those that may still fill.",
        "Nothing, or raise `scaling.max_entries`.",
        "{value} of {limit} entries are in use.",
    ),
    Reason.SCALING_MIN_BARS: Entry(
        Class.DECISION,
        "The last entry is {value} bars ago; at least {limit} were needed.",
        "Entries are kept so many bars apart.",
        "Nothing, or lower `scaling.min_bars`.",
        "The last entry is {value} bars ago; at least {limit} were needed.",
    ),
    Reason.SCALING_PRICE_STEP: Entry(
        Class.DECISION,
        "Price {value} is not far enough from the last entry; {limit}{further} was needed.",
        "The price must move by the step, measured from the last entry's average fill.",
        "Nothing, or lower `scaling.price_step.percent`.",
        "Price {value} is far enough from the last entry; {limit} was needed.",
    ),
    Reason.SCALING_RSI_STEP: Entry(
        Class.DECISION,
        "RSI {value} is not further in the zone; {limit}{further} was needed.",
        "RSI must be deeper in the zone than at the last entry, by the step.",
        "Nothing, or lower `scaling.rsi_step`.",
        "RSI {value} is further in the zone; {limit} was needed.",
    ),
}

_CLOSING: Mapping[Reason, Entry] = {
    Reason.CLOSE_NOTHING_OPEN: Entry(
        Class.DECISION,
        "There is nothing to close.",
        "The bot is flat. What other bots or you hold on this symbol is not its own.",
        "Nothing.",
    ),
    Reason.CLOSE_OLDER_THAN_POSITION: Entry(
        Class.DECISION,
        "The CLOSE is of the bar {value}, and the position was opened later, on {limit}.",
        "A late CLOSE was meant for an earlier position.",
        "Look whether the position should stay; close it by hand if not.",
    ),
    Reason.CLOSE_SAME_BAR_AS_ENTRY: Entry(
        Class.DECISION,
        "The CLOSE is of the bar {value}, on which the position was opened, and does not"
        " say which side it closes.",
        "On one bar a CLOSE and an entry may arrive in either order, so this CLOSE may have"
        " been meant for the position before.",
        'Let the alert name the side: `"closes": "LONG"` or `"closes": "SHORT"`.',
    ),
    Reason.CLOSE_OTHER_SIDE: Entry(
        Class.DECISION,
        "The CLOSE is for a {limit} position, and the open one is {value}.",
        "A CLOSE that names a side closes that side only.",
        "Nothing.",
    ),
}

_ORDER_WORDS: Mapping[Reason, Entry] = {
    Reason.SIGNAL_SIDE_UNKNOWN: Entry(
        Class.YOUR_INPUT,
        "The alert says {value}, and nothing says which position that leads to.",
        "A buy may open a long or cover a short, and a sell the other way round. It is not"
        " guessed.",
        'Let the alert carry `"market_position": "{{strategy.market_position}}"`, or tell'
        " the bot `sell_means: close` or `sell_means: short`.",
    ),
    Reason.SIGNAL_REDUCES: Entry(
        Class.DECISION,
        "The order behind the alert made a {value} position smaller, so nothing is opened"
        " or added.",
        "A partial exit in TradingView leaves the position as it is named. The bot closes"
        " all or nothing, and waits for the alert that says flat.",
        "Nothing. Let the strategy close in one step, or set `exits` for the bot.",
    ),
    Reason.ADD_NOTHING_OPEN: Entry(
        Class.DECISION,
        "The alert asks to add, and there is nothing to add to.",
        "ADD never opens a position: the bot is flat and enters nothing.",
        "Nothing, or send LONG or SHORT for the first entry.",
    ),
    Reason.ADD_OTHER_SIDE: Entry(
        Class.DECISION,
        "The alert asks to add to a {limit} position, and the open one is {value}.",
        "An ADD that names a side adds to that side only.",
        "Nothing.",
    ),
    Reason.CANCEL_NOTHING_WORKING: Entry(
        Class.DECISION,
        "There is no entry to cancel.",
        "None of the bot's entries waits at the venue. CANCEL closes nothing.",
        "Nothing. CLOSE closes what is open.",
    ),
}

DECISIONS: Mapping[Reason, Entry] = MappingProxyType(
    {**_TRADED, **_MARKET, **_SCALING, **_CLOSING, **_ORDER_WORDS}
)
