"""What is known of an account at a real venue, as part of a statement that reads more."""

from adapters.store.postgres.rows import Row
from domain.clearance import Vetting
from domain.reasons import Finding

VETTING = """
    accounts.mode,
    CASE WHEN accounts.mode <> 'paper' THEN (
        SELECT account_tests.failed FROM account_tests
        JOIN sealed_secrets ON sealed_secrets.kind = 'account'
                           AND sealed_secrets.owner = account_tests.account
                           AND sealed_secrets.at = account_tests.keys_at
        JOIN revisions ON revisions.id = accounts.revision
                      AND coalesce(revisions.tree -> 'options', '{}')
                          = account_tests.options
        WHERE account_tests.account = accounts.id
    ) END AS test_failed,
    accounts.mode = 'live' AND EXISTS (
        SELECT FROM live_confirmations WHERE live_confirmations.account = accounts.id
    ) AS confirmed
"""
"""Columns of a statement that reads from ``accounts``; paper accounts cost nothing."""


def vetting(row: Row) -> Vetting:
    """Return what those columns say."""
    return Vetting(
        is_live=row["mode"] == "live",
        confirmed=row["confirmed"],
        failed=row["test_failed"],
    )


def not_cleared(row: Row) -> Finding | None:
    """Return why the account may open nothing; None when it may."""
    return None if row["mode"] == "paper" else vetting(row).not_cleared
