"""How an account's venue is reached: what it is, and with which keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from application.configuration.values import Mode
from application.records import AccountId


@dataclass(frozen=True, slots=True)
class Credentials:
    """Keys by what CCXT calls them (`apiKey`, `secret`, ...). Never shown, never logged."""

    values: Mapping[str, str] = field(repr=False)

    def __str__(self) -> str:
        """Return nothing that could be used."""
        return "***"


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueAccess:
    """One account's way to its venue. ``options`` go into CCXT's constructor, deeply."""

    account: AccountId
    exchange: str
    mode: Mode
    options: Mapping[str, Any]
    credentials: Credentials


class NoCredentials(Exception):
    """The account has no keys: nothing can be asked or sent in its name."""


class VenueAccesses(Protocol):
    """The port to accounts' options and keys."""

    async def access(self, account: AccountId) -> VenueAccess:
        """Return how the account's venue is reached.

        Raises:
            NoCredentials: If it has no keys, or there is no such account.
        """
        ...
