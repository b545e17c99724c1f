"""What both stores do alike: from what is kept to what the planner sees."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import reduce
from typing import Any, TypeVar

from application import wording
from application.configuration.reader import read_account, read_bot, read_installation
from application.configuration.tree import Reading, Tree
from application.configuration.values import AccountConfig, BotConfig
from application.observing import observed
from application.ports.configuration import Author
from application.ports.venue_budget import Urgency
from application.records import (
    AccountId,
    BotId,
    Changes,
    Desk,
    DeskAccount,
    DeskBot,
    Job,
    Planned,
    Transition,
)
from application.usage import DayMark, marked
from domain.fills import Costs
from domain.instrument import Instrument, Symbol
from domain.money import ZERO
from domain.order import TRANSITIONS, OrderStatus
from domain.reason_catalogue import sentence
from domain.reasons import Finding
from domain.risk import NO_LIMITS, Limits, TradingState
from domain.rules import Rules
from domain.signal import AlertId

T = TypeVar("T")

OLDEST_JOBS = 50
"""How many unfinished jobs of a key one desk holds."""
LEFT_FOR_OTHERS = {
    Urgency.EXIT: Decimal(0),
    Urgency.ENTRY: Decimal("0.2"),
    Urgency.READ: Decimal("0.5"),
}
"""What share of the units a request must leave for more urgent ones."""
REMEMBERED_MAX = 50_000
TOKEN_GRACE = timedelta(hours=24)
"""How long a feed's token goes on once another has taken its place."""


@dataclass(slots=True)
class Revisions:
    """Configurations that have been read, by their revision, which never changes."""

    _read: dict[int, Any] = field(default_factory=dict[int, Any])

    def __contains__(self, revision: int) -> bool:
        """Say whether a revision has been read already."""
        return revision in self._read

    def account(self, revision: int, tree: Tree = None) -> AccountConfig:
        """Return an account's configuration; ``tree`` is not needed once it was read."""
        return self._known(revision) or self._kept(revision, read_account(tree))

    def bot(self, revision: int, tree: Tree = None) -> BotConfig:
        """Return a bot's configuration; ``tree`` is not needed once it was read."""
        return self._known(revision) or self._kept(revision, read_bot(tree))

    def limits(self, revision: int | None, tree: Tree = None) -> Limits:
        """Return the installation's limits; none before its first revision."""
        if revision is None:
            return NO_LIMITS
        return self._known(revision) or self._kept(revision, read_installation(tree))

    def _known(self, revision: int) -> Any:
        return self._read.get(revision)

    def _kept(self, revision: int, reading: Reading[T]) -> T:
        if reading.value is None:
            problems = "; ".join(str(problem) for problem in reading.problems)
            message = f"revision {revision} cannot be read by this version: {problems}"
            raise ValueError(message)
        if len(self._read) >= REMEMBERED_MAX:
            self._read.clear()
        self._read[revision] = reading.value
        return reading.value


def desk_account(id: int, config: AccountConfig, market: Instrument) -> DeskAccount:
    """Return an account as the desk of one market sees it."""
    paper = config.mode == "paper"
    rate = config.paper.fee_rate if paper else None
    return DeskAccount(
        id=AccountId(id),
        name=config.name,
        exchange=config.exchange,
        mode=config.mode,
        currency=config.paper.currency if paper else market.settle,
        start_balance=config.paper.balance,
        costs=Costs(
            fee_rate=market.taker_fee if rate is None else rate,
            slippage_bps=config.paper.slippage_bps if paper else ZERO,
        ),
        by_bar=paper and config.paper.clock == "bar",
        limits=config.limits,
    )


def on_market(config: BotConfig, symbol: Symbol, *, can_short: bool) -> BotConfig:
    """Return a bot's configuration with the market that it trades."""
    return replace(config, symbol=symbol, rules=market_rules(config, can_short=can_short))


def market_rules(config: BotConfig, *, can_short: bool) -> Rules:
    """Return a bot's rules with what its market allows."""
    return replace(config.rules, can_short=can_short)


def plain_tree(tree: Tree) -> Any:
    """Return a tree of plain mappings and lists, as it comes back from being kept."""
    match tree:
        case None | str():
            return tree
        case Mapping():
            return {name: plain_tree(branch) for name, branch in tree.items()}
        case _:
            return [plain_tree(branch) for branch in tree]


def strictest(states: Iterable[int]) -> TradingState:
    """Return the state that applies where several do; ACTIVE where none was set."""
    return TradingState(max(states, default=TradingState.ACTIVE))


def with_states(desk: Desk, states: Mapping[BotId, tuple[TradingState, bool]]) -> Desk:
    """Return the desk with its bots' trading states, and whether they are enabled."""
    if all(states.get(id) == _standing(bot) for id, bot in desk.bots.items()):
        return desk
    bots = {
        id: replace(bot, trading_state=states[id][0], enabled=states[id][1])
        if id in states
        else bot
        for id, bot in desk.bots.items()
    }
    return replace(desk, bots=bots)


def _standing(bot: DeskBot) -> tuple[TradingState, bool]:
    return bot.trading_state, bot.enabled


def reused_detail(owner: AlertId) -> str:
    """Return what is kept with an alert whose id belongs to an earlier one."""
    return f"The id came first with alert {owner}, and with another body."


def statuses_after(
    known: Mapping[str, OrderStatus], transitions: Iterable[Transition]
) -> Iterator[tuple[Transition, OrderStatus]]:
    """Return each transition with the status it led to, from the orders as they were."""
    reached: dict[str, OrderStatus] = {}
    for one in transitions:
        before = reached.get(one.order) or known[one.order]
        reached[one.order] = TRANSITIONS[before, one.event]
        yield one, reached[one.order]


def braked(brake: Finding) -> Author:
    """Return who sets an account to REDUCING when a brake fired, and why."""
    value, limit = (
        wording.money(one) if isinstance(one, Decimal) else one
        for one in (brake.value, brake.limit)
    )
    told = sentence(brake._replace(value=value, limit=limit))
    return Author(name="signalman", source="brake", reason=f"{brake.reason.value}: {told}")


def asking_job(desk: Desk, planned: Planned) -> tuple[Job, datetime]:
    """Return the job that asks for usage, and the moment it asks for.

    Raises:
        ValueError: If it has been told already, or does not say which it is: planning
            would never end.
    """
    told = desk.usage.job if desk.usage else None
    job = next((one for one in desk.jobs if one.id == planned.asking_job), None)
    if job is None or job.id == told or planned.asking_now is None:
        message = f"job {planned.asking_job} asks for usage that it cannot be told"
        raise ValueError(message)
    return job, planned.asking_now


def last_mark(
    known: DayMark | None, steps: Iterable[Changes], day_start: time
) -> DayMark | None:
    """Return a symbol's price once the steps have been taken."""
    seen = (changes.mark for changes in steps if changes.mark is not None)
    return reduce(lambda mark, new: marked(mark, new, day_start), seen, known)


def own_mark(
    known: DayMark | None, desk: Desk, job: Job, day_start: time
) -> DayMark | None:
    """Return a symbol's price as one job sees it, its own alert's included."""
    own = observed(desk, job).mark
    if own is None or own is desk.mark:
        return known
    return marked(known, own, day_start)
