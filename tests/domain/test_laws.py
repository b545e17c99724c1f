"""What holds for every position, every size, every check and every sequence of alerts."""

from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from application.scenario.day import BotDay
from domain.decision import Enter, Exit, decide
from domain.position import FLAT, Fill, Position
from domain.risk import Bounds, Limits, Usage, check
from domain.rules import (
    RsiRules,
    Rules,
    Scaling,
    SellMeans,
    Sizing,
    StepDirection,
    Trigger,
)
from domain.signal import Action, Direction, Signal
from domain.sizing import Budget, Sized, size_entry
from tests.domain.examples import PERPETUAL, bar, entry, rules, signal

prices = st.decimals("0.01", "99999.99", places=2)
quantities = st.decimals("0.001", "9999.999", places=3)
sides = st.sampled_from(Direction)


@st.composite
def held_positions(draw: st.DrawFn) -> Position:
    """Return a position of up to five fills on one side."""
    side = draw(sides)
    held = FLAT
    for number in range(1, draw(st.integers(1, 5)) + 1):
        held = held.after(_fill(side, number, draw(quantities), draw(prices)))
    return held


@st.composite
def alerts(draw: st.DrawFn) -> list[Signal]:
    """Return a day of alerts: mostly in order, some twice, late or without their bar."""
    at, day = 0, []
    for step in draw(st.lists(st.sampled_from((1, 1, 1, 2, 0, -1, None)), max_size=30)):
        at += step or 0
        day.append(
            signal(
                draw(st.none() | st.floats(0, 100)),
                at=None if step is None else at,
                price=draw(prices),
                action=draw(st.sampled_from((None, None, None, *Action))),
                closes=draw(st.none() | sides),
            )
        )
    return day


@st.composite
def bots(draw: st.DrawFn) -> Rules:
    """Return any rules that bear on how often a bot enters."""
    return rules(
        can_short=draw(st.booleans()),
        reverse=draw(st.booleans()),
        rearm=draw(st.booleans()),
        trust_signal=draw(st.booleans()),
        sell_means=draw(st.sampled_from((None, *SellMeans))),
        rsi=RsiRules(trigger=draw(st.sampled_from(Trigger))),
        sizing=Sizing(amount=Decimal(1_000_000), reserve=draw(st.booleans())),
        scaling=Scaling(
            max_entries=draw(st.integers(1, 4)),
            min_bars=draw(st.integers(1, 3)),
            price_step_percent=draw(st.sampled_from((Decimal(0), Decimal(2)))),
            price_step_direction=draw(st.sampled_from(StepDirection)),
            rsi_step=draw(st.sampled_from((0.0, 2.0))),
        ),
    )


@given(held_positions(), prices)
def test_closing_all_realizes_exactly_what_was_unrealized(
    held: Position, mark: Decimal
) -> None:
    closed = held.after(_leave(held, held.quantity, mark))

    assert closed.is_flat
    assert closed.realized == held.unrealized(mark)
    assert closed.trade(bar(1)).pnl == held.unrealized(mark)


@given(held_positions(), prices, st.fractions(0, 1))
def test_a_reduction_moves_profit_but_never_makes_any(
    held: Position, price: Decimal, part: Fraction
) -> None:
    quantity = _share(held.quantity, part)

    reduced = held.after(_leave(held, quantity, price))

    before = held.realized + held.unrealized(price)
    assert reduced.realized + reduced.unrealized(price) == before
    assert reduced.quantity == held.quantity - quantity


@given(held_positions(), prices, st.lists(st.fractions(0, 1), max_size=6))
def test_lots_are_never_empty_nor_negative(
    held: Position, price: Decimal, parts: list[Fraction]
) -> None:
    for part in parts:
        if not held.is_flat:
            held = held.after(_leave(held, _share(held.quantity, part), price))

        assert all(lot.quantity > 0 for lot in held.lots)
        assert held.is_flat == (held.quantity == 0)


