"""The workbench on PostgreSQL: rounds that wait at the same moment share a transaction.

::

    load ─▶ plan each ─▶ asked for usage? lock the limits, count, plan on ─▶ save ─▶ commit
                       └▶ nobody asked: save, as one statement that commits by itself

The locks are taken in this order, each kind by its ids: installation, accounts, keys. The
keys last, with the fences: where one does not stand any more, nothing is kept, and the
others are made again without it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store.postgres.desk import LoadedDesk, load_desks, refresh_desks
from adapters.store.postgres.driver import Driver, driver_connection
from adapters.store.postgres.gathering import Gathering
from adapters.store.postgres.rounds import Rounds
from adapters.store.postgres.saving import save, saved_at_once
from adapters.store.shared import Revisions
from application.clearing import in_this_process
from application.ports.workbench import Claim, ClaimLost, News, Planner
from application.records import Key, Planned

TOGETHER = 100
"""How many keys share a transaction at most."""


class Asked(NamedTuple):
    """One key's round."""

    claim: Claim
    news: News
    planner: Planner


class _LostAmongOthers(Exception):
    """Claims that do not stand any more, in a transaction that must be undone for them."""

    def __init__(self, claims: frozenset[Claim]) -> None:
        super().__init__(claims)
        self.claims = claims


@dataclass(slots=True)
class PostgresWorkbench:
    """Advances keys in PostgreSQL."""

    engine: AsyncEngine
    live_trading: bool = False
    """Whether this process may open anything with real money."""
    _revisions: Revisions = field(default_factory=Revisions)
    _held: dict[Key, tuple[Claim, LoadedDesk]] = field(
        default_factory=dict[Key, tuple[Claim, LoadedDesk]]
    )
    """Desks of keys that are under way, as the last round of a claim left them.

    What only the holder of a key changes is true for as long as its fence stands.
    """
    _rounds: "Gathering[Asked, Planned]" = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nobody waiting."""
        self._rounds = Gathering(self._together, most=TOGETHER)

    async def advance(self, claim: Claim, news: News, planner: Planner) -> Planned:
        """Plan the key's oldest jobs and keep what was planned."""
        return await self._rounds(Asked(claim, news, planner))

    async def _together(self, asked: Sequence[Asked]) -> Sequence[Planned | Exception]:
        """Advance these keys; two claims of one key never share a transaction."""
        first = {one.claim.key: one for one in reversed(asked)}
        later = [one for one in asked if first[one.claim.key] is not one]
        done = await self._advanced(list(first.values()))
        for one in later:
            done |= await self._advanced([one])
        return [done[one.claim] for one in asked]

    async def _advanced(self, asked: Sequence[Asked]) -> dict[Claim, Planned | ClaimLost]:
        lost: frozenset[Claim] = frozenset()
        held = {one.claim: self._take(one.claim) for one in asked}
        while True:
            standing = [one for one in asked if one.claim not in lost]
            try:
                done = await self._kept(standing, held) if standing else {}
            except _LostAmongOthers as error:
                lost |= error.claims
                continue
            gone = {
                one: ClaimLost(f"{one.key} is not held by {one.owner} any more")
                for one in lost
            }
            return {**done, **gone}

    def _take(self, claim: Claim) -> LoadedDesk | None:
        """Return the desk that this very claim has left, if it has; it is used once."""
        known, desk = self._held.pop(claim.key, (None, None))
        return desk if known == claim else None

    async def _kept(
        self, asked: Sequence[Asked], held: Mapping[Claim, LoadedDesk | None]
    ) -> dict[Claim, Planned]:
        async with driver_connection(self.engine) as driver:
            loaded = await self._loaded(driver, asked, held)
            rounds = Rounds(driver)
            for one in asked:
                desk = loaded[one.claim.key].desk
                desk = in_this_process(desk, live_trading=self.live_trading)
                told = replace(desk, **one.news.told)
                rounds.begin(loaded[one.claim.key], told, one.planner)
            await _keep(driver, rounds, [one.claim for one in asked])
        for one in asked:
            after = rounds.after(one.claim.key)
            if after.desk.jobs:
                self._held[one.claim.key] = (one.claim, after)
        return {one.claim: rounds.planned(one.claim.key) for one in asked}

    async def _loaded(
        self,
        driver: Driver,
        asked: Sequence[Asked],
        held: Mapping[Claim, LoadedDesk | None],
    ) -> dict[Key, LoadedDesk]:
        known = [desk for one in asked if (desk := held[one.claim]) is not None]
        found = await refresh_desks(driver, known, self._revisions)
        new = [one.claim.key for one in asked if one.claim.key not in found]
        return found | await load_desks(driver, new, self._revisions)


async def _keep(driver: Driver, rounds: Rounds, claims: Sequence[Claim]) -> None:
    """Keep what the rounds come to, telling what is in use to those that ask.

    Raises:
        _LostAmongOthers: Claims do not stand any more; nothing is kept of any.
    """
    if rounds.ends_alone:
        moved = [rounds.moved(one) for one in claims]
        if await saved_at_once(driver, moved):
            return
    async with driver.raw.transaction():
        await rounds.tell_usage()
        moved = [rounds.moved(one) for one in claims]
        lost = await save(driver, moved, rounds.peaks)
        if lost:
            raise _LostAmongOthers(lost)
