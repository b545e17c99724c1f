"""Situations a bot can be in, put to the real functions: for tests and for documents."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from domain.decision import Decision, Enter, Exit, decide
from domain.expression import Condition
from domain.hours import Window
from domain.reason_words import plain
from domain.reasons import Finding, Reason
from domain.risk import Bounds, Limits, TradingState, Usage, check
from domain.rules import (
    Allowed,
    Conditions,
    ExitRules,
    RsiRules,
    Scaling,
    SellMeans,
    Sizing,
    SizingMode,
    StepDirection,
    Trigger,
)
from domain.signal import Action, Direction
from domain.sizing import Budget, Sized, size_entry
from domain.state import BarMemory, BotState
from tests.domain.examples import (
    PERPETUAL,
    bar,
    entry,
    long_since,
    position,
    rules,
    signal,
    working,
)


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Where a bot was, in words, and what came of it."""

    group: str
    bot: str
    alert: str
    given: str
    reason: Reason | None
    """None where nothing was refused."""
    findings: tuple[Finding, ...]
    does: str

    @property
    def name(self) -> str:
        """Return the situation in one line."""
        return ", ".join(part for part in (self.bot, self.alert, self.given) if part)


class Words(NamedTuple):
    """A value with the words for it."""

    text: str
    value: Any


def _alert(text: str, rsi: float | None = None, at: int | None = 1, **more: Any) -> Words:
    return Words(text, signal(rsi, at=at, **more))


def _given(text: str, **changes: Any) -> Words:
    return Words(text, changes)


FLAT = Words("flat", BotState())
CLOSED = Words("flat after a close", BotState(memory=BarMemory(bar(0), 28.0, armed=False)))
CLOSED_BAR_0 = Words(
    "flat, closed on bar 0", BotState(memory=BarMemory(bar(0), 50.0, closed_bar=bar(0)))
)
WAITING = Words(
    "first long entry on its way",
    BotState(working=(working(1, at=0),), memory=BarMemory(bar(0), 28.0)),
)
LONG = Words("long, 1 entry at 100 on RSI 28", long_since(0))
LONG_3 = Words("long, 3 entries", long_since(0, entries=3))
LONG_BAR_5 = Words("long since bar 5", long_since(5))
SHORT = Words(
    "short, 1 entry at 100",
    BotState(
        position(entry(1, "10", "100", side=Direction.SHORT)),
        (),
        BarMemory(bar(0), 72.0, None, None, bar(0), 72.0),
    ),
)
SEEN_40 = Words("flat, RSI was 40", BotState(memory=BarMemory(bar(0), 40.0)))
SEEN_28 = Words("flat, RSI was 28", BotState(memory=BarMemory(bar(0), 28.0)))
SEEN_BAR_5 = Words("flat, bar 5 processed", BotState(memory=BarMemory(bar(5), 50.0)))
ENTERED_1 = Words(
    "flat, entered and stopped on bar 1", BotState(memory=BarMemory(entered_bar=bar(1)))
)

RSI_25, RSI_50, RSI_75 = (
    _alert("RSI 25", 25.0),
    _alert("RSI 50", 50.0),
    _alert("RSI 75", 75.0),
)
CLOSE = _alert("CLOSE", None, action=Action.CLOSE)
SELL = _alert("SELL", action=Action.SELL)
ADD = _alert("ADD", action=Action.ADD)
CANCEL = _alert("CANCEL", action=Action.CANCEL)
PART: dict[str, Any] = {"action": Action.LONG, "reduces": True}
USUAL = _given("")
REVERSE = _given("reverse", reverse=True)
SPOT = _given("spot", can_short=False)
LONG_ONLY = _given("direction: long", allowed=Allowed.LONG)
REARM = _given("rearm", rearm=True)
THREE = _given("max_entries: 3", scaling=Scaling(max_entries=3))
INTO = _given("trigger: cross_into", rsi=RsiRules(trigger=Trigger.CROSS_INTO))
OUT = _given("trigger: cross_out", rsi=RsiRules(trigger=Trigger.CROSS_OUT))
FOLLOW = _given("strategy: follow", strategy="follow")
TRUST = _given("trust_signal", trust_signal=True)


def _three(text: str, **scaling: Any) -> Words:
    return _given(text, scaling=Scaling(max_entries=3, **scaling))


APART = _three("3 entries, min_bars: 2", min_bars=2)
STEP = _three("3 entries, price step 2 % against", price_step_percent=Decimal(2))
WITH = _three(
    "3 entries, price step 2 % with",
    price_step_percent=Decimal(2),
    price_step_direction=StepDirection.WITH,
)
FURTHER = _three("3 entries, rsi_step: 2", rsi_step=2.0)


