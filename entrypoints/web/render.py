"""From what is kept to what goes over the wire."""

from collections.abc import Iterable
from decimal import Decimal

from application.ports.configuration import DeployedAccount, DeployedBot, StateChange
from application.ports.flattening import Flattening
from application.ports.vault import SealedRow, SecretKind
from application.ports.views import (
    Accounted,
    AlertSummary,
    OrderRow,
    PositionRow,
    RefusedRequest,
    TradeRow,
)
from application.records import AccountId
from application.routing import chart_keys
from domain.performance import Performance
from entrypoints.web.schemas import (
    AccountOut,
    AlertOut,
    BotOut,
    FlatteningOut,
    OrderOut,
    OutcomeOut,
    PositionOut,
    RefusedOut,
    StateOut,
    StatsOut,
    TradeOut,
)


def exact(amount: Decimal) -> str:
    """Return every digit of an amount, never as a power of ten: ``60000``, ``0.016``."""
    text = f"{amount:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def exact_or_none(amount: Decimal | None) -> str | None:
    """Return every digit of an amount; None for none."""
    return None if amount is None else exact(amount)


def alert_out(row: AlertSummary) -> AlertOut:
    """Return one line of the list of alerts."""
    signal = row.signal
    return AlertOut(
        id=row.id,
        feed=row.feed,
        received_at=row.received_at,
        code=row.reason.value if row.reason else None,
        duplicates=row.duplicates,
        signal=signal.action.value if signal and signal.action else None,
        rsi=signal.rsi if signal else None,
        price=exact_or_none(signal.price if signal else None),
        chart=" or ".join(chart_keys(signal)) if signal else "",
        outcomes=[
            OutcomeOut(bot=bot, code=reason.value if reason else None)
            for bot, reason in row.outcomes
        ],
    )


def refused_out(row: RefusedRequest) -> RefusedOut:
    """Return a request that never became an alert."""
    return RefusedOut(
        at=row.at,
        code=row.reason.value,
        detail=row.detail,
        source=row.source,
        size=row.size,
        body=row.body,
    )


def bot_out(bot: DeployedBot) -> BotOut:
    """Return a bot."""
    return BotOut(
        name=bot.config.name,
        account=bot.config.account,
        feed=bot.config.feed,
        chart=bot.config.chart.key,
        symbol=bot.symbol,
        strategy=bot.config.rules.strategy,
        enabled=bot.config.enabled,
        archived=bot.archived,
        has_position=bot.has_position,
        revision=bot.revision,
    )


def sealed_of(rows: Iterable[SealedRow]) -> dict[AccountId, SealedRow]:
    """Return which accounts have keys; what they are nobody is told."""
    return {
        AccountId(row.place.owner): row
        for row in rows
        if row.place.kind is SecretKind.ACCOUNT
    }


def account_out(account: DeployedAccount, keys: SealedRow | None = None) -> AccountOut:
    """Return an account, without anything secret."""
    return AccountOut(
        name=account.config.name,
        exchange=account.config.exchange,
        mode=account.config.mode,
        archived=account.archived,
        revision=account.revision,
        keys=list(keys.names) if keys else [],
        keys_at=keys.at if keys else None,
    )


def position_out(row: PositionRow) -> PositionOut:
    """Return an open position, valued at the mark."""
    position = row.position
    return PositionOut(
        bot=row.bot,
        account=row.account,
        symbol=row.symbol,
        side=position.side.value if position.side else "",
        quantity=exact(position.quantity),
        entries=position.entries,
        average_price=exact_or_none(position.average_price),
        mark=exact_or_none(row.mark),
        marked_at=row.marked_at,
        resting_stop=exact_or_none(row.resting_stop),
        unprotected_since=row.unprotected_since,
        unprotected_why=row.unprotected_why,
        unrealized=None if row.mark is None else exact(position.unrealized(row.mark)),
        realized=exact(position.realized),
        fees=exact(position.fees),
        opened_at=position.opened_at,
    )


def trade_out(row: TradeRow) -> TradeOut:
    """Return a completed trade."""
    trade = row.trade
    return TradeOut(
        id=row.id,
        bot=row.bot,
        account=row.account,
        symbol=row.symbol,
        side=trade.side.value,
        entries=trade.entries,
        quantity=exact(trade.quantity),
        entry_cost=exact(trade.entry_cost),
        exit_proceeds=exact(trade.exit_proceeds),
        fees=exact(trade.fees),
        pnl=exact(trade.pnl),
        opened_at=trade.opened_at,
        closed_at=trade.closed_at,
        alert_id=row.alert,
    )


def order_out(row: OrderRow) -> OrderOut:
    """Return an order."""
    order = row.order
    return OrderOut(
        id=order.id,
        bot=row.bot,
        account=row.account,
        symbol=order.symbol,
        side=order.side.value,
        reduces=order.reduces,
        quantity=exact(order.quantity),
        filled=exact(order.filled),
        status=order.status.value,
        created_at=row.created_at,
        alert_id=row.alert,
    )


def state_out(change: StateChange) -> StateOut:
    """Return a trading state."""
    return StateOut(
        scope=change.scope.value,
        name=change.name,
        state=change.state.name.lower(),
        author=change.author.name,
        source=change.author.source,
        reason=change.author.reason,
        at=change.at,
    )


def flattening_out(one: Flattening) -> FlatteningOut:
    """Return a request to flatten."""
    return FlatteningOut(
        id=one.id,
        scope=one.scope.value,
        name=one.name,
        status=one.status.value,
        attempts=one.attempts,
        outcome=one.outcome,
        author=one.author.name,
        source=one.author.source,
        reason=one.author.reason,
        requested_at=one.requested_at,
        finished_at=one.finished_at,
    )


def stats_out(kept: Accounted, earned: Performance) -> StatsOut:
    """Return the account of everything that came in, and what it earned."""
    return StatsOut(
        alerts=kept.alerts,
        refused=kept.refused,
        duplicates=kept.duplicates,
        decisions=kept.decisions,
        orders=kept.orders,
        filled=kept.filled,
        denied=kept.denied,
        rejected=kept.rejected,
        pending=kept.pending,
        lost=kept.lost,
        doubled=kept.doubled,
        unmatched=kept.unmatched,
        decisions_by_code={
            reason.value: count for reason, count in kept.decisions_by_reason.items()
        },
        trades=earned.trades,
        pnl=exact(earned.net_profit),
        win_rate=exact_or_none(earned.win_rate),
        drawdown=exact(earned.drawdown.amount),
    )
