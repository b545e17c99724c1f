"""Hand-made alerts with what came of them, as the store gives them to the trace."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from application.ports.views import AlertRow, AlertTrace, JobTrace, OrderTrace
from application.records import (
    BotId,
    DecisionRecord,
    Intent,
    IntentId,
    IntentStatus,
    JobId,
    JobStatus,
    RevisionId,
    Transition,
)
from domain.order import Order, OrderEvent, OrderId, OrderStatus
from domain.position import Trade
from domain.reasons import Finding, Reason
from domain.signal import AlertId, Direction, Signal
from domain.sizing import Sized
from domain.timeframe import Timeframe

RECEIVED = datetime(2026, 11, 23, 8, 0, 0, 120_000, tzinfo=UTC)
SENT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BAR = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
PRICE = Decimal("43250.10")
BOT = "herenya-btc-4h"


def after(milliseconds: int) -> datetime:
    """Return a moment so long after the alert was received."""
    return RECEIVED + timedelta(milliseconds=milliseconds)


SIGNAL = Signal(
    alert=AlertId(7),
    received_at=RECEIVED,
    rsi=27.4,
    price=PRICE,
    bar_time=BAR,
    sent_at=SENT,
    timeframe=Timeframe.parse("4h"),
    exchange="BINANCE",
    ticker="BTCUSDT.P",
)
ALERT = AlertRow(
    id=AlertId(7),
    feed="tradingview",
    received_at=RECEIVED,
    stored_at=after(3),
    fanned_out_at=after(5),
    source="52.32.178.7",
    content_type="application/json",
    size=212,
    body="{}",
    key="id:BINANCE:BTCUSDT.P-240-1-LONG",
    signal=SIGNAL,
    reason=Reason.ROUTED,
    value="",
    limit="",
    detail="",
    duplicates=0,
    last_duplicate_at=None,
)
JOB = JobTrace(
    bot=BOT,
    account="paper",
    mode="paper",
    symbol="BTC/USDT:USDT",
    base="BTC",
    quote="USDT",
    status=JobStatus.DONE,
    queued_at=after(5),
    finished_at=after(45),
    decisions=(),
    decision_bots=(),
    intents=(),
    orders=(),
    trades=(),
)
INTENT = Intent(
    id=IntentId("intent-1"),
    job=JobId(1),
    ordinal=0,
    bot=BotId(1),
    revision=RevisionId(1),
    side=Direction.LONG,
    number=1,
    reason=Reason.ENTRY_OPENED,
    status=IntentStatus.DONE,
    quantity=Decimal("0.02312"),
    price=PRICE,
    reserved=Decimal("999.942312"),
    at=after(9),
)
ORDER = Order(
    id=OrderId("a1b2c3"),
    symbol="BTC/USDT:USDT",
    side=Direction.LONG,
    reduces=False,
    quantity=Decimal("0.02312"),
    decision_price=PRICE,
    status=OrderStatus.FILLED,
    filled=Decimal("0.02312"),
    cost=Decimal("0.02312") * Decimal("43254.40"),
    venue_order_id="paper-1",
)
SIZED = Sized(
    side=Direction.LONG,
    number=1,
    quantity=Decimal("0.02312"),
    price=PRICE,
    raw=Decimal("0.023121333823505610"),
    factor=Decimal(1),
    equity=None,
)


def decision(
    reason: Reason, *findings: Finding, sized: Sized | None = None
) -> DecisionRecord:
    """Return one step of deciding."""
    return DecisionRecord(
        step=0,
        bot=BotId(1),
        revision=RevisionId(3),
        reason=reason,
        findings=findings,
        sized=sized,
        at=after(9),
    )


def happened(event: OrderEvent, milliseconds: int, evidence: str = "") -> Transition:
    """Return one row of an order's life."""
    return Transition(
        order=ORDER.id, event=event, evidence=evidence, at=after(milliseconds)
    )


def order_trace(
    order: Order, *transitions: Transition, intent: str = "intent-1"
) -> OrderTrace:
    """Return an order with its life."""
    return OrderTrace(
        intent=intent,
        order=order,
        created_at=after(9),
        transitions=transitions,
        fees=Decimal("0.50002") if order.filled else Decimal(0),
        fee_currency="USDT",
    )


FILLED = order_trace(
    ORDER,
    happened(OrderEvent.SUBMITTED, 10),
    happened(OrderEvent.FILLED, 41, "trade t1: 0.02312 at 43254.40"),
)
BOUGHT = replace(
    JOB,
    decisions=(
        decision(
            Reason.ENTRY_OPENED,
            Finding(Reason.RSI_IN_ZONE, passed=True, value=27.4, limit=30.0),
            Finding(Reason.ALERT_TOO_OLD, passed=True, value=0.129, limit=120),
            sized=SIZED,
        ),
    ),
    decision_bots=(BOT,),
    intents=(INTENT,),
    orders=(FILLED,),
)


def skipped(reason: Reason, *findings: Finding, bot: str = BOT) -> JobTrace:
    """Return a job whose signal called for nothing."""
    return replace(
        JOB, bot=bot, decisions=(decision(reason, *findings),), decision_bots=(bot,)
    )


def told(*jobs: JobTrace, alert: AlertRow = ALERT) -> AlertTrace:
    """Return an alert with the work it caused."""
    return AlertTrace(alert=alert, jobs=jobs)


NEUTRAL = Finding(Reason.RSI_NEUTRAL, passed=True, value=48.2, limit=(30.0, 70.0))
FULL = Finding(Reason.LIMIT_OPEN_POSITIONS, passed=False, value=3, limit=3)
CLOSE = replace(
    INTENT,
    id=IntentId("intent-0"),
    side=Direction.SHORT,
    number=0,
    reason=Reason.EXIT_REVERSED,
    quantity=Decimal("0.5"),
)
CLOSED = order_trace(
    replace(
        ORDER,
        id=OrderId("c1"),
        side=Direction.SHORT,
        reduces=True,
        quantity=Decimal("0.5"),
        filled=Decimal("0.5"),
        cost=Decimal("0.5") * Decimal("43260.00"),
    ),
    happened(OrderEvent.SUBMITTED, 10),
    happened(OrderEvent.FILLED, 20, "trade t0: 0.5 at 43260.00"),
    intent="intent-0",
)
TRADE = Trade(
    side=Direction.SHORT,
    entries=2,
    quantity=Decimal("0.5"),
    entry_cost=Decimal(22_900),
    exit_proceeds=Decimal(21_630),
    fees=Decimal("22.265"),
    opened_at=after(-3_600_000),
    closed_at=after(20),
)
REVERSED = replace(
    BOUGHT,
    decisions=(
        decision(Reason.EXIT_REVERSED),
        decision(Reason.ENTRY_OPENED, sized=SIZED),
    ),
    decision_bots=(BOT, BOT),
    intents=(CLOSE, replace(INTENT, ordinal=1)),
    orders=(CLOSED, FILLED),
    trades=(TRADE,),
)
