"""What the fills of each hour come to."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TABLE = """
    CREATE TABLE turnovers (
        account BIGINT NOT NULL,
        hour TIMESTAMP WITH TIME ZONE NOT NULL,
        symbol TEXT NOT NULL,
        fee_currency TEXT NOT NULL,
        quantity NUMERIC NOT NULL,
        cash NUMERIC NOT NULL,
        fee NUMERIC NOT NULL,
        taken NUMERIC NOT NULL,
        CONSTRAINT pk_turnovers PRIMARY KEY (account, hour, symbol, fee_currency),
        CONSTRAINT fk_turnovers_account FOREIGN KEY (account) REFERENCES accounts (id),
        CONSTRAINT ck_turnovers_hour CHECK (hour = date_trunc('hour', hour, 'UTC'))
    )
"""
_FILL = """
    INSERT INTO turnovers
        (account, hour, symbol, fee_currency, quantity, cash, fee, taken)
    SELECT account, date_trunc('hour', at, 'UTC'), symbol, fee_currency,
           sum(CASE WHEN (side = 'LONG') <> reduces THEN held ELSE -held END),
           sum(CASE WHEN (side = 'LONG') <> reduces THEN -held ELSE held END * price),
           sum(fee), sum((quantity - held) * price)
    FROM fills GROUP BY 1, 2, 3, 4
"""


def upgrade() -> None:
    op.execute(_TABLE)
    op.execute(_FILL)


def downgrade() -> None:
    op.execute("DROP TABLE turnovers")
