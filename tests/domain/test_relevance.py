"""What a bot waits for is what ``decide`` obeys: held against it, state by state."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as some

from domain.decision import Exit, decide
from domain.position import FLAT, Fill
from domain.relevance import awaited, is_foregone
from domain.rules import Allowed, RsiRules, Rules, Scaling, Trigger
from domain.signal import Direction, Signal
from domain.state import BarMemory, BotState
from domain.timeframe import Timeframe
from tests.domain.examples import bar, signal

HOUR = Timeframe.parse("1h")
RULES = some.builds(
    Rules,
    timeframe=some.just(HOUR),
    can_short=some.booleans(),
    allowed=some.sampled_from(Allowed),
    rearm=some.booleans(),
    reverse=some.booleans(),
    rsi=some.builds(RsiRules, trigger=some.sampled_from(Trigger)),
    scaling=some.builds(
        Scaling,
        max_entries=some.integers(1, 3),
        min_bars=some.integers(0, 3),
        price_step_percent=some.sampled_from([Decimal(0), Decimal(1)]),
        rsi_step=some.sampled_from([0.0, 2.0]),
    ),
)
SIDES = some.sampled_from([None, *Direction])
VALUES = some.sampled_from([5.0, 20.0, 29.0, 30.0, 31.0, 50.0, 69.0, 70.0, 80.0, 95.0])


def standing(side: Direction | None, entries: int, *, armed: bool) -> BotState:
    position = FLAT
    for number in range(1, entries + 1):
        if side is None:
            break
        fill = Fill(side, number, Decimal(1), Decimal(100), Decimal(0), bar(0), bar(0))
        position = position.after(fill)
    memory = BarMemory(last_bar=bar(0), entry_bar=bar(0), entry_rsi=25.0, armed=armed)
    return BotState(position, (), memory)


def said(now: float, before: float, at: int = 5) -> Signal:
    return signal(now, at=at)._replace(previous_rsi=before, price=Decimal(100))


STATES = some.builds(standing, SIDES, entries=some.integers(1, 3), armed=some.booleans())
PAIRS = some.tuples(VALUES, VALUES)


@given(RULES, STATES, PAIRS)
def test_what_is_not_awaited_causes_nothing(
    rules: Rules, state: BotState, rsi: tuple[float, float]
) -> None:
    waits = awaited(state, rules)
    free = replace(rules, allowed=Allowed.BOTH, can_short=True, rearm=False)
    flat = BotState(memory=state.memory)
    reading = decide(flat, said(*rsi), free).intents

    target = reading[0].side if reading else None
    heard = {Direction.LONG: waits.long, Direction.SHORT: waits.short, None: False}

    if not heard[target]:
        assert decide(state, said(*rsi), rules).intents == ()


@given(RULES, STATES, VALUES)
def test_a_bot_that_waits_to_be_armed_says_so(
    rules: Rules, state: BotState, now: float
) -> None:
    after = decide(state, said(now, 50.0), rules).memory

    if rules.rearm and after.armed is not state.memory.armed:
        assert awaited(state, rules).neutral


@given(RULES, STATES, PAIRS, PAIRS)
def test_what_is_foregone_is_the_same_whatever_the_numbers(
    rules: Rules, state: BotState, rsi: tuple[float, float], later: tuple[float, float]
) -> None:
    flat = BotState(memory=state.memory)
    free = replace(rules, allowed=Allowed.BOTH, can_short=True, rearm=False)
    one, other = said(*rsi), said(*later, at=9)
    readings = [decide(flat, each, free).intents for each in (one, other)]

    if readings[0] and readings[0] == readings[1] and is_foregone(rules, apart=True):
        first, second = decide(state, one, rules), decide(state, other, rules)
        assert first.reason is second.reason
        assert first.intents == second.intents


def test_a_full_long_waits_for_a_short_alone() -> None:
    rules = Rules(timeframe=HOUR, scaling=Scaling(max_entries=2))
    state = standing(Direction.LONG, 2, armed=True)

    assert awaited(state, rules) == (False, True, False)
    (leave,) = decide(state, said(80.0, 50.0), rules).intents
    assert isinstance(leave, Exit)


def test_a_step_makes_decisions_depend_on_numbers() -> None:
    stepping = Rules(timeframe=HOUR, scaling=Scaling(price_step_percent=Decimal(1)))

    assert is_foregone(Rules(timeframe=HOUR), apart=True)
    assert not is_foregone(Rules(timeframe=HOUR), apart=False)
    assert not is_foregone(stepping, apart=True)
