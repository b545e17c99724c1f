"""Keeping the audit's chain, and holding it against what is kept."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from typing import NamedTuple

from application.notifying.audit import anchored
from application.ports.audit import (
    BEGINNING,
    Anchor,
    Anchors,
    AuditChain,
    Entry,
    Head,
    Journal,
    KeptPosition,
    KeptTurnover,
    Source,
    content_hash,
    link_hash,
)
from application.ports.clock import Clock
from application.ports.outbox import Outbox
from domain.errors import DomainError
from domain.position import FLAT, Fill, Position

BATCH = 2_000
ROUNDS_MAX = 3
"""How many batches are chained at once beside other work."""
PAGE = 2_000
ANCHOR_EVERY = timedelta(minutes=10)
TELL_EVERY = timedelta(days=1)
"""Between two messages with the chain's head, off this machine."""
log = logging.getLogger(__name__)


@dataclass(slots=True)
class KeepAudit:
    """Chain what is new, and keep the head outside the database now and then."""

    chain: AuditChain
    anchors: Anchors
    outbox: Outbox
    clock: Clock
    _told_at: datetime | None = None
    _anchored: Anchor | None = None

    async def __call__(self) -> int:
        """Return how many rows were chained; a great backlog is left for the next time.

        Whoever leads has alerts and timers to look after as well.
        """
        chained = 0
        for _ in range(ROUNDS_MAX):
            done = await self.chain.extend(BATCH)
            chained += done
            if done < BATCH:
                break
        await self._anchor()
        return chained

    async def all(self) -> None:
        """Chain whatever there is, however long it takes."""
        while await self() == ROUNDS_MAX * BATCH:
            pass

    async def _anchor(self) -> None:
        now = self.clock.now()
        if self._anchored is None:
            never = Anchor(now - ANCHOR_EVERY, Head(0, BEGINNING))
            self._anchored = next(reversed(self.anchors.all()), never)
        at, before = self._anchored
        if now - at < ANCHOR_EVERY:
            return
        head = await self.chain.head()
        if head != before:
            self.anchors.keep(now, head)
            facts = {"position": head.position, "hash": head.hash.hex()}
            log.info("audit head", extra=facts)
            await self._tell(now, head)
        self._anchored = Anchor(now, head)

    async def _tell(self, now: datetime, head: Head) -> None:
        """Have people told once a day, whichever process leads."""
        if self._told_at is None or now - self._told_at >= TELL_EVERY:
            await self.outbox.add_once_in(anchored(head), TELL_EVERY)
            self._told_at = now


class Problem(NamedTuple):
    """The first thing that is not as it was. ``position`` is its place in the chain."""

    position: int
    what: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What verifying found: up to where the chain holds, and what does not."""

    head: Head
    problem: Problem | None = None
    waiting: int = 0
    anchors: int = 0


@dataclass(frozen=True, slots=True)
class VerifyAudit:
    """Walk the whole chain beside the rows it was made of."""

    chain: AuditChain
    anchors: Anchors

    async def __call__(self, given: Sequence[Head] = ()) -> Verdict:
        """Return the verdict; ``given`` heads were kept by somebody, wherever."""
        kept = [one.head for one in self.anchors.all()]
        heads = {head.position: head for head in (*given, *kept)}
        end = Head(0, BEGINNING)
        while page := await self.chain.entries(end.position, PAGE):
            for entry, content in page:
                problem = _problem(end, entry, content, heads.get(entry.position))
                if problem is not None:
                    return Verdict(head=end, problem=problem)
                end = Head(entry.position, entry.hash)
        problem = await self._at_the_end(end, heads)
        return Verdict(
            head=end,
            problem=problem,
            waiting=await self.chain.waiting(),
            anchors=len(heads),
        )

    async def _at_the_end(self, end: Head, heads: dict[int, Head]) -> Problem | None:
        known = await self.chain.head()
        last = max([known, *heads.values()])
        if last.position > end.position:
            missing = last.position - end.position
            return Problem(
                end.position + 1,
                "tail",
                f"The chain ends at {end.position}, but it reached {last.position} once: "
                f"{missing} at its end are gone.",
            )
        unchained = await self.chain.unchained()
        if unchained:
            source, ref = unchained[0]
            return Problem(
                end.position + 1,
                f"{source.value} {ref}",
                f"{_name(source, ref)} was put in later, among what was chained already.",
            )
        return None


def _problem(
    before: Head, entry: Entry, content: str | None, anchor: Head | None
) -> Problem | None:
    place = before.position + 1
    named = f"{entry.source.value} {entry.ref}"
    name = _name(entry.source, entry.ref)
    if entry.position != place:
        gone = f"Place {place} of the chain is missing; the next is {entry.position}."
        return Problem(place, "link", gone)
    expected = link_hash(before.hash, place, (entry.source, entry.ref), entry.content)
    if entry.previous != before.hash or entry.hash != expected:
        return Problem(place, named, f"The link of {name} was changed or moved.")
    if anchor is not None and anchor.hash != entry.hash:
        return Problem(
            place, named, f"The chain up to {name} is not the one that was anchored."
        )
    if content is None:
        return Problem(place, named, f"{name} was deleted.")
    if content_hash(content) != entry.content:
        return Problem(place, named, f"{name} was changed.")
    return None


def _name(source: Source, ref: str) -> str:
    match source:
        case Source.DECISION:
            job, _, step = ref.partition("/")
            return f"Decision {step} of job {job}"
        case Source.TRANSITION:
            order, _, step = ref.rpartition("/")
            return f"Step {step} of order {order}"
        case Source.FILL:
            return f"Fill {ref}"
        case Source.REVISION:
            return f"Revision {ref}"
        case Source.ACTION:
            return f"Operator action {ref}"


class Difference(NamedTuple):
    """A position, or an hour's turnover, that its executions do not lead to."""

    bot: str
    """Or, for a turnover, the account."""
    what: str
    table: str
    journal: str


@dataclass(frozen=True, slots=True)
class RebuildPositions:
    """Compute from the executions again what is derived, and hold the tables against it."""

    journal: Journal

    async def __call__(self) -> tuple[int, list[Difference]]:
        """Return how many positions were computed, and every difference."""
        kept = await self.journal.books()
        found = [one for row in kept.positions for one in _differences(row)]
        found += map(_hour_difference, kept.turnovers)
        return len(kept.positions), found


def _differences(row: KeptPosition) -> list[Difference]:
    try:
        found = reduce(_after, row.fills, FLAT)
    except (DomainError, ValueError) as error:
        return [Difference(row.name, "executions", "a position", str(error))]
    # The best price since the entry comes from alerts, not from executions.
    table = (row.quantity, row.cost, *row.position._replace(best=None))
    journal = (found.quantity, found.cost, *found._replace(best=None))
    return [
        Difference(row.name, name, str(was), str(now))
        for name, was, now in zip(_COMPARED, table, journal, strict=True)
        if was != now
    ]


def _hour_difference(row: KeptTurnover) -> Difference:
    what = f"turnover of {row.symbol} at {row.hour:%Y-%m-%d %H}h UTC"
    return Difference(row.name, what, row.kept or "nothing", row.executed or "nothing")


def _after(position: Position, fill: Fill | None) -> Position:
    return position.without_dust() if fill is None else position.after(fill)


_COMPARED = ("quantity", "cost", *Position._fields)
