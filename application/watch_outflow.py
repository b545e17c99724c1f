"""The counter of orders that left against intents: more than was called for is a brake."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from application.ports.outflow import Outflows
from domain.outflow import outflow_brake

SPAN = timedelta(hours=1)
"""How far back is counted each time: longer than nobody may have looked."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WatchOutflow:
    """Count what left for every account, and stop entries where it is too much."""

    outflows: Outflows

    async def __call__(self) -> None:
        """Count once. A brake that has fired already fires no second time."""
        for one in await self.outflows.counted(SPAN):
            finding = outflow_brake(one.counted)
            if finding is not None and await self.outflows.brake(one.account, finding):
                seen = {"account": one.account, "counted": one.counted}
                log.warning("orders and intents do not agree", extra=seen)
