"""Jobs of the watchdog, with the price that it saw."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE jobs DROP CONSTRAINT ck_jobs_cause")
    op.execute(
        "ALTER TABLE jobs ADD CONSTRAINT ck_jobs_cause "
        "CHECK (cause IN ('SIGNAL', 'TIMER', 'OPERATOR', 'PRICE'))"
    )
    op.execute("ALTER TABLE jobs ADD COLUMN price NUMERIC")
    op.execute("ALTER TABLE jobs ADD COLUMN priced_at TIMESTAMP WITH TIME ZONE")
    op.execute(
        "ALTER TABLE jobs ADD CONSTRAINT ck_jobs_priced CHECK "
        "((cause = 'PRICE') = (price IS NOT NULL AND priced_at IS NOT NULL))"
    )


def downgrade() -> None:
    message = "the watchdog's jobs cannot be told from others before: restore a backup"
    raise NotImplementedError(message)
