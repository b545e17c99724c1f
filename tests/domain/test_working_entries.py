"""Entries that fill, fill in part or never, in any order, counted by hand as well."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.decision import Enter, decide
from domain.position import FLAT
from domain.rules import Scaling
from domain.state import BotState, WorkingEntry, entered
from tests.domain.examples import entry, rules, signal

MOST = 3
STEP = Decimal(1)


class Entries(RuleBasedStateMachine):
    """A long bot whose entries are on their way for as long as they like."""

    def __init__(self) -> None:
        super().__init__()
        self.state = BotState()
        self.at = 0
        self.filled: dict[int, Decimal] = {}

    @rule()
    def alert(self) -> None:
        self.at += 1
        alert = signal(20.0, at=self.at)
        decision = decide(self.state, alert, rules(scaling=Scaling(max_entries=MOST)))
        for intent in decision.intents:
            assert isinstance(intent, Enter)
            assert intent.number not in self.state.numbers
            sent = WorkingEntry(intent.side, intent.number, Decimal(3), Decimal(100))
            self.state = BotState(
                self.state.position,
                (*self.state.working, sent),
                entered(decision.memory, alert, ()),
            )

    @precondition(lambda self: self.state.working)
    @rule(data=st.data())
    def fill(self, data: Any) -> None:
        one = data.draw(st.sampled_from(self.state.working))
        position = self.state.position.after(entry(one.number, "1", "100"))
        left = one._replace(quantity=one.quantity - STEP)
        self._settle(one, *((left,) if left.quantity else ()))
        self.state = self.state._replace(position=position)
        self.filled[one.number] = self.filled.get(one.number, Decimal(0)) + STEP

    @precondition(lambda self: self.state.working)
    @rule(data=st.data())
    def cancel(self, data: Any) -> None:
        self._settle(data.draw(st.sampled_from(self.state.working)))

    @precondition(lambda self: self.state.position.lots and not self.state.working)
    @rule()
    def close(self) -> None:
        held = self.state.position
        closed = held.after(entry(0, str(held.quantity), "100"))
        self.state = self.state._replace(position=closed)
        self.filled = {}

    @invariant()
    def entries_are_those_with_a_fill_and_those_that_may_still_fill(self) -> None:
        working = {one.number for one in self.state.working}

        assert self.state.entries == len(working | set(self.filled))
        assert self.state.entries <= MOST

    @invariant()
    def the_position_has_the_entries_that_filled(self) -> None:
        position = self.state.position if self.state.position.lots else FLAT

        assert set(position.numbers) == set(self.filled)
        assert position.quantity == sum(self.filled.values())

    def _settle(self, one: WorkingEntry, *left: WorkingEntry) -> None:
        others = tuple(other for other in self.state.working if other is not one)
        self.state = self.state._replace(working=(*others, *left))


test_entries_are_counted_right_however_they_fill = Entries.TestCase
