"""Jobs that book what the venue has closed itself."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE jobs DROP CONSTRAINT ck_jobs_cause")
    op.execute(
        "ALTER TABLE jobs ADD CONSTRAINT ck_jobs_cause CHECK "
        "(cause IN ('SIGNAL', 'TIMER', 'OPERATOR', 'PRICE', 'PROTECTION', 'VENUE'))"
    )
    op.execute("ALTER TABLE jobs DROP CONSTRAINT ck_jobs_priced")
    op.execute(
        "ALTER TABLE jobs ADD CONSTRAINT ck_jobs_priced CHECK ("
        "(cause IN ('PRICE', 'VENUE')) = (price IS NOT NULL AND priced_at IS NOT NULL))"
    )


def downgrade() -> None:
    message = "what a venue closed cannot be told from other work before: restore a backup"
    raise NotImplementedError(message)
