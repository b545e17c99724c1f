"""A bot's day in a text that a trader reads and writes, run by what decides.

    rules   spot, 1000 USDT, at most 3 entries, step 2 % against
    rsi 28 at 100           -> enter 10 (entry.opened)        | long 10 @ 100
    rsi 25 at 99            -> nothing (scaling.price_step)   | long 10 @ 100

A line is one alert, of the next bar unless it says ``same bar``, ``bar 3`` or ``no bar``.
``high`` and ``low`` are the range of its bar. Orders fill at the alert's price, or as the
line says: ``filled 9.99 at 100.1``, once for each of them; with ``orders wait`` they wait
for ``venue fills 4 at 99`` or ``venue cancels``.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from application.scenario.market import PERPETUAL, opening
from domain.decision import Cancel, Enter, Exit, decide
from domain.exits import ExitDue, Prices, bars_are_up, exit_due
from domain.fills import trigger_price
from domain.instrument import Instrument
from domain.money import ZERO, add, subtract
from domain.position import Fill
from domain.reason_words import plain
from domain.reasons import Finding, Reason
from domain.rules import Rules
from domain.signal import Action, AlertId, Direction, Signal
from domain.sizing import Budget, size_entry
from domain.state import BotState, WorkingEntry, disarmed, entered

ALERT = re.compile(
    r"(?:(?P<action>LONG|SHORT|CLOSE|ADD|CANCEL|BUY|SELL) ?(?P<side>LONG|SHORT)?)?"
    r"(?P<reduces> reducing)? ?(?:rsi (?P<rsi>[\d.]+))?"
    r" ?(?:at (?P<price>[\d.]+))?(?: high (?P<high>[\d.]+))?(?: low (?P<low>[\d.]+))?"
    r"(?: (?P<bar>same bar|no bar|bar \d+))?(?: (?P<early>\d+) s early)?"
    r"(?P<fills>(?: filled [\d.]+ at [\d.]+)*)"
)
FILLED = re.compile(r"filled ([\d.]+) at ([\d.]+)")
VENUE = re.compile(r"venue (?:fills (?P<quantity>[\d.]+) at (?P<price>[\d.]+)|cancels)")


@dataclass
class BotDay:
    """One bot between two lines: its state, and what its closed trades earned."""

    rules: Rules
    waits: bool = False
    instrument: Instrument = PERPETUAL
    state: BotState = field(default_factory=BotState)
    at: int = -1
    earned: Decimal = Decimal(0)
    fills: list[tuple[Decimal, Decimal]] = field(
        default_factory=list[tuple[Decimal, Decimal]]
    )
    """What the line says of its fills: how much was held after each, and the price."""

    def bar(self, number: int) -> datetime:
        """Return when a bar of this bot opens."""
        return opening(number, self.rules.timeframe)

    def told(self, line: str) -> str:
        """Take one line and return what came of it; a venue's answer has no outcome.

        Raises:
            ValueError: If the line is not understood.
        """
        answered = VENUE.fullmatch(line)
        if answered:
            self._answered(answered["quantity"], answered["price"])
            return ""
        heard = ALERT.fullmatch(line)
        if heard is None:
            message = f"this is no alert: {line}"
            raise ValueError(message)
        self.fills = [(Decimal(q), Decimal(p)) for q, p in FILLED.findall(heard["fills"])]
        return self.alerted(self._signal(heard.groupdict()))

    def alerted(self, alert: Signal) -> str:
        """Do with an alert what the engine does: exit rules first, then the signal."""
        said: list[str] = []
        price = alert.price or Decimal(0)
        due = self._due(alert)
        if due is not None:
            stop = due.reason is not Reason.EXIT_TAKE_PROFIT
            buys = self.state.side is Direction.SHORT
            level = due.level or price
            at = trigger_price(price, level, buys=buys, stop=stop)
            said.append(f"{self._left(at)} at {plain(at)} ({due.reason.value})")
        decision = decide(self.state, alert, self.rules)
        self.state = self.state._replace(memory=decision.memory)
        done, reason = [], decision.reason
        for intent in decision.intents:
            if isinstance(intent, Exit):
                done.append(self._left(price))
            elif isinstance(intent, Cancel):
                done.append(f"cancel entry {intent.number}")
                self._answered(None, None)
            else:
                text, refused = self._entered(intent, alert)
                done.append(text)
                reason = refused or reason
        said.append(f"{', '.join(done) or 'nothing'} ({reason.value})")
        return "; ".join(said)

    def held(self) -> str:
        """Return the book as a scenario writes it."""
        side = self.state.side
        lots = [f"{plain(q)} @ {plain(p)}" for q, p in self.state.position.lots]
        lots += [f"{plain(one.quantity)} working" for one in self.state.working]
        text = f"{side.value.lower()} {', '.join(lots)}" if side else "flat"
        return f"{text}, earned {plain(self.earned)}" if self.earned else text

    def _signal(self, heard: dict[str, str | None]) -> Signal:
        which = heard["bar"]
        if which is None:
            self.at += 1
        elif which.startswith("bar"):
            self.at = int(which.split()[1])
        known: dict[str, Any] = {
            name: Decimal(heard[name] or heard["price"] or 100)
            for name in ("price", "high", "low")
        }
        early = heard["early"]
        action = Action(heard["action"]) if heard["action"] else None
        side = Direction(heard["side"]) if heard["side"] else None
        opened = None if heard["bar"] == "no bar" else self.bar(self.at)
        closes = self.bar(self.at + 1)
        return Signal(
            alert=AlertId(1),
            received_at=closes if opened else self.bar(1),
            bar_time=opened,
            rsi=float(heard["rsi"]) if heard["rsi"] else None,
            action=action,
            closes=None if action is Action.ADD else side,
            adds_to=side if action is Action.ADD else None,
            reduces=bool(heard["reduces"]),
            sent_at=closes - timedelta(seconds=int(early)) if early else None,
            **known,
        )

    def _due(self, alert: Signal) -> ExitDue | None:
        held, exits, price = self.state.position, self.rules.exits, alert.price
        if price is None or held.is_flat or self.rules.timeframe is None:
            return None
        prices = Prices(price, alert.high or price, alert.low or price)
        moved = held.seen(prices.high, prices.low)
        self.state = self.state._replace(position=moved)
        due = exit_due(moved, exits, prices, self.instrument)
        up = bars_are_up(exits, held.first_bar, alert.bar_time, self.rules.timeframe)
        return due or (ExitDue(Reason.EXIT_MAX_BARS, None) if up else None)

    def _left(self, price: Decimal) -> str:
        held = self.state.position
        quantity = held.quantity
        if not held.side or not quantity:
            self.state = self.state._replace(working=())
            return "cancel"
        if self.fills:
            _, price = self.fills.pop(0)
        now = self.bar(self.at)
        closed = held.after(Fill(held.side, 0, quantity, price, ZERO, now))
        self.earned = add(self.earned, closed.trade(now).pnl)
        self.state = BotState(closed, (), disarmed(self.state.memory))
        return f"exit {plain(quantity)}"

    def _entered(self, intent: Enter, alert: Signal) -> tuple[str, Reason | None]:
        memory = self.state.memory
        budget = Budget(alert.price, planned=memory.planned)
        sized = size_entry(intent.side, intent.number, self.rules, self.instrument, budget)
        if isinstance(sized, Finding):
            return "nothing", sized.reason
        bar = alert.bar_time
        waiting = WorkingEntry(sized.side, sized.number, sized.quantity, sized.price, bar)
        self.state = BotState(
            self.state.position,
            (*self.state.working, waiting),
            entered(memory, alert, sized.planned),
        )
        if self.fills:
            held, price = self.fills.pop(0)
            self._filled(held, price)
        elif not self.waits:
            self._filled(sized.quantity, sized.price)
        return f"enter {plain(sized.quantity)}", None

    def _answered(self, quantity: str | None, price: str | None) -> None:
        """Let the venue fill or cancel the entry that has waited longest."""
        if quantity and price:
            first = self.state.working[0]
            left = subtract(first.quantity, Decimal(quantity))
            self._filled(Decimal(quantity), Decimal(price), left)
        else:
            _, *others = self.state.working
            self.state = self.state._replace(working=tuple(others))

    def _filled(self, held: Decimal, price: Decimal, left: Decimal = ZERO) -> None:
        """Fill the entry that has waited longest, so that ``held`` is held of it."""
        first, *others = self.state.working
        fill = Fill(
            first.side,
            first.number,
            held,
            price,
            ZERO,
            self.bar(self.at),
            first.bar,
        )
        rest = [first._replace(quantity=left)] if left else []
        self.state = BotState(
            self.state.position.after(fill), (*rest, *others), self.state.memory
        )
