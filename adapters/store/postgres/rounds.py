"""The rounds of one transaction: every key is planned, and those that ask are told more."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import bindparam, select

from adapters.store.postgres.desk import LoadedDesk
from adapters.store.postgres.driver import Driver, Prepared
from adapters.store.postgres.saving import Moved, Peak
from adapters.store.postgres.sql import NUMBER, many
from adapters.store.postgres.tables import accounts, installation
from adapters.store.postgres.usage import Asking, Kept, load_in_use
from adapters.store.shared import asking_job, last_mark, own_mark, with_states
from application.in_use import AccountInUse
from application.in_use import Asking as Moment
from application.ports.workbench import Claim, Planner
from application.records import AccountId, Asks, Desk, Job, Key, Planned, Step
from application.steps import braked, desk_after
from application.usage import DayMark, day_began, loaded_usage

_LOCK_INSTALLATION = Prepared(select(installation.c.id).with_for_update(key_share=True))
_LOCK_ACCOUNTS = Prepared(
    select(accounts.c.id)
    .where(accounts.c.id == bindparam("ids", type_=many(NUMBER)).any_())
    .order_by(accounts.c.id)
    .with_for_update(key_share=True)
)


@dataclass(slots=True)
class _Round:
    """One key in this transaction, as far as it has come."""

    loaded: LoadedDesk
    planner: Planner
    desk: Desk
    planned: Planned
    steps: tuple[Step, ...] = ()

    def go_on(self, desk: Desk) -> None:
        """Plan on from a desk."""
        self.planned = self.planner(desk)
        self.steps = (*self.steps, *self.planned.steps)
        self.desk = desk_after(desk, self.planned)

    @property
    def mark(self) -> DayMark | None:
        """Return the price of the key's symbol after the steps."""
        changes = (step.changes for step in self.steps)
        return last_mark(self.loaded.day_mark, changes, self.loaded.day_start)

    @property
    def asks(self) -> bool:
        """Say whether the planner must be told what is in use."""
        return self.planned.asks is Asks.USAGE


@dataclass(slots=True)
class Rounds:
    """All keys of one transaction."""

    driver: Driver
    peaks: dict[AccountId, Peak] = field(default_factory=dict[AccountId, Peak])
    """The highest equity of accounts that were measured."""
    _rounds: dict[Key, _Round] = field(default_factory=dict[Key, _Round])
    _in_use: dict[AccountId, AccountInUse] = field(
        default_factory=dict[AccountId, AccountInUse]
    )

    def begin(self, loaded: LoadedDesk, desk: Desk, planner: Planner) -> None:
        """Plan a key as far as it goes without asking anything."""
        one = _Round(loaded, planner, desk, Planned())
        one.go_on(desk)
        self._rounds[desk.key] = one

    @property
    def ends_alone(self) -> bool:
        """Say whether nobody needs the limits' locks, nor fired a brake: one write ends it.

        What was read is held by nothing but the fence, which the write itself looks at.
        """
        return not any(
            one.asks or any(step.changes.brake is not None for step in one.steps)
            for one in self._rounds.values()
        )

    async def tell_usage(self) -> None:
        """Tell every planner that asks what is in use, under the locks of the limits."""
        asking = [one for one in self._rounds.values() if one.asks]
        if not asking:
            return
        total = any(one.loaded.counts_total for one in asking)
        await self._lock(asking, total=total)
        for one in self._rounds.values():
            if one.loaded.desk.jobs:
                account = self._in_use.setdefault(one.desk.account.id, AccountInUse())
                account.take(one.desk, one.mark, one.steps)
        by_wall = {
            one.desk.account.id: one for one in asking if not one.desk.account.by_bar
        }
        kept = await self._load(by_wall.values(), total=total)
        for one in asking:
            while one.asks:
                if one.desk.account.by_bar:
                    kept |= await self._load([one], total=total)
                self._tell(one, kept[one.desk.account.id], total=total)

    def moved(self, claim: Claim) -> Moved:
        """Return what became of a key."""
        one = self._rounds[claim.key]
        mark = one.mark
        return Moved(
            claim=claim,
            desk=one.loaded.desk,
            steps=one.steps,
            mark=None if mark is one.loaded.day_mark else mark,
        )

    def planned(self, key: Key) -> Planned:
        """Return what a key's round led to, with all its steps."""
        one = self._rounds[key]
        return replace(one.planned, steps=one.steps)

    def after(self, key: Key) -> LoadedDesk:
        """Return a key's desk as the next round will find it, if nobody else comes."""
        one = self._rounds[key]
        desk = replace(one.desk, usage=None, balance=None, answers=())
        return replace(one.loaded, desk=desk, day_mark=one.mark)

    async def _lock(self, asking: Iterable[_Round], *, total: bool) -> None:
        """Wait for every other entry that is being planned against the same limits."""
        if total:
            await _LOCK_INSTALLATION(self.driver, {})
        ids = sorted({one.desk.account.id for one in asking})
        await _LOCK_ACCOUNTS(self.driver, {"ids": ids})

    async def _load(
        self, asking: Iterable[_Round], *, total: bool
    ) -> dict[AccountId, Kept]:
        asked: list[Asking] = []
        for one in asking:
            _, now = asking_job(one.desk, one.planned)
            asked.append(Asking(one.desk.account, now, _day(one, now)))
        if not asked:
            return {}
        planned = [key for key, one in self._rounds.items() if one.loaded.desk.jobs]
        bots = [bot for one in self._rounds.values() if one.asks for bot in one.desk.bots]
        return await load_in_use(self.driver, asked, planned, bots, total=total)

    def _tell(self, one: _Round, kept: Kept, *, total: bool) -> None:
        """Tell one planner what is in use as its job sees it, and plan on."""
        desk, account = one.desk, one.desk.account
        job, now = asking_job(desk, one.planned)
        mine = self._in_use[account.id]
        elsewhere = sum(
            other.positions for id, other in self._in_use.items() if id != account.id
        )
        moment = Moment(now, _day(one, now), _own_mark(one, desk, job))
        counted = kept.counted
        if account.id in self.peaks:
            counted = replace(counted, equity_peak=self.peaks[account.id].measured)
        tally = mine.tally(counted, desk, job.bot, moment, elsewhere if total else 0)
        usage = loaded_usage(job.id, account.start_balance, tally)
        self.peaks[account.id] = Peak(kept.counted.equity_peak, usage.usage.equity_peak)
        desk = with_states(replace(desk, usage=usage, now=kept.now), kept.states)
        # A brake that fires in this transaction stands in no table yet.
        if mine.braked:
            desk = braked(desk)
        one.go_on(desk)
        mine.take(one.desk, one.mark, one.planned.steps)


def _day(one: _Round, now: datetime) -> datetime:
    return day_began(now, one.loaded.day_start)


def _own_mark(one: _Round, desk: Desk, job: Job) -> DayMark | None:
    return own_mark(one.mark, desk, job, one.loaded.day_start)
