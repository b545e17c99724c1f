"""What lets an account trade at a real venue: a test that is kept, and a confirmation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from application.configuration.tree import Tree
from application.ports.configuration import Author
from application.ports.venue_check import VenueFinding
from application.records import AccountId
from domain.clearance import Vetting


class Tested(NamedTuple):
    """What a test is a test of: the keys by the moment they were set, and the options."""

    keys_at: datetime
    options: Mapping[str, Tree]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """An account at a real venue that is not archived, with all that is known of it.

    ``findings`` are those of its last test, whether or not that still counts;
    ``vetting.failed`` is None where it does not.
    """

    account: AccountId
    name: str
    exchange: str
    mode: str
    vetting: Vetting
    keys_at: datetime | None
    tested_at: datetime | None
    findings: tuple[VenueFinding, ...]
    confirmed_by: str | None
    confirmed_at: datetime | None


class Clearances(Protocol):
    """Where tests and confirmations are kept."""

    async def subject(self, account: AccountId) -> Tested | None:
        """Return what a test that begins now is a test of; None where there are no keys."""
        ...

    async def keep_test(
        self,
        account: AccountId,
        tested: Tested,
        findings: Sequence[VenueFinding],
        author: Author,
    ) -> None:
        """Keep what a test found in place of the one before, and audit it."""
        ...

    async def confirm(self, account: AccountId, author: Author) -> bool:
        """Let an account in live mode trade real money, and audit who said so.

        False where there is no such account in live mode, or it was confirmed before.
        """
        ...

    async def revoke(self, account: AccountId, author: Author) -> bool:
        """Take the confirmation back; false when there is none."""
        ...

    async def all(self) -> Sequence[Clearance]:
        """Return every account at a real venue that is not archived, by name."""
        ...
