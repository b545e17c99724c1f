"""Let entries rest at the venue: at which price, how long, and why they are taken back."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

EVENTS = (
    *("denied", "submitted", "opened", "filled in part", "filled", "cancel asked"),
    *("canceled", "expired", "rejected", "became unknown", "not placed"),
    "given to the operator",
)


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE orders
            ADD COLUMN limit_price NUMERIC,
            ADD COLUMN rests_until TIMESTAMP WITH TIME ZONE,
            ADD COLUMN cancel_asked_at TIMESTAMP WITH TIME ZONE,
            ADD COLUMN cancel_cause TEXT,
            ADD CONSTRAINT ck_orders_cancel_cause
                CHECK (cancel_cause IN ('time', 'state', 'signal')),
            ADD CONSTRAINT ck_orders_taken_back
                CHECK ((cancel_asked_at IS NULL) = (cancel_cause IS NULL)),
            ADD CONSTRAINT ck_orders_limit_price CHECK (limit_price > 0)
        """
    )
    _allow(EVENTS)


def downgrade() -> None:
    _allow(tuple(event for event in EVENTS if event != "cancel asked"))
    op.execute(
        """
        ALTER TABLE orders DROP COLUMN limit_price, DROP COLUMN rests_until,
            DROP COLUMN cancel_asked_at, DROP COLUMN cancel_cause
        """
    )


def _allow(events: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{event}'" for event in events)
    op.execute(
        f"""
        ALTER TABLE order_transitions
            DROP CONSTRAINT ck_order_transitions_event,
            ADD CONSTRAINT ck_order_transitions_event CHECK (event IN ({listed}))
        """
    )
