"""Who may enter: which of the keys that were rung a worker's free slots go to.

===========================  =========================================================
at most half of the slots    serve one account, so one that hangs leaves the other half
at most three quarters       serve one venue, however many accounts are held there
exits before entries         before reconciliation before notifications
within one urgency           whoever was rung first
a key that is worked         is worked by one slot; rung meanwhile, it waits once more
===========================  =========================================================

Nothing is ever dropped here: a key leaves only by being given a slot, or all at once by
``leave``. Nothing waits here either; that is ``Shift``, which all runtimes share.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from application.ports.inbox import Urgency
from application.records import AccountId, Key

SLOTS = 64
"""How many keys one worker process works at a time. A slot costs little: what is worked at
the same moment shares its statements and its commits."""

VenueOf = Callable[[AccountId], str]
"""Names the venue of an account at once, without waiting; "" when it is not known."""


def unknown_venue(_: AccountId) -> str:
    """Know no venue, so that only the accounts are kept apart."""
    return ""


@dataclass(slots=True)
class Slots:
    """The slots of one worker process, and the keys that wait for them."""

    total: int = SLOTS
    venue_of: VenueOf = unknown_venue
    _waiting: dict[Urgency, dict[AccountId, dict[Key, int]]] = field(init=False)
    """For each account its keys in the order in which they were rung, with its number."""
    _urgency: dict[Key, Urgency] = field(init=False)
    """Of every key that waits."""
    _venue: dict[Key, str] = field(init=False)
    """Of every key that holds a slot, as it was when the key entered."""
    _again: dict[Key, Urgency] = field(init=False)
    """Keys that were rung while they held a slot."""
    _accounts: Counter[AccountId] = field(init=False)
    _venues: Counter[str] = field(init=False)
    _numbers: "count[int]" = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nobody waiting and every slot free."""
        if self.total < 1:
            raise ValueError(f"there must be at least one slot, was {self.total}")
        self._waiting = {urgency: {} for urgency in sorted(Urgency)}
        self._urgency, self._again, self._venue = {}, {}, {}
        self._accounts, self._venues, self._numbers = Counter(), Counter(), count()

    @property
    def account_share(self) -> int:
        """Return how many slots one account may hold."""
        return max(self.total // 2, 1)

    @property
    def venue_share(self) -> int:
        """Return how many slots one venue may hold."""
        return max(self.total * 3 // 4, 1)

    def ring(self, key: Key, urgency: Urgency = Urgency.ENTRY) -> None:
        """Let the key wait for a slot; rung for something more urgent, it moves up."""
        if key in self._venue:
            self._again[key] = min(urgency, self._again.get(key, urgency))
            return
        known = self._urgency.get(key)
        if known is not None and known <= urgency:
            return
        if known is not None:
            self._remove(key, known)
        self._urgency[key] = urgency
        keys = self._waiting[urgency].setdefault(key.account, {})
        keys[key] = next(self._numbers)

    def take(self) -> Key | None:
        """Give a free slot to the first key that may enter; None while there is none."""
        if len(self._venue) >= self.total:
            return None
        for urgency, accounts in self._waiting.items():
            first = [
                next(iter(keys.items()))
                for account, keys in accounts.items()
                if self._may_enter(account)
            ]
            if first:
                key, _ = min(first, key=lambda entry: entry[1])
                self._remove(key, urgency)
                self._enter(key)
                return key
        return None

    def give_back(self, key: Key) -> None:
        """Free the slot of a key that was worked; rung meanwhile, the key waits again."""
        self._accounts[key.account] -= 1
        self._venues[self._venue.pop(key)] -= 1
        again = self._again.pop(key, None)
        if again is not None:
            self.ring(key, again)

    def is_waiting(self, key: Key) -> bool:
        """Say whether the key will be worked from now on without being rung again."""
        return key in self._urgency or key in self._again

    def has_one_for(self, key: Key) -> bool:
        """Say whether a slot is free for a key that nobody works here, and none waits."""
        free = len(self._venue) < self.total and not self._urgency
        return free and key not in self._venue and self._may_enter(key.account)

    def leave(self) -> dict[Key, Urgency]:
        """Forget every key that waits, and return them all, to be rung elsewhere."""
        left = self._urgency | self._again
        self._urgency, self._again = {}, {}
        self._waiting = {urgency: {} for urgency in self._waiting}
        return left

    def _may_enter(self, account: AccountId) -> bool:
        if self._accounts[account] >= self.account_share:
            return False
        venue = self.venue_of(account)
        return not venue or self._venues[venue] < self.venue_share

    def _enter(self, key: Key) -> None:
        venue = self.venue_of(key.account)
        self._venue[key] = venue
        self._venues[venue] += 1
        self._accounts[key.account] += 1

    def _remove(self, key: Key, urgency: Urgency) -> None:
        del self._urgency[key]
        accounts = self._waiting[urgency]
        del accounts[key.account][key]
        if not accounts[key.account]:
            del accounts[key.account]
