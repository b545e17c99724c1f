"""The words for what a bot may not do: by its settings, its size, limits and brakes."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.reason_words import CatalogueEntry as Entry
from domain.reasons import Reason
from domain.reasons import ReasonClass as Class

_SETTINGS: Mapping[Reason, Entry] = {
    Reason.DIRECTION_NOT_ALLOWED: Entry(
        Class.YOUR_SETTING,
        "{value} was not entered: the bot may hold {limit} positions only.",
        "`direction` limits the bot to one side. The opposite condition still closes.",
        "Set `direction: both` to trade both sides.",
        "{value} is allowed.",
    ),
    Reason.SPOT_CANNOT_SHORT: Entry(
        Class.YOUR_SETTING,
        "A spot market cannot be sold short.",
        "On spot, SHORT only closes what is held.",
        "Use a perpetual market to trade both sides, or set `direction: long`.",
    ),
    Reason.SYMBOL_HELD_BY_OTHER_BOT: Entry(
        Class.YOUR_SETTING,
        "Bot {value} holds the other side of this symbol on the account.",
        "The venue keeps one position per symbol, so two bots must not pull both ways.",
        "Give one of the bots an account (or sub-account) of its own.",
    ),
    Reason.SIZE_BELOW_MINIMUM: Entry(
        Class.YOUR_SETTING,
        "The entry would be {value}; the venue takes no less than {limit}.",
        "Sizes are rounded down to the venue's step and never raised to fit.",
        "Raise `sizing.amount`.",
    ),
    Reason.SIZE_NO_STOP: Entry(
        Class.YOUR_SETTING,
        "Sizing by risk needs a stop loss, and none is set.",
        "`risk_percent` divides what may be lost by the distance to the stop.",
        "Set `exits.stop_loss_percent`, or choose another `sizing.mode`.",
    ),
    Reason.BOT_DISABLED: Entry(
        Class.YOUR_SETTING,
        "[{value} is disabled: ]signals cause nothing; exits and stops go on.",
        "A bot that is disabled takes no signals.",
        "Enable the bot. What was missed is listed, not replayed.",
    ),
    Reason.STATE_REDUCING: Entry(
        Class.YOUR_SETTING,
        "The trading state is reducing: positions may only become smaller.",
        "The installation, the account or the bot was paused, or a brake fired.",
        "Set the state to active when you want entries again.",
    ),
    Reason.STATE_HALTED: Entry(
        Class.YOUR_SETTING,
        "The trading state is halted: signals cause nothing.",
        "The installation, the account or the bot was halted. Stops still protect.",
        "Set the state to active when you want to trade again.",
    ),
}

_CLEARANCE: Mapping[Reason, Entry] = {
    Reason.LIVE_SWITCHED_OFF: Entry(
        Class.YOUR_SETTING,
        "The account trades real money, and this installation is not switched to that.",
        "Without `SIGNALMAN_LIVE_TRADING=on` nothing is opened on an account in live mode;"
        " exits and stops go on.",
        "Set `SIGNALMAN_LIVE_TRADING=on` for the workers and start them again.",
    ),
    Reason.LIVE_NOT_CONFIRMED: Entry(
        Class.YOUR_SETTING,
        "The account trades real money, and no administrator has confirmed that it may.",
        "An account in live mode opens nothing before somebody has said so by name.",
        "An administrator confirms it: `signalman account confirm-live NAME`.",
    ),
    Reason.ACCOUNT_UNTESTED: Entry(
        Class.YOUR_SETTING,
        "The account's keys have not been tested since they were set.",
        "Real money is traded only with keys that passed `signalman account test`: it"
        " looks at their rights, the clock, the position mode and what the bots need."
        " Other keys or other `options` need another test.",
        "Run `signalman account test NAME` and mend what it names.",
    ),
    Reason.ACCOUNT_TEST_FAILED: Entry(
        Class.YOUR_SETTING,
        "The account's last test found something broken: {value}.",
        "A key that may withdraw, hedge mode or a clock that is off must be mended before"
        " anything is opened; exits and stops go on.",
        "Run `signalman account test NAME`, do what its lines say, and run it again.",
    ),
}

_MEASURES: Mapping[Reason, Entry] = {
    Reason.ALERT_TOO_OLD: Entry(
        Class.LIMIT,
        "The alert is {value} s old; at most {limit} s are allowed for an entry.",
        "A stale entry is worse than none. Age counts from when the alert was sent.",
        "Look at the delay in the trace; `limits.max_age_seconds` sets the most.",
        "The alert is {value} s old; at most {limit} s are allowed.",
    ),
    Reason.PRICE_OUTSIDE_COLLAR: Entry(
        Class.LIMIT,
        "The market is at {value}, more than {limit} away from the alert's price.",
        "The price ran away between the alert and the order.",
        "Check that chart and symbol are the same market, or widen `order.collar_percent`.",
        "The market is at {value}, within {limit} of the alert's price.",
    ),
    Reason.PRICE_UNKNOWN: Entry(
        Class.YOUR_INPUT,
        "No price is known, and an entry cannot be sized without one.",
        "The alert carries no price and no market data has been seen yet.",
        'Let the alert carry `"price": {{close}}`.',
    ),
    Reason.EQUITY_UNKNOWN: Entry(
        Class.VENUE,
        "The account's equity is not known, and the size is a share of it.",
        "The venue's balance could not be read.",
        "Test the account; or size by a fixed amount.",
    ),
}

_COUNTS: Mapping[Reason, Entry] = {
    Reason.LIMIT_OPEN_POSITIONS: Entry(
        Class.LIMIT,
        "The account already has {value} of {limit} positions open.",
        "A position is open while a bot holds a lot, or an entry of it may still fill.",
        "Wait for a close, or raise the account's `limits.open_positions`.",
        "The account has {value} of {limit} positions open.",
    ),
    Reason.LIMIT_OPEN_POSITIONS_TOTAL: Entry(
        Class.LIMIT,
        "The installation already has {value} of {limit} positions open.",
        "The limit counts the positions of all accounts.",
        "Wait for a close, or raise the limit of the installation.",
        "The installation has {value} of {limit} positions open.",
    ),
    Reason.LIMIT_ORDER_NOTIONAL: Entry(
        Class.LIMIT,
        "The order would be worth {value}; at most {limit} are allowed.",
        "Quantity times price of one order is limited, for the bot or for the account.",
        "Lower `sizing.amount`, or raise `limits.order_notional`.",
        "The order is worth {value}; at most {limit} are allowed.",
    ),
    Reason.LIMIT_POSITION_NOTIONAL: Entry(
        Class.LIMIT,
        "With this entry the bot would hold {value}; at most {limit} are allowed.",
        "What the bot's lots cost, and what its live entries may cost, are counted.",
        "Lower `sizing.amount`, or raise the bot's `limits.position_notional`.",
        "With this entry the bot holds {value}; at most {limit} are allowed.",
    ),
    Reason.LIMIT_ACCOUNT_NOTIONAL: Entry(
        Class.LIMIT,
        "With this entry the account would hold {value}; at most {limit} are allowed.",
        "The lots and live entries of all bots on the account are counted.",
        "Wait for a close, or raise the account's `limits.position_notional`.",
        "With this entry the account holds {value}; at most {limit} are allowed.",
    ),
    Reason.LIMIT_ENTRIES_PER_MINUTE: Entry(
        Class.LIMIT,
        "The account already made {value} entries within a minute; {limit} are allowed.",
        "A flood of alerts must not become a flood of orders.",
        "Look for alerts that fire too often, or raise `limits.entries_per_minute`.",
        "The account made {value} of {limit} entries within a minute.",
    ),
}

_BRAKES: Mapping[Reason, Entry] = {
    Reason.BRAKE_DAILY_LOSS: Entry(
        Class.LIMIT,
        "The day's loss of {value} has reached the limit of {limit}.",
        "Realized results after fees and open positions since the day began are counted."
        " The account goes to reducing and stays there.",
        "Find out why, then set the account's state to active.",
        "The day's loss is {value}; the brake is at {limit}.",
    ),
    Reason.BRAKE_DRAWDOWN: Entry(
        Class.LIMIT,
        "Equity is {value} below its highest point; the limit is {limit}.",
        "Deposits and withdrawals do not count. The account goes to reducing and stays"
        " there.",
        "Find out why, then set the account's state to active.",
        "Equity is {value} below its highest point; the brake is at {limit}.",
    ),
    Reason.BRAKE_LOSSES_IN_ROW: Entry(
        Class.LIMIT,
        "{value} trades in a row were lost; the limit is {limit}.",
        "A loss is net of fees. The account goes to reducing and stays there.",
        "Find out why, then set the account's state to active.",
        "{value} trades in a row were lost; the brake is at {limit}.",
    ),
    Reason.BRAKE_ORDERS_EXCEED_INTENTS: Entry(
        Class.LIMIT,
        "{value} orders left where {limit} were called for.",
        "Orders are counted against the intents that call for them: before each leaves, in"
        " the tables every few seconds, and against the paper venue's own books. More than"
        " were called for means that something sends on its own. The account goes to"
        " reducing and stays there; closing goes on.",
        "Compare the orders with the venue's, and report it. Set the account's state to"
        " active then: counting begins anew.",
    ),
    Reason.BRAKE_INTENTS_WITHOUT_ORDERS: Entry(
        Class.LIMIT,
        "{value} intents have been under way for more than a minute without an order.",
        "Workers live, and yet what was decided does not reach the venue."
        " The account goes to reducing and stays there; closing goes on.",
        "Look at the workers' log, and report it; then set the account's state to active.",
    ),
}

LIMITS: Mapping[Reason, Entry] = MappingProxyType(
    {**_SETTINGS, **_CLEARANCE, **_MEASURES, **_COUNTS, **_BRAKES}
)
