"""What the doctor asks of the database and of what is deployed in it."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from application import wording
from application.ports.configuration import Deployed
from application.ports.outflow import AccountOutflow
from application.ports.views import Accounted, AlertSummary, PositionRow
from domain.outflow import outflow_brake
from domain.reason_catalogue import sentence
from domain.risk import TradingState
from domain.rules import ExitRules
from entrypoints.cli.check_result import Check, bad, good, warn
from entrypoints.container import Container

POSTGRES_MIN = 150_000
_VERSION_PART = 10_000
_APPLY = "signalman apply FILE.yaml"
_LAST_DAY = timedelta(days=1)


async def store_checks(container: Container) -> AsyncIterator[Check]:
    """Yield what the database says of itself and of what is deployed."""
    yield await _instruments(container.engine())
    configuration, views = container.configuration(), container.views()
    deployed = await configuration.deployed()
    for check in _deployed(deployed):
        yield check
    yield _last_alert(await views.alerts(limit=1))
    states = await configuration.states()
    stopped = [one for one in states if one.state is not TradingState.ACTIVE]
    yield _states(
        [f"{one.name or 'everything'} {one.state.name.lower()}" for one in stopped]
    )
    yield _stops(deployed, await views.positions())
    yield _accounted(await views.accounted())
    yield _outflow(await container.outflows().counted(_LAST_DAY))


async def postgres_version(engine: AsyncEngine) -> Check:
    """Return whether the server answers and is new enough."""
    async with engine.connect() as connection:
        number = int(str(await connection.scalar(text("SHOW server_version_num"))))
    found = f"PostgreSQL {number // _VERSION_PART}.{number % _VERSION_PART}"
    if number < POSTGRES_MIN:
        least = POSTGRES_MIN // _VERSION_PART
        return bad("database", f"{found}, at least {least} is needed", "upgrade the server")
    return good("database", f"{found} answers")


def migrations(current: str | None, newest: str) -> Check:
    """Return whether the schema is the one this program was written for."""
    if current == newest:
        return good("migrations", f"at the newest ({newest})")
    found = f"at {current}" if current else "no schema yet"
    return warn("migrations", f"{found}, the newest is {newest}", "signalman migrate")


async def _instruments(engine: AsyncEngine) -> Check:
    async with engine.connect() as connection:
        count = int(await connection.scalar(text("SELECT count(*) FROM instruments")) or 0)
    if not count:
        return warn("instruments", "none yet, so nothing can be traded", "signalman up")
    return good("instruments", wording.plural(count, "market"))


def _deployed(deployed: Deployed) -> list[Check]:
    bots = [bot for bot in deployed.bots if not bot.archived and bot.config.enabled]
    feeds = len(deployed.feeds)
    found = [
        good("feeds", ", ".join(feed.config.name for feed in deployed.feeds))
        if feeds
        else warn("feeds", "none, so no alert can come in", "signalman feed add NAME"),
        good("bots", wording.plural(len(bots), "enabled bot"))
        if bots
        else warn("bots", "none that is enabled", _APPLY),
    ]
    used = {bot.config.feed for bot in bots}
    idle = [one.config.name for one in deployed.feeds if one.config.name not in used]
    if bots and idle:
        found.append(warn("feeds", f"no bot listens to {wording.listed(idle)}", _APPLY))
    return found


def _last_alert(newest: Sequence[AlertSummary]) -> Check:
    if not newest:
        return warn(
            "last alert", "none has come yet", "signalman alert send --bot NAME --rsi 25"
        )
    one = newest[0]
    return good(
        "last alert", f"number {one.id}, {wording.moment(one.received_at)[:19]} UTC"
    )


def _states(stopped: list[str]) -> Check:
    if not stopped:
        return good("trading states", "everything is active")
    return warn(
        "trading states", ", ".join(stopped), "signalman state   shows since when and why"
    )


def _stops(deployed: Deployed, positions: Sequence[PositionRow]) -> Check:
    name = "stops"
    exits = {bot.config.name: bot.config.rules.exits for bot in deployed.bots}
    bare = [row.bot for row in positions if not _has_stop(exits.get(row.bot))]
    if not positions:
        return good(name, "no open position")
    if bare:
        return warn(
            name,
            f"no stop rule behind the positions of {wording.listed(bare)}",
            "set exits.stop_loss_percent and apply with --open-positions adopt",
        )
    return good(name, f"{wording.plural(len(positions), 'open position')} with a stop rule")


def _has_stop(exits: ExitRules | None) -> bool:
    return exits is not None and (
        exits.stop_loss_percent is not None or exits.trailing_percent is not None
    )


def _accounted(kept: Accounted) -> Check:
    if kept.lost or kept.doubled:
        found = f"{kept.lost} lost, {kept.doubled} doubled"
        return bad("accounted", found, "signalman stats   shows more")
    return good("accounted", "nothing lost, nothing doubled")


def _outflow(counted: Sequence[AccountOutflow]) -> Check:
    """Return whether as many orders left as intents called for."""
    told = [(one.account, outflow_brake(one.counted), one.counted) for one in counted]
    wrong = [f"{name}: {sentence(found)}" for name, found, _ in told if found is not None]
    if wrong:
        return bad("orders", " ".join(wrong), "signalman orders   shows them")
    left = sum(one.left for _, _, one in told)
    return good("orders", f"{left:,} left in the last day, each was called for")
