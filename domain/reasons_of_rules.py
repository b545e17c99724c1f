"""The words for what a trader's own conditions, windows and strategies decided."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.reason_words import CatalogueEntry as Entry
from domain.reasons import Reason
from domain.reasons import ReasonClass as Class

RULES: Mapping[Reason, Entry] = MappingProxyType(
    {
        Reason.EXIT_CONDITION: Entry(
            Class.TRADED,
            "The bot's own exit condition closed the position.",
            "`conditions.exit_long` or `exit_short` held, or the strategy's class said so.",
            "Nothing.",
        ),
        Reason.RULE_MET: Entry(
            Class.DECISION,
            "The condition {limit} holds[: {value}].",
            "The bot's own condition holds with what the alert carries.",
            "Nothing.",
        ),
        Reason.RULE_NOT_MET: Entry(
            Class.DECISION,
            "No condition holds[: {value}].",
            "The bot acts when one of its `conditions` holds.",
            "Nothing.",
        ),
        Reason.RULE_BOTH_SIDES: Entry(
            Class.YOUR_SETTING,
            "The conditions of both sides hold: {value}.",
            "A bot is never long and short at once, so it does nothing.",
            "Write the conditions so that one side excludes the other.",
        ),
        Reason.RULE_FIELD_MISSING: Entry(
            Class.YOUR_INPUT,
            "A condition looks at {value}, and the alert carries no such number.",
            "The field is missing, or it is not a plain number.",
            "Add it to the alert's message, or take it out of the condition.",
        ),
        Reason.RULE_PREVIOUS_UNKNOWN: Entry(
            Class.DECISION,
            "A cross cannot be seen: {value} of the bar just before is not known"
            "[; the last one is of {limit}].",
            "`crosses` compares with the bar just before. Its alert did not come, came"
            " without the field, or this one does not say its bar.",
            "Send an alert on every bar close. One bar later it works again by itself.",
        ),
        Reason.STRATEGY_FAILED: Entry(
            Class.SYSTEM,
            "The strategy {limit} failed: {value}.",
            "A trader's own class raised an error, so nothing was decided for this alert.",
            "Correct the class; the log has the whole error.",
        ),
        Reason.ENTRY_OUTSIDE_WINDOW: Entry(
            Class.DECISION,
            "{value} is outside the trading windows {limit}.",
            "`windows` says when the bot may enter, in UTC. Exits are never held back.",
            "Nothing, or widen `windows`.",
            "{value} is within the trading windows {limit}.",
        ),
        Reason.ENTRY_COOLDOWN: Entry(
            Class.DECISION,
            "The last position was closed {value} bars ago; {limit} must pass.",
            "`cooldown_bars` lets the market settle after a close.",
            "Nothing, or lower `cooldown_bars`.",
            "{value} bars have passed since the last close; {limit} were asked for.",
        ),
    }
)
