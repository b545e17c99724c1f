"""Which venue an account trades at, as far as this process has been told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from application.records import AccountId


@dataclass(slots=True)
class KnownVenues:
    """Answers at once; an account it does not know makes it ask to be told again."""

    is_stale: bool = True
    _exchanges: dict[AccountId, str] = field(default_factory=dict[AccountId, str])

    def __call__(self, account: AccountId) -> str:
        """Return the exchange of an account; empty while it is not known."""
        exchange = self._exchanges.get(account)
        if exchange is None:
            self.is_stale = True
            return ""
        return exchange

    def learn(self, exchanges: Mapping[AccountId, str]) -> None:
        """Take note of every account there is."""
        self._exchanges = dict(exchanges)
        self.is_stale = False
