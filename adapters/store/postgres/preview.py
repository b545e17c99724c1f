"""A dry run on PostgreSQL: an alert, its job and its plan, in a transaction undone."""

from dataclasses import dataclass, field

from sqlalchemy import RowMapping, bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.store.postgres import trees
from adapters.store.postgres.desk import load_desks
from adapters.store.postgres.driver import Driver, driver_connection
from adapters.store.postgres.rounds import Rounds
from adapters.store.postgres.tables import alerts, bots, jobs
from adapters.store.shared import Revisions
from application.clearing import in_this_process
from application.ports.preview import Previewed
from application.ports.workbench import Planner
from application.records import AccountId, BotId, JobCause, JobId, JobStatus, Key
from domain.instrument import Symbol
from domain.reasons import Reason
from domain.signal import Signal

_BOT = select(bots.c.feed, bots.c.account, bots.c.symbol).where(
    bots.c.id == bindparam("bot")
)
_ALERT = insert(alerts).returning(alerts.c.id)
_JOB = insert(jobs).returning(jobs.c.id)


@dataclass(frozen=True, slots=True)
class PostgresPreview:
    """Plans on the rows as they are, and undoes everything."""

    engine: AsyncEngine
    live_trading: bool = False
    known: Revisions = field(default_factory=Revisions)

    async def __call__(
        self, signal: Signal, bot: BotId, planner: Planner
    ) -> Previewed | None:
        """Return what would come of the signal."""
        async with driver_connection(self.engine) as driver:
            undone = await driver.usual.begin()
            try:
                found = (await driver.usual.execute(_BOT, {"bot": bot})).mappings()
                row = found.one_or_none()
                if row is None:
                    return None
                job = await _queued(driver.usual, signal, bot, row)
                key = Key(AccountId(row["account"]), Symbol(row["symbol"]))
                return await self._planned(driver, key, job, planner)
            finally:
                await undone.rollback()

    async def _planned(
        self, driver: Driver, key: Key, job: JobId, planner: Planner
    ) -> Previewed:
        loaded = (await load_desks(driver, [key], self.known))[key]
        rounds = Rounds(driver)
        desk = in_this_process(loaded.desk, live_trading=self.live_trading)
        rounds.begin(loaded, desk, planner)
        await rounds.tell_usage()
        return Previewed(desk, job, rounds.planned(key))


async def _queued(
    connection: AsyncConnection, signal: Signal, bot: BotId, row: RowMapping
) -> JobId:
    alert = {
        "feed": row["feed"],
        "received_at": func.clock_timestamp(),
        "source": "",
        "content_type": "",
        "size": 0,
        "body": "",
        "digest": "",
        "signal": trees.signal_json(signal),
        "reason": Reason.ROUTED.value,
        "fanned_out_at": func.clock_timestamp(),
    }
    id = (await connection.execute(_ALERT.values(**alert))).scalar_one()
    job = {
        "alert": id,
        "bot": bot,
        "account": row["account"],
        "symbol": row["symbol"],
        "cause": JobCause.SIGNAL.value,
        "status": JobStatus.QUEUED.value,
    }
    return JobId((await connection.execute(_JOB.values(**job))).scalar_one())
