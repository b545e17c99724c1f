"""The audit's chain, and by which transaction each of its rows was made."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CHAINED = ("decisions", "order_transitions", "fills", "revisions", "operator_actions")
_STATEMENTS = (
    """
    CREATE TABLE audit_log (
        position BIGINT NOT NULL,
        source TEXT NOT NULL,
        ref TEXT NOT NULL,
        form SMALLINT NOT NULL,
        content BYTEA NOT NULL,
        previous BYTEA NOT NULL,
        hash BYTEA NOT NULL,
        at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
        CONSTRAINT pk_audit_log PRIMARY KEY (position),
        CONSTRAINT uq_audit_log_source_ref UNIQUE (source, ref),
        CONSTRAINT ck_audit_log_source CHECK (
            source IN ('revision', 'action', 'decision', 'transition', 'fill')
        ),
        CONSTRAINT ck_audit_log_position CHECK (position > 0)
    )
    """,
    """
    CREATE TABLE audit_state (
        id SMALLINT DEFAULT 1 NOT NULL,
        next_xid BIGINT NOT NULL,
        position BIGINT NOT NULL,
        hash BYTEA NOT NULL,
        CONSTRAINT pk_audit_state PRIMARY KEY (id),
        CONSTRAINT ck_audit_state_only_one CHECK (id = 1)
    )
    """,
    """
    INSERT INTO audit_state (next_xid, position, hash)
    VALUES (0, 0, decode(repeat('00', 32), 'hex'))
    """,
)


def upgrade() -> None:
    for table in CHAINED:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN xid BIGINT NOT NULL DEFAULT "
            "CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)"
        )
        op.execute(f"CREATE INDEX ix_{table}_xid ON {table} USING brin (xid)")
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE audit_log, audit_state")
    for table in CHAINED:
        op.execute(f"ALTER TABLE {table} DROP COLUMN xid")