def _conditions(text: str, **conditions: str) -> Words:
    written = {name: Condition.parse(one) for name, one in conditions.items()}
    return _given(text, strategy="rules", conditions=Conditions(**written))


TREND = {"trend": "90"}
TREND_25 = _alert("RSI 25, trend 90", 25.0, extra=TREND)
OWN = _conditions(
    "long: rsi < 30 and trend < price, exit_long: rsi > 70",
    long="rsi < 30 and trend < price",
    exit_long="rsi > 70",
)
BOTH = _conditions("long: rsi < 50, short: price > 1", long="rsi < 50", short="price > 1")
CROSS = _conditions("long: rsi crosses above 30", long="rsi crosses above 30")
CLOSED_HOURS = _given("windows: 23:58-23:59", windows=(Window.parse("23:58-23:59"),))
COOL = _given("cooldown_bars: 3", cooldown_bars=3)
AT_98 = _alert("RSI 25 at 98", 25.0, price=Decimal(98))
AT_99 = _alert("RSI 25 at 99", 25.0, price=Decimal(99))
EARLY = _alert(
    "RSI 25, sent 3 s before the close", 25.0, sent_at=bar(2) - timedelta(seconds=3)
)

_ROWS: tuple[tuple[str, Words, Words, Words], ...] = (
    ("The first entry", FLAT, RSI_50, USUAL),
    ("", FLAT, RSI_25, USUAL),
    ("", FLAT, RSI_75, USUAL),
    ("", FLAT, RSI_75, SPOT),
    ("", FLAT, RSI_75, LONG_ONLY),
    ("", FLAT, RSI_25, LONG_ONLY),
    ("", CLOSED, RSI_25, USUAL),
    ("", CLOSED, RSI_25, REARM),
    ("", FLAT, RSI_25, REARM),
    ("", ENTERED_1, RSI_25, USUAL),
    ("Scaling in", LONG, RSI_25, USUAL),
    ("", LONG, RSI_50, THREE),
    ("", LONG, RSI_25, THREE),
    ("", LONG, _alert("RSI 25, same bar", 25.0, at=0), THREE),
    ("", LONG, _alert("RSI 25, no bar time", 25.0, at=None), THREE),
    ("", LONG_3, RSI_25, THREE),
    ("", LONG, RSI_25, APART),
    ("", LONG, AT_99, STEP),
    ("", LONG, AT_98, STEP),
    ("", LONG, _alert("RSI 25, no price", 25.0, price=None), STEP),
    ("", LONG, _alert("RSI 25 at 102", 25.0, price=Decimal(102)), WITH),
    ("", LONG, _alert("RSI 27", 27.0), FURTHER),
    ("", LONG, RSI_25, FURTHER),
    ("", WAITING, RSI_25, USUAL),
    ("", WAITING, RSI_25, THREE),
    ("", WAITING, AT_98, STEP),
    ("The opposite condition", LONG, RSI_75, USUAL),
    ("", LONG, RSI_75, REVERSE),
    ("", SHORT, RSI_25, REVERSE),
    ("", LONG, RSI_75, _given("reverse, spot", reverse=True, can_short=False)),
    (
        "",
        LONG,
        RSI_75,
        _given("reverse, direction: long", reverse=True, allowed=Allowed.LONG),
    ),
    ("", LONG, _alert("RSI 75, same bar", 75.0, at=0), REVERSE),
    ("", WAITING, RSI_75, USUAL),
    ("CLOSE", FLAT, CLOSE, USUAL),
    ("", LONG, CLOSE, USUAL),
    ("", WAITING, CLOSE, USUAL),
    ("", LONG_BAR_5, _alert("CLOSE of bar 4", at=4, action=Action.CLOSE), USUAL),
    ("", LONG_BAR_5, _alert("CLOSE of bar 5", at=5, action=Action.CLOSE), USUAL),
    (
        "",
        LONG_BAR_5,
        _alert("CLOSE LONG of bar 5", at=5, action=Action.CLOSE, closes=Direction.LONG),
        USUAL,
    ),
    (
        "",
        LONG_BAR_5,
        _alert("CLOSE SHORT of bar 6", at=6, action=Action.CLOSE, closes=Direction.SHORT),
        USUAL,
    ),
    ("Bars", FLAT, EARLY, USUAL),
    ("", FLAT, EARLY, _given("intrabar: allow", intrabar=True)),
    ("", SEEN_BAR_5, _alert("RSI 25 of bar 4", 25.0, at=4), USUAL),
    ("", FLAT, _alert("RSI 25 of a bar in the future", 25.0, received_at=bar(0)), USUAL),
    ("RSI and signals", FLAT, _alert("no RSI"), USUAL),
    ("", FLAT, _alert("RSI 120", 120.0), USUAL),
    ("", FLAT, _alert("RSI 25 of length 7", 25.0, rsi_length=7), USUAL),
    ("", FLAT, RSI_25, INTO),
    ("", SEEN_40, RSI_25, INTO),
    ("", SEEN_28, RSI_25, INTO),
    ("", SEEN_28, _alert("RSI 31", 31.0), OUT),
    ("", FLAT, _alert("LONG, RSI 75", 75.0, action=Action.LONG), USUAL),
    ("", FLAT, _alert("LONG, RSI 75", 75.0, action=Action.LONG), TRUST),
    ("", FLAT, _alert("SHORT, no RSI", action=Action.SHORT), FOLLOW),
    ("", FLAT, RSI_25, FOLLOW),
    ("Orders and additions", FLAT, _alert("BUY", action=Action.BUY), FOLLOW),
    ("", LONG, SELL, FOLLOW),
    ("", LONG, SELL, _given("sell_means: close", sell_means=SellMeans.CLOSE)),
    ("", FLAT, ADD, FOLLOW),
    ("", LONG, _alert("ADD, RSI 25", 25.0, action=Action.ADD), THREE),
    ("", SHORT, _alert("ADD LONG", action=Action.ADD, adds_to=Direction.LONG), FOLLOW),
    ("", LONG, _alert("LONG, by a smaller position", **PART), FOLLOW),
    ("", SHORT, _alert("LONG, by a smaller position", **PART), FOLLOW),
    ("", FLAT, CANCEL, USUAL),
    ("", WAITING, CANCEL, USUAL),
    ("Conditions of one's own", FLAT, TREND_25, OWN),
    ("", FLAT, _alert("RSI 50, trend 90", 50.0, extra=TREND), OWN),
    ("", LONG, RSI_75, OWN),
    ("", FLAT, _alert("RSI 25, no trend", 25.0, extra={}), OWN),
    ("", FLAT, RSI_25, BOTH),
    ("", FLAT, RSI_25, CROSS),
    ("", SEEN_28, _alert("RSI 31", 31.0), CROSS),
    ("Hours and cooling down", FLAT, RSI_25, CLOSED_HOURS),
    ("", LONG, RSI_75, CLOSED_HOURS),
    ("", CLOSED_BAR_0, RSI_25, COOL),
)

