"""Tables of what people are told: notices until they are told, and who tells them."""

from enum import Enum

from sqlalchemy import BigInteger, Boolean, Column, Index, SmallInteger, Table, Text
from sqlalchemy import text as sql

from adapters.store.postgres.tables.metadata import (
    count,
    key,
    metadata,
    moment,
    one_of,
    reference,
    rule,
    text,
    tree,
)


class NoticeStatus(Enum):
    """WAITING for its turn, TOLD, or GIVEN_UP because the channel never takes it."""

    WAITING = "WAITING"
    TOLD = "TOLD"
    GIVEN_UP = "GIVEN_UP"


notifications = Table(
    "notifications",
    metadata,
    key(),
    moment("at", now=True),
    text("kind"),
    Column("weight", SmallInteger, nullable=False),
    text("title"),
    tree("lines"),
    reference("bot", "bots.id", null=True),
    Column("alert", BigInteger),
    text("status", default=NoticeStatus.WAITING.value),
    moment("told_at", null=True),
    text("channel", null=True),
    text("error", default=""),
    one_of("status", NoticeStatus, "status"),
    rule("(status = 'WAITING') = (told_at IS NULL)", "told"),
    rule("(status = 'WAITING') = (channel IS NULL)", "channel"),
    Index(
        "ix_notifications_waiting",
        "weight",
        "id",
        postgresql_where=sql("status = 'WAITING'"),
    ),
    Index(None, "alert", postgresql_where=sql("alert IS NOT NULL")),
)

channels = Table(
    "channels",
    metadata,
    Column("name", Text, primary_key=True),
    text("owner", null=True),
    Column("fence", BigInteger, nullable=False, server_default=sql("0")),
    moment("lease_until", null=True),
    moment("rests_until", null=True),
    count("failures", default=sql("0")),
    moment("failing_since", null=True),
    text("error", default=""),
    Column("chat", BigInteger),
    text("chat_title", default=""),
    Column("chat_is_group", Boolean, nullable=False, server_default=sql("false")),
    rule("(owner IS NULL) = (lease_until IS NULL)", "owner"),
    rule("(failures = 0) = (failing_since IS NULL)", "failures"),
    rule("fence >= 0", "fence"),
)

__all__ = ["channels", "notifications"]
