"""From one desk to the next: what the world looks like once a step has been taken. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from application.records import (
    BotId,
    Changes,
    Desk,
    DeskBot,
    Intent,
    Job,
    JobId,
    JobStatus,
    Planned,
    WorkingOrder,
)
from application.reserving import LIVE, unfilled
from domain.money import ZERO
from domain.risk import TradingState
from domain.state import WorkingEntry


def after(desk: Desk, changes: Changes) -> Desk:
    """Return the desk as the next step must see it; a job that is done leaves it."""
    jobs: list[Job] = []
    done: Job | None = None
    for job in desk.jobs:
        if job.id != changes.job:
            jobs.append(job)
            continue
        moved = with_changes(job, changes)
        if changes.status is JobStatus.DONE:
            done = moved
        else:
            jobs.append(moved)
    bots = desk.bots
    touched = {one.bot for one in changes.intents if one.enters}
    if changes.states or touched:
        bots = dict(bots)
        for bot in {**changes.states, **dict.fromkeys(touched)}:
            bots[bot] = _moved(bots[bot], changes, jobs, done)
    desk = replace(desk, bots=bots, jobs=tuple(jobs), mark=changes.mark or desk.mark)
    return desk if changes.brake is None else braked(desk)


def braked(desk: Desk) -> Desk:
    """Return the desk once a brake of its account has fired: it only reduces."""
    bots = {
        id: replace(bot, trading_state=max(bot.trading_state, TradingState.REDUCING))
        for id, bot in desk.bots.items()
    }
    return replace(desk, bots=bots)


def desk_after(desk: Desk, planned: Planned) -> Desk:
    """Return the desk once everything that was planned on it is kept."""
    if planned.after is not None:
        return planned.after
    return after(*planned.steps[-1]) if planned.steps else desk


def with_changes(job: Job, changes: Changes) -> Job:
    """Return a job with what one of its steps brought."""
    intents = {one.id: one for one in (*job.intents, *changes.intents)}
    orders = {one.order.id: one for one in (*job.orders, *changes.orders)}
    return replace(
        job,
        status=changes.status,
        decisions=(*job.decisions, *changes.decisions),
        intents=tuple(intents.values()),
        orders=tuple(orders.values()),
    )


def working_entries(
    intents: Iterable[Intent],
    orders: Mapping[str, tuple[WorkingOrder, ...]],
    bars: Mapping[JobId, datetime | None],
) -> tuple[WorkingEntry, ...]:
    """Return the entries that may still become part of the position, by their number.

    ``bars`` are those of the jobs under way; an entry of no such job has an unknown one.
    """
    found: list[WorkingEntry] = []
    for intent in intents:
        if not intent.enters or intent.status not in LIVE or intent.price is None:
            continue
        rest = unfilled(intent, orders.get(intent.id, ()))
        if rest > ZERO:
            found.append(
                WorkingEntry(
                    intent.side,
                    intent.number,
                    rest,
                    intent.price,
                    bars.get(intent.job),
                )
            )
    return tuple(sorted(found, key=lambda entry: entry.number))


def bars_of(jobs: Iterable[Job]) -> dict[JobId, datetime | None]:
    """Return the bar of each job's alert; None where there is none."""
    return {job.id: job.signal.bar_time if job.signal else None for job in jobs}


def _moved(
    bot: DeskBot, changes: Changes, jobs: Iterable[Job], done: Job | None
) -> DeskBot:
    """Return a bot after the step; what may still fill of a job that is over is stuck."""
    state = changes.states.get(bot.id, bot.state)
    stuck = bot.stuck if done is None else (*bot.stuck, *_working(bot.id, (done,)))
    working = (*stuck, *_working(bot.id, jobs))
    ordered = tuple(sorted(working, key=lambda entry: entry.number))
    return replace(bot, state=state._replace(working=ordered), stuck=stuck)


def _working(bot: BotId, jobs: Iterable[Job]) -> tuple[WorkingEntry, ...]:
    found: list[WorkingEntry] = []
    for job in jobs:
        own = [one for one in job.intents if one.bot == bot]
        if own:
            of: dict[str, tuple[WorkingOrder, ...]] = {
                one.id: tuple(order for order in job.orders if order.intent == one.id)
                for one in own
            }
            found.extend(working_entries(own, of, bars_of((job,))))
    return tuple(found)
