"""Keep links that open one page, once."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE page_links (
            digest TEXT NOT NULL,
            path TEXT NOT NULL,
            expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT pk_page_links PRIMARY KEY (digest),
            CONSTRAINT ck_page_links_path CHECK (path LIKE '/%' AND path NOT LIKE '//%')
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE page_links")
