"""What is done about differences: wishes, closes at the venue, its own executions."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE comparisons
            ADD COLUMN same_since TIMESTAMP WITH TIME ZONE,
            ADD COLUMN matched_at TIMESTAMP WITH TIME ZONE,
            ADD COLUMN asked TEXT,
            ADD COLUMN asked_by TEXT,
            ADD COLUMN asked_from TEXT,
            ADD COLUMN asked_why TEXT,
            ADD CONSTRAINT ck_comparisons_asked
                CHECK (asked IN ('ignore', 'adopt', 'close')),
            ADD CONSTRAINT ck_comparisons_asked_by
                CHECK ((asked IS NULL) = (asked_by IS NULL))
        """
    )
    op.execute(
        """
        CREATE TABLE surplus_closes (
            id TEXT NOT NULL,
            account BIGINT NOT NULL,
            symbol TEXT NOT NULL,
            side TEXT NOT NULL,
            quantity NUMERIC NOT NULL,
            decision_price NUMERIC NOT NULL,
            status TEXT NOT NULL,
            filled NUMERIC NOT NULL DEFAULT 0,
            cost NUMERIC NOT NULL DEFAULT 0,
            venue_order_id TEXT,
            may_arrive_until TIMESTAMP WITH TIME ZONE NOT NULL,
            evidence TEXT NOT NULL DEFAULT '',
            author TEXT NOT NULL,
            source TEXT NOT NULL,
            reason TEXT NOT NULL DEFAULT '',
            created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT clock_timestamp(),
            updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT clock_timestamp(),
            CONSTRAINT pk_surplus_closes PRIMARY KEY (id),
            CONSTRAINT fk_surplus_closes_account FOREIGN KEY (account)
                REFERENCES accounts (id),
            CONSTRAINT ck_surplus_closes_side CHECK (side IN ('LONG', 'SHORT')),
            CONSTRAINT ck_surplus_closes_status CHECK (status IN (
                'PLANNED', 'DENIED', 'SUBMITTING', 'OPEN', 'PARTIALLY_FILLED', 'FILLED',
                'CANCELED', 'EXPIRED', 'REJECTED', 'UNKNOWN', 'NOT_PLACED',
                'NEEDS_OPERATOR')),
            CONSTRAINT ck_surplus_closes_quantity
                CHECK (quantity > 0 AND filled BETWEEN 0 AND quantity)
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_surplus_closes_account_symbol_created_at "
        "ON surplus_closes (account, symbol, created_at)"
    )
    op.execute(
        """
        CREATE UNIQUE INDEX uq_surplus_closes_live ON surplus_closes (account, symbol)
        WHERE status IN ('SUBMITTING', 'OPEN', 'PARTIALLY_FILLED', 'UNKNOWN')
        """
    )
    op.execute("ALTER TABLE jobs ADD COLUMN told JSONB")
    op.execute(
        "ALTER TABLE jobs ADD CONSTRAINT ck_jobs_told "
        "CHECK (told IS NULL OR cause = 'VENUE')"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE jobs DROP COLUMN told")
    op.execute("DROP TABLE surplus_closes")
    op.execute(
        """
        ALTER TABLE comparisons DROP COLUMN same_since, DROP COLUMN matched_at,
            DROP COLUMN asked, DROP COLUMN asked_by, DROP COLUMN asked_from,
            DROP COLUMN asked_why
        """
    )