ENTRY = Sized(
    Direction.LONG, 1, Decimal(10), Decimal(100), Decimal(10), Decimal(1), equity=None
)
_LIMITS: tuple[tuple[str, Usage, Bounds], ...] = (
    ("no limits", Usage(), Bounds()),
    ("the state is reducing", Usage(), Bounds(state=TradingState.REDUCING)),
    ("the state is halted", Usage(), Bounds(state=TradingState.HALTED)),
    (
        "max_age_seconds: 120, the alert is 121 s old",
        Usage(),
        Bounds(bot=Limits(max_age_seconds=120), age=timedelta(seconds=121)),
    ),
    ("another bot holds the other side", Usage(), Bounds(held_by="btc-1h")),
    (
        "collar_percent: 1, the market is at 102",
        Usage(),
        Bounds(market=Decimal(102), collar_percent=Decimal(1)),
    ),
    (
        "daily_loss: 500, the day lost 500",
        Usage(day_pnl=Decimal(-500)),
        Bounds(account=Limits(daily_loss=Decimal(500))),
    ),
    (
        "drawdown_percent: 20, equity fell from 1000 to 790",
        Usage(equity=Decimal(790), equity_peak=Decimal(1000)),
        Bounds(account=Limits(drawdown_percent=Decimal(20))),
    ),
    (
        "losses_in_row: 3, three were lost",
        Usage(losses_in_row=3),
        Bounds(account=Limits(losses_in_row=3)),
    ),
    (
        "open_positions: 3 on the account, 3 are open",
        Usage(account_positions=3),
        Bounds(account=Limits(open_positions=3)),
    ),
    (
        "the same, but the entry adds to an open position",
        Usage(opens_position=False, account_positions=3),
        Bounds(account=Limits(open_positions=3)),
    ),
    (
        "open_positions: 3 in total, 3 are open",
        Usage(total_positions=3),
        Bounds(total=Limits(open_positions=3)),
    ),
    ("order_notional: 999", Usage(), Bounds(bot=Limits(order_notional=Decimal(999)))),
    (
        "position_notional: 5000 of the bot, 4500 are held",
        Usage(bot_notional=Decimal(4500)),
        Bounds(bot=Limits(position_notional=Decimal(5000))),
    ),
    (
        "position_notional: 9000 of the account, 8500 are held",
        Usage(account_notional=Decimal(8500)),
        Bounds(account=Limits(position_notional=Decimal(9000))),
    ),
    (
        "entries_per_minute: 30, 30 were made",
        Usage(entries_last_minute=30),
        Bounds(account=Limits(entries_per_minute=30)),
    ),
    (
        "everything passes",
        Usage(equity=Decimal(1000), equity_peak=Decimal(1000)),
        Bounds(
            bot=Limits(max_age_seconds=120, position_notional=Decimal(5000)),
            account=Limits(
                open_positions=5,
                order_notional=Decimal(5000),
                position_notional=Decimal(9000),
                entries_per_minute=30,
                daily_loss=Decimal(500),
                drawdown_percent=Decimal(20),
                losses_in_row=3,
            ),
            total=Limits(open_positions=9),
            market=Decimal(100),
            collar_percent=Decimal(1),
        ),
    ),
)

