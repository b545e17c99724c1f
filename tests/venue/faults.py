"""What can go wrong between a request and its answer, planned ahead by a test."""

from dataclasses import dataclass, field
from enum import Enum


class Way(Enum):
    """How an exchange of request and answer is spoiled."""

    ANSWER = "answer something else, without doing anything"
    ANSWER_AFTER = "do it, then answer something else"
    DROP = "hang up without doing anything"
    DROP_AFTER = "do it, then hang up"
    DELAY = "do it late, then answer"
    DELAY_AFTER = "do it, then answer late"
    TRUNCATE = "do it, then hang up in the middle of the answer"


@dataclass(slots=True, kw_only=True)
class Fault:
    """One plan: which requests, how often, and what happens to them."""

    way: Way
    path: str
    method: str = "POST"
    times: int = 1
    skip: int = 0
    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    seconds: float = 0

    def meets(self, method: str, path: str) -> bool:
        """Say whether it strikes this request; counts down."""
        if self.times == 0 or method != self.method or not path.endswith(self.path):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass(slots=True)
class Traffic:
    """The venue's patience: so many requests a window, then 429, then a ban (418)."""

    limit: int | None = None
    window: float = 60
    retry_after: int = 2
    patience: int = 5
    """How many requests beyond the limit turn into a ban."""
    ban: float = 120
    banned_until: float = 0
    _seen: list[float] = field(default_factory=list[float])

    def verdict(self, now: float) -> tuple[int, int] | None:
        """Return the status and the seconds to wait; None for a request that may pass."""
        if now < self.banned_until:
            return 418, int(self.banned_until - now) + 1
        if self.limit is None:
            return None
        self._seen = [one for one in self._seen if now - one < self.window]
        self._seen.append(now)
        if len(self._seen) <= self.limit:
            return None
        if len(self._seen) > self.limit + self.patience:
            self.banned_until = now + self.ban
            return 418, int(self.ban)
        return 429, self.retry_after
