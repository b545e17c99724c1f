"""Tests of accounts, and confirmations of real money, in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres.auditing import audit
from adapters.store.postgres.engine import single_statement, transaction
from adapters.store.postgres.sql import MOMENT, NUMBER, TREE, WORD, statement
from adapters.store.postgres.vetting import VETTING, vetting
from application.ports.clearances import Clearance, Tested
from application.ports.configuration import Author
from application.ports.venue_check import Health, VenueFinding
from application.records import AccountId

_SUBJECT = statement(
    """
    SELECT sealed_secrets.at, coalesce(revisions.tree -> 'options', '{}') AS options
    FROM accounts
    JOIN revisions ON revisions.id = accounts.revision
    JOIN sealed_secrets ON sealed_secrets.kind = 'account' AND owner = accounts.id
    WHERE accounts.id = :account
    """,
    account=NUMBER,
)
_KEEP = statement(
    """
    INSERT INTO account_tests (account, keys_at, options, failed, findings)
    VALUES (:account, :keys_at, :options, :failed, :findings)
    ON CONFLICT (account) DO UPDATE SET
        keys_at = excluded.keys_at, options = excluded.options, failed = excluded.failed,
        findings = excluded.findings, tested_at = clock_timestamp()
    """,
    account=NUMBER,
    keys_at=MOMENT,
    options=TREE,
    failed=WORD,
    findings=TREE,
)
_NAME = statement("SELECT name FROM accounts WHERE id = :account", account=NUMBER)
_CONFIRM = statement(
    """
    INSERT INTO live_confirmations (account, author, source, reason)
    SELECT id, :author, :source, :reason FROM accounts
    WHERE id = :account AND mode = 'live' AND archived_at IS NULL
    ON CONFLICT (account) DO NOTHING
    RETURNING account
    """,
    account=NUMBER,
    author=WORD,
    source=WORD,
    reason=WORD,
)
_REVOKE = statement(
    "DELETE FROM live_confirmations WHERE account = :account RETURNING account",
    account=NUMBER,
)
_ALL = statement(
    """
    SELECT accounts.id, accounts.name, accounts.exchange,""",
    VETTING,
    """,
           (SELECT at FROM sealed_secrets
            WHERE kind = 'account' AND owner = accounts.id) AS keys_at,
           tests.tested_at, tests.findings, said.author AS confirmed_by,
           said.at AS confirmed_at
    FROM accounts
    LEFT JOIN account_tests tests ON tests.account = accounts.id
    LEFT JOIN live_confirmations said ON said.account = accounts.id
    WHERE accounts.mode <> 'paper' AND accounts.archived_at IS NULL
    ORDER BY accounts.name
    """,
)


@dataclass(frozen=True, slots=True)
class PostgresClearances:
    """What lets accounts trade at real venues."""

    engine: AsyncEngine

    async def subject(self, account: AccountId) -> Tested | None:
        """Return what a test that begins now is a test of."""
        async with single_statement(self.engine) as connection:
            found = await connection.execute(_SUBJECT, {"account": account})
            row = found.mappings().one_or_none()
        return None if row is None else Tested(row["at"], row["options"])

    async def keep_test(
        self,
        account: AccountId,
        tested: Tested,
        findings: Sequence[VenueFinding],
        author: Author,
    ) -> None:
        """Keep what a test found, and audit it."""
        broken = [one.name for one in findings if one.health is Health.BAD]
        failed = ", ".join(dict.fromkeys(broken))
        values = {
            "account": account,
            "keys_at": tested.keys_at,
            "options": tested.options,
            "failed": failed,
            "findings": [_plain(one) for one in findings],
        }
        async with transaction(self.engine) as connection:
            await connection.execute(_KEEP, values)
            name = (await connection.execute(_NAME, values)).scalar_one()
            detail = {"failed": failed} if failed else {"passed": "every check"}
            await audit(connection, "account tested", ("account", name), author, detail)

    async def confirm(self, account: AccountId, author: Author) -> bool:
        """Let an account in live mode trade real money, and audit it."""
        values = {
            "account": account,
            "author": author.name,
            "source": author.source,
            "reason": author.reason,
        }
        async with transaction(self.engine) as connection:
            if (await connection.execute(_CONFIRM, values)).one_or_none() is None:
                return False
            name = (await connection.execute(_NAME, values)).scalar_one()
            await audit(connection, "live trading confirmed", ("account", name), author)
            return True

    async def revoke(self, account: AccountId, author: Author) -> bool:
        """Take the confirmation back, and audit it."""
        values = {"account": account}
        async with transaction(self.engine) as connection:
            if (await connection.execute(_REVOKE, values)).one_or_none() is None:
                return False
            name = (await connection.execute(_NAME, values)).scalar_one()
            await audit(connection, "live trading revoked", ("account", name), author)
            return True

    async def all(self) -> Sequence[Clearance]:
        """Return every account at a real venue that is not archived."""
        async with single_statement(self.engine) as connection:
            return [_clearance(row) for row in (await connection.execute(_ALL)).mappings()]


def _plain(one: VenueFinding) -> dict[str, str]:
    return {
        "name": one.name,
        "health": one.health.value,
        "detail": one.detail,
        "fix": one.fix,
    }


def _finding(plain: Any) -> VenueFinding:
    return VenueFinding(**plain | {"health": Health(plain["health"])})


def _clearance(row: RowMapping) -> Clearance:
    return Clearance(
        account=AccountId(row["id"]),
        name=row["name"],
        exchange=row["exchange"],
        mode=row["mode"],
        vetting=vetting(row),
        keys_at=row["keys_at"],
        tested_at=row["tested_at"],
        findings=tuple(_finding(one) for one in row["findings"] or ()),
        confirmed_by=row["confirmed_by"],
        confirmed_at=row["confirmed_at"],
    )
