"""The notifier of an installation without Telegram: every notice is a line of the log."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from application.notice import Notice, Weight
from application.ports.notifier import Told

log = logging.getLogger(__name__)
_LEVELS = {Weight.ALARM: logging.WARNING}


class LogNotifier:
    """Tells whoever reads the log."""

    @property
    def channel(self) -> str:
        """Return the name under which the outbox keeps its turns."""
        return "log"

    async def tell(self, notices: Sequence[Notice]) -> Told:
        """Write a line for each."""
        for notice in notices:
            level = _LEVELS.get(notice.weight, logging.INFO)
            facts = {"about": notice.kind.value, "lines": list(notice.lines)}
            log.log(level, notice.title, extra=facts)
        return Told(rest=timedelta())

    async def close(self) -> None:
        """Do nothing: there is no connection."""
