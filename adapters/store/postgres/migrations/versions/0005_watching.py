"""Read what happened without a gap, and see whether the workers live."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A reader goes by transaction, then number: numbers are given before they commit.
    op.execute("ALTER TABLE events DROP CONSTRAINT pk_events")
    op.execute("ALTER TABLE events ADD CONSTRAINT pk_events PRIMARY KEY (xid, id)")
    op.execute(
        """
        CREATE TABLE heartbeats (
            process TEXT NOT NULL,
            role TEXT NOT NULL,
            started_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
            at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
            CONSTRAINT pk_heartbeats PRIMARY KEY (process)
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE heartbeats")
    op.execute("ALTER TABLE events DROP CONSTRAINT pk_events")
    op.execute("ALTER TABLE events ADD CONSTRAINT pk_events PRIMARY KEY (id)")
