"""Protective orders that rest at venues, and the exits they make."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_STATUSES = (
    "'PLANNED', 'DENIED', 'SUBMITTING', 'OPEN', 'PARTIALLY_FILLED', 'FILLED', "
    "'CANCELED', 'EXPIRED', 'REJECTED', 'UNKNOWN', 'NOT_PLACED', 'NEEDS_OPERATOR'"
)
_EVENTS = (
    "'denied', 'submitted', 'opened', 'filled in part', 'filled', 'cancel asked', "
    "'canceled', 'expired', 'rejected', 'became unknown', 'not placed', "
    "'given to the operator'"
)
_PROTECTIONS = f"""
CREATE TABLE protections (
    id TEXT NOT NULL,
    bot BIGINT NOT NULL,
    account BIGINT NOT NULL,
    symbol TEXT NOT NULL,
    revision BIGINT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    side TEXT NOT NULL,
    quantity NUMERIC NOT NULL,
    level NUMERIC NOT NULL,
    status TEXT NOT NULL,
    filled NUMERIC DEFAULT 0 NOT NULL,
    venue_order_id TEXT,
    triggered BOOLEAN DEFAULT false NOT NULL,
    may_arrive_until TIMESTAMP WITH TIME ZONE,
    looked_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_protections PRIMARY KEY (id),
    CONSTRAINT ck_protections_kind CHECK (kind IN ('STOP', 'TARGET')),
    CONSTRAINT ck_protections_side CHECK (side IN ('LONG', 'SHORT')),
    CONSTRAINT ck_protections_status CHECK (status IN ({_STATUSES})),
    CONSTRAINT ck_protections_quantity CHECK (quantity > 0 AND level > 0),
    CONSTRAINT ck_protections_filled CHECK (filled BETWEEN 0 AND quantity),
    CONSTRAINT fk_protections_bot FOREIGN KEY (bot) REFERENCES bots (id),
    CONSTRAINT fk_protections_account
        FOREIGN KEY (account) REFERENCES accounts (id),
    CONSTRAINT fk_protections_revision
        FOREIGN KEY (revision) REFERENCES revisions (id)
)
"""
_TRANSITIONS = f"""
CREATE TABLE protection_transitions (
    protection TEXT NOT NULL,
    seq INTEGER NOT NULL,
    event TEXT NOT NULL,
    status_after TEXT NOT NULL,
    evidence TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_protection_transitions PRIMARY KEY (protection, seq),
    CONSTRAINT ck_protection_transitions_event CHECK (event IN ({_EVENTS})),
    CONSTRAINT ck_protection_transitions_status_after
        CHECK (status_after IN ({_STATUSES})),
    CONSTRAINT fk_protection_transitions_protection
        FOREIGN KEY (protection) REFERENCES protections (id)
)
"""


def upgrade() -> None:
    op.execute(_PROTECTIONS)
    op.execute(
        "CREATE INDEX ix_protections_live ON protections (account, symbol, bot) "
        "WHERE NOT triggered AND status IN "
        "('PLANNED', 'SUBMITTING', 'OPEN', 'PARTIALLY_FILLED', 'UNKNOWN')"
    )
    op.execute(
        "CREATE INDEX ix_protections_bot_created_at ON protections (bot, created_at)"
    )
    op.execute(_TRANSITIONS)
    op.execute("ALTER TABLE jobs ADD COLUMN protection TEXT REFERENCES protections (id)")
    op.execute(
        "ALTER TABLE jobs RENAME CONSTRAINT jobs_protection_fkey TO fk_jobs_protection"
    )
    op.execute("ALTER TABLE jobs ADD CONSTRAINT uq_jobs_protection UNIQUE (protection)")
    op.execute("ALTER TABLE jobs DROP CONSTRAINT ck_jobs_cause")
    op.execute(
        "ALTER TABLE jobs ADD CONSTRAINT ck_jobs_cause CHECK "
        "(cause IN ('SIGNAL', 'TIMER', 'OPERATOR', 'PRICE', 'PROTECTION'))"
    )
    op.execute(
        "ALTER TABLE jobs ADD CONSTRAINT ck_jobs_protection "
        "CHECK ((cause = 'PROTECTION') = (protection IS NOT NULL))"
    )


def downgrade() -> None:
    message = "exits made by protective orders are unknown before: restore a backup"
    raise NotImplementedError(message)
