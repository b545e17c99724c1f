import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.queue.slots import Slots
from application.ports.inbox import Urgency
from application.records import AccountId, Key
from domain.instrument import Symbol

BTC, ETH, SOL = Symbol("BTC/USDT"), Symbol("ETH/USDT"), Symbol("SOL/USDT")
SYMBOLS = (BTC, ETH, SOL)
ONE, TWO, THREE = AccountId(1), AccountId(2), AccountId(3)


def venue_of(account: AccountId) -> str:
    """Keep the first two accounts at one venue, and tell nothing of the others."""
    return "binance" if account in (ONE, TWO) else ""


def keys_of(account: AccountId, count: int) -> list[Key]:
    return [Key(account, Symbol(f"{number}/USDT")) for number in range(count)]


def ring_all(slots: Slots, keys: list[Key]) -> None:
    for key in keys:
        slots.ring(key)


def take_all(slots: Slots) -> list[Key]:
    taken = []
    while (key := slots.take()) is not None:
        taken.append(key)
    return taken


def test_whoever_was_rung_first_enters_first() -> None:
    slots = Slots(8)
    keys = [Key(TWO, BTC), Key(ONE, BTC), Key(TWO, ETH)]

    ring_all(slots, keys)

    assert take_all(slots) == keys


def test_nobody_enters_unrung() -> None:
    assert Slots(8).take() is None


def test_ringing_twice_is_one_slot() -> None:
    slots = Slots(8)

    ring_all(slots, [Key(ONE, BTC), Key(ONE, BTC)])

    assert take_all(slots) == [Key(ONE, BTC)]


def test_exits_come_before_entries_before_reconciliation_before_notifications() -> None:
    slots = Slots(8)
    slots.ring(Key(ONE, BTC), Urgency.NOTIFY)
    slots.ring(Key(TWO, BTC), Urgency.RECONCILE)
    slots.ring(Key(ONE, ETH), Urgency.ENTRY)
    slots.ring(Key(TWO, ETH), Urgency.EXIT)

    accounts_and_symbols = take_all(slots)

    assert accounts_and_symbols == [
        Key(TWO, ETH),
        Key(ONE, ETH),
        Key(TWO, BTC),
        Key(ONE, BTC),
    ]


def test_a_key_rung_for_something_more_urgent_moves_up() -> None:
    slots = Slots(8)
    ring_all(slots, [Key(ONE, BTC), Key(ONE, ETH)])

    slots.ring(Key(ONE, ETH), Urgency.EXIT)

    assert take_all(slots) == [Key(ONE, ETH), Key(ONE, BTC)]


def test_a_key_rung_for_something_less_urgent_keeps_its_place() -> None:
    slots = Slots(8)
    slots.ring(Key(ONE, BTC), Urgency.EXIT)
    slots.ring(Key(ONE, ETH), Urgency.ENTRY)

    slots.ring(Key(ONE, BTC), Urgency.NOTIFY)

    assert take_all(slots) == [Key(ONE, BTC), Key(ONE, ETH)]


def test_one_account_gets_at_most_half_of_the_slots() -> None:
    slots = Slots(8)

    ring_all(slots, keys_of(ONE, 10) + keys_of(THREE, 10))

    taken = take_all(slots)
    assert [key.account for key in taken] == [ONE] * 4 + [THREE] * 4


def test_one_venue_gets_at_most_three_quarters_of_the_slots() -> None:
    slots = Slots(8, venue_of)

    ring_all(slots, keys_of(ONE, 10) + keys_of(TWO, 10) + keys_of(THREE, 10))

    taken = take_all(slots)
    assert [key.account for key in taken] == [ONE] * 4 + [TWO] * 2 + [THREE] * 2


def test_an_account_whose_venue_is_not_known_shares_with_nobody() -> None:
    slots = Slots(4, lambda _: "")

    ring_all(slots, [key for account in (ONE, TWO) for key in keys_of(account, 2)])

    assert len(take_all(slots)) == 4


