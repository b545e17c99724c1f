"""Every reason Signalman can give, by its code; ``reason_catalogue`` has the words."""

from enum import Enum
from typing import NamedTuple


class ReasonClass(Enum):
    """Who can change what the reason reports."""

    TRADED = "traded"
    DECISION = "decision"
    YOUR_INPUT = "your input"
    YOUR_SETTING = "your setting"
    LIMIT = "limit"
    VENUE = "venue"
    SYSTEM = "system"


class Reason(Enum):
    """Why an alert did or did not trade."""

    __hash__ = object.__hash__
    """A member is the only one of its kind; hashing its name would take much longer."""

    ENTRY_OPENED = "entry.opened"
    ENTRY_SCALED_IN = "entry.scaled_in"
    ENTRY_CANCELED = "entry.canceled"
    ENTRY_NOT_REACHED = "entry.not_reached"
    EXIT_CLOSE = "exit.close"
    EXIT_OPPOSITE = "exit.opposite"
    EXIT_REVERSED = "exit.reversed"
    EXIT_STOP_LOSS = "exit.stop_loss"
    EXIT_TAKE_PROFIT = "exit.take_profit"
    EXIT_TRAILING_STOP = "exit.trailing_stop"
    EXIT_MAX_BARS = "exit.max_bars"
    EXIT_FLATTENED = "exit.flattened"
    EXIT_BY_VENUE = "exit.by_venue"
    EXIT_CONDITION = "exit.condition"

    RSI_IN_ZONE = "rsi.in_zone"
    RSI_NEUTRAL = "rsi.neutral"
    RSI_MISSING = "rsi.missing"
    RSI_OUT_OF_RANGE = "rsi.out_of_range"
    RSI_LENGTH_DIFFERS = "rsi.length_differs"
    RSI_PREVIOUS_UNKNOWN = "rsi.previous_unknown"
    SIGNAL_TRUSTED = "signal.trusted"
    SIGNAL_CONTRADICTS_RSI = "signal.contradicts_rsi"
    SIGNAL_MISSING = "signal.missing"
    SIGNAL_SIDE_UNKNOWN = "signal.side_unknown"
    SIGNAL_REDUCES = "signal.reduces"
    ADD_NOTHING_OPEN = "add.nothing_open"
    ADD_OTHER_SIDE = "add.other_side"
    CANCEL_NOTHING_WORKING = "cancel.nothing_working"
    BAR_NOT_CLOSED = "bar.not_closed"
    BAR_OUT_OF_ORDER = "bar.out_of_order"
    ALERT_FROM_FUTURE = "alert.from_future"
    BAR_UNKNOWN = "bar.unknown"
    BAR_ALREADY_ENTERED = "bar.already_entered"
    ENTRY_NOT_REARMED = "entry.not_rearmed"
    ENTRY_OUTSIDE_WINDOW = "entry.outside_window"
    ENTRY_COOLDOWN = "entry.cooldown"
    RULE_MET = "rule.met"
    RULE_NOT_MET = "rule.not_met"
    RULE_BOTH_SIDES = "rule.both_sides"
    RULE_FIELD_MISSING = "rule.field_missing"
    RULE_PREVIOUS_UNKNOWN = "rule.previous_unknown"
    STRATEGY_FAILED = "strategy.failed"
    DIRECTION_NOT_ALLOWED = "direction.not_allowed"
    SPOT_CANNOT_SHORT = "spot.cannot_short"
    SCALING_MAX_ENTRIES = "scaling.max_entries"
    SCALING_MIN_BARS = "scaling.min_bars"
    SCALING_PRICE_STEP = "scaling.price_step"
    SCALING_RSI_STEP = "scaling.rsi_step"
    CLOSE_NOTHING_OPEN = "close.nothing_open"
    CLOSE_OLDER_THAN_POSITION = "close.older_than_position"
    CLOSE_SAME_BAR_AS_ENTRY = "close.same_bar_as_entry"
    CLOSE_OTHER_SIDE = "close.other_side"

    PRICE_UNKNOWN = "price.unknown"
    PRICE_OUTSIDE_COLLAR = "price.outside_collar"
    EQUITY_UNKNOWN = "equity.unknown"
    SIZE_BELOW_MINIMUM = "size.below_minimum"
    SIZE_NO_STOP = "size.no_stop"
    ALERT_TOO_OLD = "alert.too_old"
    SYMBOL_HELD_BY_OTHER_BOT = "symbol.held_by_other_bot"
    LIMIT_OPEN_POSITIONS = "limit.open_positions"
    LIMIT_OPEN_POSITIONS_TOTAL = "limit.open_positions_total"
    LIMIT_ORDER_NOTIONAL = "limit.order_notional"
    LIMIT_POSITION_NOTIONAL = "limit.position_notional"
    LIMIT_ACCOUNT_NOTIONAL = "limit.account_notional"
    LIMIT_ENTRIES_PER_MINUTE = "limit.entries_per_minute"
    BRAKE_DAILY_LOSS = "brake.daily_loss"
    BRAKE_DRAWDOWN = "brake.drawdown"
    BRAKE_LOSSES_IN_ROW = "brake.losses_in_row"
    BRAKE_ORDERS_EXCEED_INTENTS = "brake.orders_exceed_intents"
    BRAKE_INTENTS_WITHOUT_ORDERS = "brake.intents_without_orders"
    STATE_REDUCING = "state.reducing"
    STATE_HALTED = "state.halted"
    BOT_DISABLED = "bot.disabled"
    LIVE_SWITCHED_OFF = "live.switched_off"
    LIVE_NOT_CONFIRMED = "live.not_confirmed"
    ACCOUNT_UNTESTED = "account.untested"
    ACCOUNT_TEST_FAILED = "account.test_failed"
    FENCE_LOST = "fence.lost"

    CHART_MISSING = "chart.missing"
    CHART_UNKNOWN = "chart.unknown"
    BOT_UNKNOWN = "bot.unknown"
    BOT_CHART_DIFFERS = "bot.chart_differs"
    ROUTED = "routed"

    AUTH_BAD_TOKEN = "auth.bad_token"  # noqa: S105 - a code, not a secret
    BODY_EMPTY = "body.empty"
    BODY_TOO_LARGE = "body.too_large"
    BODY_NOT_UTF8 = "body.not_utf8"
    BODY_NOT_JSON = "body.not_json"
    BODY_NOT_OBJECT = "body.not_object"
    BODY_NOT_PAIRS = "body.not_pairs"
    BODY_COMMAND_LANGUAGE = "body.command_language"
    BODY_PLAIN_TEXT = "body.plain_text"
    BODY_DUPLICATE_KEY = "body.duplicate_key"
    BODY_UNRESOLVED_PLACEHOLDER = "body.unresolved_placeholder"
    BODY_VERSION_UNKNOWN = "body.version_unknown"
    NUMBER_NOT_FINITE = "number.not_finite"
    FIELD_WRONG_TYPE = "field.wrong_type"
    FIELD_OUT_OF_RANGE = "field.out_of_range"
    ALERT_DUPLICATE = "alert.duplicate"
    ALERT_ID_REUSED = "id_reused"
    STORE_UNAVAILABLE = "store.unavailable"

    ORDER_FILLED = "order.filled"
    ORDER_REJECTED = "order.rejected"
    ORDER_NOT_PLACED = "order.not_placed"
    ORDER_UNKNOWN = "order.unknown"
    ORDER_NEEDS_OPERATOR = "order.needs_operator"
    POSITION_DIFFERS = "position.differs"
    PROTECTION_AFTER_CLOSE = "protection.after_close"
    ORDER_CANCELED = "order.canceled"


PASSED, REFUSED = True, False


class Finding(NamedTuple):
    """One rule's answer: what was measured, against which limit, and whether it let pass.

    ``value`` and ``limit`` are shown to the trader as they are; a number keeps its digits.
    """

    reason: Reason
    passed: bool
    value: object = None
    limit: object = None


def refusal(reason: Reason, value: object = None, limit: object = None) -> Finding:
    """Return the finding of a rule that did not let pass."""
    return Finding(reason, REFUSED, value, limit)
