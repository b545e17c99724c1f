"""Desks to plan on: one account, one symbol, one bot or two."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from application.records import (
    AccountId,
    BotId,
    Desk,
    DeskAccount,
    DeskBot,
    Job,
    JobCause,
    JobId,
    JobStatus,
    Key,
    LoadedUsage,
    RevisionId,
)
from domain.fills import Costs
from domain.instrument import Instrument, Kind, Symbol
from domain.position import FLAT, Fill, Position
from domain.risk import Limits, TradingState, Usage
from domain.rules import Rules, Scaling, Sizing
from domain.signal import AlertId, Direction, Signal
from domain.state import BotState
from domain.timeframe import Timeframe

FOUR_HOURS = Timeframe.parse("4h")
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
KEY = Key(AccountId(1), Symbol("BTC/USDT:USDT"))
BOT = BotId(1)
PERPETUAL = Instrument(
    exchange="binanceusdm",
    symbol=Symbol("BTC/USDT:USDT"),
    kind=Kind.PERPETUAL,
    base="BTC",
    quote="USDT",
    settle="USDT",
    price_tick=Decimal("0.1"),
    quantity_step=Decimal("0.001"),
    quantity_min=Decimal("0.001"),
    notional_min=Decimal(5),
    contract_size=Decimal(1),
    taker_fee=Decimal("0.0005"),
)
RULES = Rules(
    timeframe=FOUR_HOURS,
    reverse=True,
    sizing=Sizing(amount=Decimal(1000)),
    scaling=Scaling(max_entries=3),
)
ACCOUNT = DeskAccount(
    id=KEY.account,
    name="paper",
    exchange="binanceusdm",
    mode="paper",
    currency="USDT",
    start_balance=Decimal(10_000),
    costs=Costs(),
)


def signal(rsi: float, price: str | None = "100", *, bar: int = 0, **more: Any) -> Signal:
    """Return the alert of the bar so many bars after noon, fired when it closed."""
    opened = NOON + bar * timedelta(hours=4)
    closed = opened + timedelta(hours=4)
    given = Signal(
        alert=AlertId(bar + 1),
        received_at=closed,
        sent_at=closed,
        bar_time=opened,
        timeframe=FOUR_HOURS,
        rsi=rsi,
        price=None if price is None else Decimal(price),
    )
    return given._replace(**more)


def job(given: Signal, *, id: int = 1, bot: BotId = BOT) -> Job:
    """Return the job of one signal, not decided yet."""
    return Job(
        id=JobId(id), bot=bot, cause=JobCause.SIGNAL, status=JobStatus.QUEUED, signal=given
    )


def bot(
    rules: Rules = RULES,
    *,
    id: BotId = BOT,
    position: Position = FLAT,
    state: TradingState = TradingState.ACTIVE,
) -> DeskBot:
    """Return a bot as the desk sees it."""
    return DeskBot(
        id=id,
        name=f"bot-{id}",
        enabled=True,
        revision=RevisionId(1),
        rules=rules,
        limits=Limits(max_age_seconds=120),
        trading_state=state,
        state=BotState(position=position),
    )


def desk(*jobs: Job, bots: tuple[DeskBot, ...] | None = None) -> Desk:
    """Return a desk at the moment its last signal fired, with nothing in use."""
    known = bots or (bot(),)
    fired = [one.signal.fired_at for one in jobs if one.signal is not None]
    return Desk(
        key=KEY,
        installation="test:1",
        now=max(fired, default=NOON),
        account=ACCOUNT,
        instrument=PERPETUAL,
        bots={one.id: one for one in known},
        jobs=jobs,
    )


def with_usage(given: Desk, job: Job, usage: Usage | None = None) -> Desk:
    """Return the desk once usage was loaded for a job."""
    loaded = LoadedUsage(job=job.id, usage=usage or Usage(), open_value=Decimal(0))
    return replace(given, usage=loaded)


def long_position(quantity: str = "1", price: str = "100", *, bar: int = 0) -> Position:
    """Return a long of one entry, entered on a bar."""
    opened = NOON + bar * timedelta(hours=4)
    return FLAT.after(
        Fill(
            Direction.LONG,
            1,
            Decimal(quantity),
            Decimal(price),
            Decimal(0),
            opened + timedelta(hours=4),
            opened,
        )
    )
