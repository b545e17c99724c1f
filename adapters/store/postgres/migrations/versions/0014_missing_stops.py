"""Positions whose rules ask for a stop that nobody holds."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE missing_stops (
            bot BIGINT NOT NULL,
            since TIMESTAMP WITH TIME ZONE NOT NULL,
            why TEXT NOT NULL,
            told_at TIMESTAMP WITH TIME ZONE,
            CONSTRAINT pk_missing_stops PRIMARY KEY (bot),
            CONSTRAINT fk_missing_stops_bot FOREIGN KEY (bot) REFERENCES bots (id)
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE missing_stops")