@given(
    sides,
    st.lists(st.tuples(st.booleans(), quantities, prices, st.fractions(0, 1)), max_size=12),
    prices,
)
def test_the_book_is_what_its_cash_and_its_holdings_are_worth(
    side: Direction, fills: list[tuple[bool, Decimal, Decimal, Fraction]], mark: Decimal
) -> None:
    """Counted independently, in fractions: what was paid and received, and what is held."""
    held, cash, units, sign = FLAT, Fraction(0), Fraction(0), 1
    for enters, quantity, price, part in fills:
        if held.is_flat:
            cash, units = Fraction(0), Fraction(0)
        moved = quantity if enters or held.is_flat else _share(held.quantity, part)
        sign = 1 if enters or held.is_flat else -1
        if sign > 0:
            held = held.after(_fill(side, held.entries + 1, moved, price))
        else:
            held = held.after(_leave(held, moved, price))
        cash -= sign * Fraction(moved) * Fraction(price)
        units += sign * Fraction(moved)

    worth = cash + units * Fraction(mark)
    own = worth if side is Direction.LONG else -worth
    assert Fraction(held.realized) + Fraction(held.unrealized(mark)) == own
    assert Fraction(held.quantity) == units


@given(bots(), alerts(), st.booleans())
def test_entries_never_exceed_the_maximum(
    given_rules: Rules,
    day: list[Signal],
    waits: bool,  # noqa: FBT001 - drawn
) -> None:
    bot = BotDay(given_rules, waits)

    for alert in day:
        bot.alerted(alert)

        assert bot.state.entries <= given_rules.scaling.max_entries
        assert len(set(bot.state.numbers)) == len(bot.state.numbers)


@given(bots(), alerts(), st.booleans())
def test_a_bot_is_flat_or_on_one_side_and_what_works_is_on_that_side(
    given_rules: Rules,
    day: list[Signal],
    waits: bool,  # noqa: FBT001 - drawn
) -> None:
    bot = BotDay(given_rules, waits)

    for alert in day:
        bot.alerted(alert)

        working = {one.side for one in bot.state.working}
        assert working <= {bot.state.side}
        if not given_rules.can_short:
            assert bot.state.side is not Direction.SHORT


@given(bots(), alerts(), st.booleans())
def test_one_bar_is_entered_at_most_once(
    given_rules: Rules,
    day: list[Signal],
    waits: bool,  # noqa: FBT001 - drawn
) -> None:
    bot = BotDay(given_rules, waits)

    entered = [
        alert.bar_time
        for alert in day
        if "enter " in bot.alerted(alert) and alert.bar_time is not None
    ]

    assert all(earlier < later for earlier, later in pairwise(entered))


def test_an_entry_without_a_bar_does_not_open_the_bar_before_it_again() -> None:
    sizing = Sizing(amount=Decimal(1000))
    bot = BotDay(rules(reverse=True, trust_signal=True, sizing=sizing))

    said = [
        bot.alerted(signal(at=at, price=Decimal(100), action=action))
        for at, action in ((0, Action.LONG), (None, Action.SHORT), (0, Action.LONG))
    ]

    assert said[-1] == "exit 10 (exit.opposite)"


@given(bots(), alerts())
def test_decide_is_deterministic_and_changes_nothing_it_is_given(
    given_rules: Rules, day: list[Signal]
) -> None:
    bot = BotDay(given_rules)

    for alert in day:
        state, kept = bot.state, deepcopy((bot.state, alert, given_rules))
        once, again = (decide(state, alert, given_rules) for _ in range(2))

        assert once == again
        assert (state, alert, given_rules) == kept
        bot.alerted(alert)


@given(bots(), alerts())
def test_a_decision_asks_for_no_more_than_one_entry_and_leaves_everything_or_nothing(
    given_rules: Rules, day: list[Signal]
) -> None:
    bot = BotDay(given_rules)

    for alert in day:
        decision = decide(bot.state, alert, given_rules)
        exits = [one for one in decision.intents if isinstance(one, Exit)]
        enters = [one for one in decision.intents if isinstance(one, Enter)]

        assert len(exits) <= 1
        assert len(enters) <= 1
        assert all(one.quantity == bot.state.position.quantity for one in exits)
        assert all(one.side is not bot.state.side for one in enters if exits)
        bot.alerted(alert)


