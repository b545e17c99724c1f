"""What a job tells about the market, and what that means for open positions."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from application.records import BotId, Desk, DeskBot, Job, Mark
from domain.exits import Prices, prices_of
from domain.state import BotState


def moment(desk: Desk, job: Job) -> datetime:
    """Return what time it is for a job: its bar's close if the account counts by bars."""
    signal = job.signal
    if not desk.account.by_bar or signal is None or signal.bar_time is None:
        return desk.now
    timeframe = signal.timeframe or desk.bots[job.bot].rules.timeframe
    return timeframe.close_of(signal.bar_time) if timeframe else signal.bar_time


def age(desk: Desk, job: Job) -> timedelta:
    """Return how long ago the alert fired; counting by bars there is no delay."""
    if job.signal is None or desk.account.by_bar:
        return timedelta()
    return desk.now - job.signal.fired_at


def observed(desk: Desk, job: Job) -> Desk:
    """Return the desk once the price that the job brings is the market.

    A price older than the one known changes nothing: a late alert moves no stop.
    """
    mark = _mark(desk, job)
    if mark is None or (desk.mark is not None and mark.at < desk.mark.at):
        return desk
    bots = dict(desk.bots)
    for bot in desk.bots.values():
        prices = prices_for(bot, job)
        if prices is not None and not bot.state.position.is_flat:
            position = bot.state.position.seen(prices.high, prices.low)
            if position is not bot.state.position:
                bots[bot.id] = replace(bot, state=bot.state._replace(position=position))
    return replace(desk, bots=bots, mark=mark)


def is_the_market(desk: Desk, job: Job) -> bool:
    """Say whether the newest price known is the one that the job brings."""
    return desk.mark is not None and desk.mark == _mark(desk, job)


def fresh_price(desk: Desk, job: Job) -> Decimal | None:
    """Return the market's price for an entry; None when it is older than alerts may be."""
    if desk.mark is None:
        return None
    limit = desk.bots[job.bot].limits.max_age_seconds
    late = moment(desk, job) - desk.mark.at
    if limit is not None and late > timedelta(seconds=limit):
        return None
    return desk.mark.price


def _mark(desk: Desk, job: Job) -> Mark | None:
    """Return the price that a job brings, true no later than now; None without one."""
    signal = job.signal
    if signal is None or signal.price is None:
        return job.seen
    at = moment(desk, job) if desk.account.by_bar else signal.fired_at
    return Mark(price=signal.price, at=min(at, desk.now))


def prices_for(bot: DeskBot, job: Job) -> Prices | None:
    """Return a job's prices as they bear on a bot's position; None without a price."""
    if job.seen is not None:
        return Prices(job.seen.price, job.seen.price, job.seen.price)
    if job.signal is None:
        return None
    return prices_of(job.signal, bot.state.memory.entry_bar, bot.rules.timeframe)


def changed_states(before: Desk, now: Desk) -> dict[BotId, BotState]:
    """Return the states of the bots that observing changed."""
    return {
        id: bot.state
        for id, bot in now.bots.items()
        if bot.state is not before.bots[id].state
    }