_SIZES: tuple[tuple[str, dict[str, Any], Budget], ...] = (
    ("quote, amount 1000", {}, Budget(Decimal(100))),
    ("quote, amount 1000, the price is 300", {}, Budget(Decimal(300))),
    ("quote, amount 4", {"amount": Decimal(4)}, Budget(Decimal(100))),
    (
        "base, amount 2.5",
        {"mode": SizingMode.BASE, "amount": Decimal("2.5")},
        Budget(Decimal(100)),
    ),
    (
        "equity_percent, amount 10, equity 10000, fee 0.05 %",
        {"mode": SizingMode.EQUITY_PERCENT, "amount": Decimal(10)},
        Budget(Decimal(100), Decimal(10_000), Decimal("0.0005")),
    ),
    (
        "equity_percent, amount 10, equity not known",
        {"mode": SizingMode.EQUITY_PERCENT, "amount": Decimal(10)},
        Budget(Decimal(100)),
    ),
    (
        "risk_percent, amount 1, equity 10000, stop loss 4 %",
        {"mode": SizingMode.RISK_PERCENT, "amount": Decimal(1), "stop": Decimal(4)},
        Budget(Decimal(100), Decimal(10_000)),
    ),
    (
        "risk_percent, amount 1, no stop loss",
        {"mode": SizingMode.RISK_PERCENT, "amount": Decimal(1)},
        Budget(Decimal(100), Decimal(10_000)),
    ),
    ("quote, amount 1000, no price", {}, Budget(None)),
)


def _decided(row: tuple[str, Words, Words, Words]) -> Situation:
    group, bot, alert, given = row
    decision = decide(bot.value, alert.value, rules(**given.value))
    return Situation(
        group=group,
        bot=bot.text,
        alert=alert.text,
        given=given.text,
        reason=decision.reason,
        findings=decision.findings,
        does=_does(decision),
    )


def _does(decision: Decision) -> str:
    said = []
    for intent in decision.intents:
        if isinstance(intent, Enter):
            said.append(f"enter {intent.side.value}, entry {intent.number}")
        elif isinstance(intent, Exit) and intent.quantity:
            said.append(f"close {plain(intent.quantity)} {intent.side.value}")
        else:
            said.append(f"take back the {intent.side.value} entry")
    return "; ".join(said) or "nothing"


def _measured(text: str, usage: Usage, bounds: Bounds) -> Situation:
    findings = check(ENTRY, usage, bounds)
    denied = [finding.reason for finding in findings if not finding.passed]
    return Situation(
        group="",
        bot="",
        alert="",
        given=text,
        reason=denied[0] if denied else None,
        findings=findings,
        does="" if denied else "passes",
    )


def _sized(text: str, changes: dict[str, Any], budget: Budget) -> Situation:
    stop = changes.pop("stop", None)
    sizing = Sizing(**{"amount": Decimal(1000), **changes})
    exits = ExitRules(stop_loss_percent=stop)
    given = rules(sizing=sizing, exits=exits)
    sized = size_entry(Direction.LONG, 1, given, PERPETUAL, budget)
    refused = (sized,) if isinstance(sized, Finding) else ()
    return Situation(
        group="",
        bot="",
        alert="",
        given=text,
        reason=refused[0].reason if refused else None,
        findings=refused,
        does=f"{plain(sized.quantity)} BTC" if isinstance(sized, Sized) else "",
    )


DECIDED = tuple(_decided(row) for row in _ROWS)
MEASURED = tuple(_measured(*row) for row in _LIMITS)
SIZED = tuple(_sized(text, dict(changes), budget) for text, changes, budget in _SIZES)
