"""Notices, written into the outbox by the very transaction that caused them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.postgres.sql import keep_all
from adapters.store.postgres.tables import notifications
from application.notice import Notice

_ADD = insert(notifications)


async def keep_notices(connection: AsyncConnection, notices: Iterable[Notice]) -> None:
    """Add notices, in their order; nothing happens without any."""
    await keep_all(
        connection,
        _ADD,
        [notice_row(one) for one in notices],
    )


def notice_row(notice: Notice) -> dict[str, Any]:
    """Return what is kept of a notice."""
    return {
        "kind": notice.kind.value,
        "weight": int(notice.weight),
        "title": notice.title,
        "lines": list(notice.lines),
        "bot": notice.bot,
        "alert": notice.alert,
    }
