"""Where keys and tokens are kept sealed."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLE = """
CREATE TABLE sealed_secrets (
    kind TEXT NOT NULL,
    owner BIGINT NOT NULL,
    key TEXT NOT NULL,
    wrapped BYTEA NOT NULL,
    body BYTEA NOT NULL,
    names JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_sealed_secrets PRIMARY KEY (kind, owner),
    CONSTRAINT ck_sealed_secrets_kind CHECK (kind IN ('account', 'totp')),
    CONSTRAINT ck_sealed_secrets_sealed
        CHECK (octet_length(wrapped) > 0 AND octet_length(body) > 0)
)
"""


def upgrade() -> None:
    op.execute(_TABLE)


def downgrade() -> None:
    op.execute("DROP TABLE sealed_secrets")