def test_one_slot_is_enough_to_work() -> None:
    slots = Slots(1, venue_of)

    ring_all(slots, [Key(ONE, BTC), Key(THREE, BTC)])

    assert take_all(slots) == [Key(ONE, BTC)]


def test_less_than_one_slot_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one slot, was 0"):
        Slots(0)


def test_a_slot_that_is_given_back_goes_to_the_next() -> None:
    slots = Slots(2)
    ring_all(slots, keys_of(ONE, 2))
    first = take_all(slots)

    slots.give_back(*first)

    assert take_all(slots) == [Key(ONE, Symbol("1/USDT"))]


def test_a_key_rung_while_it_is_worked_is_worked_once_more() -> None:
    slots = Slots(8)
    slots.ring(Key(ONE, BTC))
    slots.take()
    ring_all(slots, [Key(ONE, BTC), Key(ONE, BTC)])
    during = take_all(slots)

    slots.give_back(Key(ONE, BTC))
    again = take_all(slots)
    slots.give_back(Key(ONE, BTC))

    assert (during, again, take_all(slots)) == ([], [Key(ONE, BTC)], [])


def test_what_waits_can_leave_and_what_is_worked_stays() -> None:
    slots = Slots(1)
    slots.ring(Key(ONE, BTC))
    slots.take()
    slots.ring(Key(ONE, BTC), Urgency.EXIT)
    slots.ring(Key(ONE, ETH), Urgency.NOTIFY)

    left = slots.leave()
    slots.give_back(Key(ONE, BTC))

    assert left == {Key(ONE, BTC): Urgency.EXIT, Key(ONE, ETH): Urgency.NOTIFY}
    assert take_all(slots) == []


def test_a_key_waits_until_it_has_entered() -> None:
    slots = Slots(8)
    key = Key(ONE, BTC)
    seen = [slots.is_waiting(key)]
    slots.ring(key)
    seen.append(slots.is_waiting(key))
    slots.take()
    seen.append(slots.is_waiting(key))
    slots.ring(key)

    assert [*seen, slots.is_waiting(key)] == [False, True, False, True]


KEYS = st.builds(Key, st.sampled_from((ONE, TWO, THREE)), st.sampled_from(SYMBOLS))
RINGS = st.tuples(KEYS, st.sampled_from(Urgency))
STEPS = st.lists(RINGS | st.just("take") | st.integers(min_value=0, max_value=7))
"""A ring, or taking a slot, or giving back one of those that are held."""


@given(total=st.integers(min_value=1, max_value=9), steps=STEPS)
def test_law_no_share_is_exceeded_and_no_ring_is_forgotten(
    total: int, steps: list[tuple[Key, Urgency] | str | int]
) -> None:
    slots = Slots(total, venue_of)
    held: list[Key] = []
    owed: set[Key] = set()
    for step in steps:
        match step:
            case (key, urgency):
                slots.ring(key, urgency)
                owed.add(key)
            case int() if held:
                slots.give_back(held.pop(step % len(held)))
            case "take" if (taken := slots.take()) is not None:
                held.append(taken)
                owed.discard(taken)
        shares_are_kept(slots, held)
    assert worked_to_the_end(slots, held) >= owed


def shares_are_kept(slots: Slots, held: list[Key]) -> None:
    accounts = [key.account for key in held]
    assert len(held) == len(set(held)) <= slots.total
    assert all(accounts.count(one) <= slots.account_share for one in accounts)
    assert accounts.count(ONE) + accounts.count(TWO) <= slots.venue_share


def worked_to_the_end(slots: Slots, held: list[Key]) -> set[Key]:
    """Give back all that is held, one by one; return every key that enters meanwhile."""
    entered = set()
    while True:
        more = take_all(slots)
        entered |= set(more)
        held += more
        if not held:
            return entered
        slots.give_back(held.pop())
