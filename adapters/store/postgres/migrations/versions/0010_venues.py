"""Keep how venues compare with our books, and share their patience among all processes."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE comparisons (
            account BIGINT NOT NULL,
            symbol TEXT NOT NULL,
            ours NUMERIC NOT NULL,
            theirs NUMERIC,
            baseline NUMERIC DEFAULT 0 NOT NULL,
            differs_since TIMESTAMP WITH TIME ZONE,
            gates BOOLEAN DEFAULT false NOT NULL,
            checked_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
            CONSTRAINT pk_comparisons PRIMARY KEY (account, symbol),
            CONSTRAINT ck_comparisons_gates_what_differs
                CHECK (NOT gates OR differs_since IS NOT NULL),
            CONSTRAINT fk_comparisons_account
                FOREIGN KEY (account) REFERENCES accounts (id)
        )
        """
    )
    op.execute(
        """
        CREATE UNLOGGED TABLE venue_budgets (
            venue TEXT NOT NULL,
            units NUMERIC NOT NULL,
            filled_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
            banned_until TIMESTAMP WITH TIME ZONE,
            rests_until TIMESTAMP WITH TIME ZONE,
            CONSTRAINT pk_venue_budgets PRIMARY KEY (venue)
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE venue_budgets")
    op.execute("DROP TABLE comparisons")
