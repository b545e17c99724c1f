"""What lets an account trade at a real venue: its test, and a confirmation."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE account_tests (
            account BIGINT NOT NULL,
            keys_at TIMESTAMP WITH TIME ZONE NOT NULL,
            options JSONB NOT NULL,
            failed TEXT NOT NULL,
            findings JSONB NOT NULL,
            tested_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT clock_timestamp(),
            CONSTRAINT pk_account_tests PRIMARY KEY (account),
            CONSTRAINT fk_account_tests_account FOREIGN KEY (account)
                REFERENCES accounts (id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE live_confirmations (
            account BIGINT NOT NULL,
            author TEXT NOT NULL,
            source TEXT NOT NULL,
            reason TEXT NOT NULL DEFAULT '',
            at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT clock_timestamp(),
            CONSTRAINT pk_live_confirmations PRIMARY KEY (account),
            CONSTRAINT fk_live_confirmations_account FOREIGN KEY (account)
                REFERENCES accounts (id)
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE live_confirmations")
    op.execute("DROP TABLE account_tests")
