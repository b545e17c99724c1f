"""Find the paper venue's newest orders without reading them all."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_paper_orders_at ON paper_orders USING brin (at)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_paper_orders_at")