@given(bots(), alerts())
def test_an_alert_that_entered_does_not_enter_again(
    given_rules: Rules, day: list[Signal]
) -> None:
    bot = BotDay(given_rules)

    for alert in (one for one in day if one.bar_time):
        before = bot.state.memory.entry_bar
        bot.alerted(alert)
        again = decide(bot.state, alert, given_rules)

        if bot.state.memory.entry_bar != before:
            assert not [one for one in again.intents if isinstance(one, Enter)]


@given(
    st.decimals("0.01", "1000000", places=2),
    st.decimals("0.00000001", "100000", places=8),
    st.integers(1, 4),
    st.sampled_from(("0.001", "1", "0.5", "0.00000001", "1000")),
)
def test_a_size_is_a_multiple_of_the_step_and_never_above_what_was_asked_for(
    amount: Decimal, price: Decimal, number: int, step: str
) -> None:
    venue = replace(
        PERPETUAL,
        quantity_step=Decimal(step),
        quantity_min=Decimal(0),
        notional_min=Decimal(0),
    )
    given_rules = rules(sizing=Sizing(amount=amount))

    sized = size_entry(Direction.LONG, number, given_rules, venue, Budget(price))

    if isinstance(sized, Sized):
        assert Fraction(sized.quantity) % Fraction(step) == 0
        assert sized.notional <= amount
        assert Fraction(sized.quantity) + Fraction(step) > Fraction(amount) / Fraction(
            price
        )


counts = st.integers(0, 6)
amounts = st.decimals("0", "3000", places=1)
limits = st.builds(
    Limits,
    open_positions=st.none() | counts,
    order_notional=st.none() | amounts,
    position_notional=st.none() | amounts,
    entries_per_minute=st.none() | counts,
    daily_loss=st.none() | amounts,
    losses_in_row=st.none() | counts,
)
usages = st.builds(
    Usage,
    opens_position=st.booleans(),
    account_positions=counts,
    total_positions=counts,
    bot_notional=amounts,
    account_notional=amounts,
    entries_last_minute=counts,
    day_pnl=st.decimals("-3000", "3000", places=1),
    losses_in_row=counts,
)


@given(usages, limits, limits, limits, amounts)
def test_an_entry_is_denied_as_soon_as_any_limit_is_exceeded(
    usage: Usage, bot: Limits, account: Limits, total: Limits, quantity: Decimal
) -> None:
    one = Decimal(1)
    sized = Sized(Direction.LONG, 1, quantity, one, quantity, one, None)

    findings = check(sized, usage, Bounds(bot=bot, account=account, total=total))

    allowed = all(finding.passed for finding in findings)
    assert allowed is not _exceeds(usage, bot, account, total, quantity)


def _exceeds(
    usage: Usage, bot: Limits, account: Limits, total: Limits, notional: Decimal
) -> bool:
    """Say whether any limit does not let one more entry pass, each in its own line."""
    opens = usage.opens_position
    reached = (
        (usage.account_positions if opens else None, account.open_positions),
        (usage.total_positions if opens else None, total.open_positions),
        (usage.entries_last_minute, account.entries_per_minute),
        (usage.losses_in_row, account.losses_in_row),
        (max(-usage.day_pnl, Decimal(0)), account.daily_loss),
    )
    worth = (
        (notional, bot.order_notional),
        (notional, account.order_notional),
        (usage.bot_notional + notional, bot.position_notional),
        (usage.account_notional + notional, account.position_notional),
    )
    return any(
        value is not None and limit is not None and value >= limit
        for value, limit in reached
    ) or any(limit is not None and value > limit for value, limit in worth)


def _fill(side: Direction, number: int, quantity: Decimal, price: Decimal) -> Fill:
    return entry(number, str(quantity), str(price), side=side)


def _leave(held: Position, quantity: Decimal, price: Decimal) -> Fill:
    return entry(0, str(quantity), str(price), side=held.side)


def _share(quantity: Decimal, part: Fraction) -> Decimal:
    """Return about that part of a quantity, on a step of 0.001 and never nothing."""
    steps = int(Fraction(quantity) * 1000 * part)
    return Decimal(max(steps, 1)) / 1000
