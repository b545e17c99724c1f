"""Who works what, by leases on the database's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.store.memory.database import MemoryDatabase
from adapters.store.memory.rows import Lease
from application.ports.workbench import LEASE, Claim, ClaimLost
from application.records import Key


@dataclass(frozen=True, slots=True)
class MemoryWorkQueue:
    """The queue of record in memory."""

    database: MemoryDatabase

    async def due(self, limit: int, *, open_only: bool = False) -> Sequence[Key]:
        """Return keys with unfinished jobs that nobody holds and that need not wait."""
        keys = [key for key in self.database.busy_keys() if self._is_free(key)]
        if open_only:
            bots = self.database.bots.values()
            held = {bot.key for bot in bots if not bot.state.position.is_flat}
            keys = [key for key in keys if key in held]
        return keys[:limit]

    async def claim(self, key: Key, owner: str) -> Claim | None:
        """Take the key for one lease; None while somebody else holds it."""
        async with self.database.lock:
            if all(row.id != key.account for row in self.database.accounts.values()):
                return None
            lease = self.database.leases.setdefault(key, Lease())
            now = self.database.clock.now()
            if lease.until is not None and lease.until > now:
                return None
            lease.owner, lease.until, lease.retry_at = owner, now + LEASE, None
            lease.fence += 1
            return Claim(key=key, owner=owner, fence=lease.fence)

    async def renew(self, claim: Claim) -> None:
        """Hold the key for another lease, unless somebody else took it."""
        async with self.database.lock:
            held(self.database, claim).until = self.database.clock.now() + LEASE

    async def release(self, claim: Claim, retry_at: datetime | None) -> bool:
        """Give the key back; nothing if it was lost."""
        async with self.database.lock:
            lease = self.database.leases.get(claim.key, Lease())
            if (lease.fence, lease.owner) != (claim.fence, claim.owner):
                return False
            lease.owner, lease.until, lease.retry_at = "", None, retry_at
            return retry_at is None and bool(self.database.unfinished(claim.key))

    async def ring_timers(self, limit: int) -> Sequence[Key]:
        """Turn timers that are due into jobs; return the keys that got one."""
        async with self.database.lock:
            now = self.database.clock.now()
            due = sorted((at, bot) for bot, at in self.database.timers.items() if at <= now)
            keys: dict[Key, None] = {}
            for _, bot in due[:limit]:
                del self.database.timers[bot]
                key = self.database.bot(bot).key
                self.database.queue(key, bot)
                keys[key] = None
            return tuple(keys)

    def _is_free(self, key: Key) -> bool:
        lease = self.database.leases.get(key, Lease())
        now = self.database.clock.now()
        waits = lease.retry_at is not None and lease.retry_at > now
        return not waits and (lease.until is None or lease.until <= now)


def held(database: MemoryDatabase, claim: Claim) -> Lease:
    """Return the lease of a claim that still stands.

    Raises:
        ClaimLost: If somebody else has claimed the key since.
    """
    lease = database.leases.get(claim.key, Lease())
    if (lease.fence, lease.owner) != (claim.fence, claim.owner):
        raise ClaimLost(f"{claim.key} is not held by {claim.owner} any more")
    return lease
