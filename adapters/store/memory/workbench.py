"""A round of a key in memory, under the lock."""

from dataclasses import dataclass, replace

from adapters.store.memory import desk as reading
from adapters.store.memory.database import MemoryDatabase
from adapters.store.memory.saving import save
from adapters.store.memory.usage import Asking, load_usage
from adapters.store.memory.work_queue import held
from adapters.store.shared import asking_job, own_mark
from application.ports.workbench import Claim, News, Planner
from application.records import Asks, Desk, Planned, Step
from application.steps import desk_after


@dataclass(frozen=True, slots=True)
class MemoryWorkbench:
    """The desk in memory."""

    database: MemoryDatabase

    async def advance(self, claim: Claim, news: News, planner: Planner) -> Planned:
        """Load the desk, plan, and keep what was planned."""
        async with self.database.lock:
            held(self.database, claim)
            desk = reading.load(self.database, claim.key)
            desk = replace(desk, **news.told)
            return self._planned(desk, planner)

    def _planned(self, desk: Desk, planner: Planner) -> Planned:
        """Plan and keep, loading the usage for every job that asks."""
        kept: tuple[Step, ...] = ()
        while True:
            planned = planner(desk)
            save(self.database, planned.steps)
            kept = (*kept, *planned.steps)
            if planned.asks is not Asks.USAGE:
                return replace(planned, steps=kept)
            desk = desk_after(desk, planned)
            job, now = asking_job(desk, planned)
            begins = self.database.account(desk.key.account).config.day_start
            known = self.database.marks.get(desk.key)
            mark = own_mark(known, desk, job, begins)
            usage = load_usage(self.database, desk, Asking(job, now, mark))
            desk = replace(desk, usage=usage)
