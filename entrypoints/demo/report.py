"""What the demo prints and writes: everything from the tables."""

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.table import Table

from application.ports.views import TradeRow
from application.wording import gain, money
from domain.performance import Performance, performance
from entrypoints.demo.run import Found, first_reversal

START = Decimal(10_000)
HUNDRED = Decimal(100)


def show(found: Found, console: Console, *, seconds: float, address: str) -> None:
    """Print the outcome."""
    kept = found.accounted
    console.print(
        f"\n[bold]{kept.alerts:,} alerts in, {kept.decisions:,} decisions[/bold]"
        f" in {seconds:.1f} s over HTTP\n"
    )
    console.print(_decisions(found))
    console.print(_earned(found.trades))
    verdict = "green" if found.is_accounted_for else "red"
    console.print(
        f"[bold {verdict}]lost {kept.lost}, doubled {kept.doubled}[/bold {verdict}]"
        f"  ({kept.unmatched} orders differ between the paper venue's books and ours,"
        f" {kept.pending} alerts have no outcome)\n",
        soft_wrap=True,
    )
    console.print(
        "RSI 30/70 shows the machine at work. It is not a good strategy, and a backtest on"
        " one market proves nothing.\n",
        soft_wrap=True,
    )
    alert = first_reversal(found.trades)
    if alert is not None:
        console.print("Ask why the first reversal traded:")
        console.print(
            f"  SIGNALMAN_DATA_DIR=.demo .venv/bin/signalman alert show {alert}",
            highlight=False,
            soft_wrap=True,
        )
        console.print("or open it once by this link, within the hour:")
        console.print(f"  {address}{found.way}", highlight=False, soft_wrap=True)


def save(found: Found, path: str) -> None:
    """Write trades and totals as JSON; nothing without a path."""
    if not path:
        return
    kept = found.accounted
    document = {
        "alerts": kept.alerts,
        "decisions": {
            reason.value: count for reason, count in kept.decisions_by_reason.items()
        },
        "lost": kept.lost,
        "doubled": kept.doubled,
        "unmatched": kept.unmatched,
        "pending": kept.pending,
        "bots": {
            bot: _totals(performance([row.trade for row in rows], START))
            for bot, rows in _by_bot(found.trades).items()
        },
        "trades": [_trade(row) for row in found.trades],
    }
    Path(path).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _decisions(found: Found) -> Table:
    table = Table(title="Decisions by reason", title_justify="left", box=None)
    table.add_column("reason")
    table.add_column("count", justify="right")
    counts = found.accounted.decisions_by_reason
    for reason, count in sorted(counts.items(), key=lambda item: -item[1]):
        table.add_row(reason.value, f"{count:,}")
    return table


def _earned(trades: Sequence[TradeRow]) -> Table:
    table = Table(title="\nTrades, net of fees", title_justify="left", box=None)
    table.add_column("bot")
    for name in ("trades", "P&L USDT", "win rate", "max drawdown", "fees"):
        table.add_column(name, justify="right")
    for bot, rows in _by_bot(trades).items():
        earned = performance([row.trade for row in rows], START)
        table.add_row(
            bot,
            f"{earned.trades:,}",
            gain(earned.net_profit),
            _percent(earned.win_rate),
            f"{money(earned.drawdown.amount)} ({_percent(earned.drawdown.fraction)})",
            money(earned.fees),
        )
    return table


def _by_bot(trades: Sequence[TradeRow]) -> dict[str, list[TradeRow]]:
    found: dict[str, list[TradeRow]] = {}
    for row in trades:
        found.setdefault(row.bot, []).append(row)
    return dict(sorted(found.items()))


def _percent(fraction: Decimal | None) -> str:
    return "-" if fraction is None else f"{fraction * HUNDRED:.1f} %"


def _totals(earned: Performance) -> dict[str, str]:
    return {
        "trades": str(earned.trades),
        "pnl": f"{earned.net_profit:f}",
        "win_rate": str(earned.win_rate),
        "drawdown": f"{earned.drawdown.amount:f}",
        "fees": f"{earned.fees:f}",
    }


def _trade(row: TradeRow) -> dict[str, str]:
    trade = row.trade
    return {
        "bot": row.bot,
        "symbol": row.symbol,
        "side": trade.side.value,
        "entries": str(trade.entries),
        "quantity": f"{trade.quantity:f}",
        "entry_cost": f"{trade.entry_cost:f}",
        "exit_proceeds": f"{trade.exit_proceeds:f}",
        "fees": f"{trade.fees:f}",
        "pnl": f"{trade.pnl:f}",
        "opened_at": trade.opened_at.isoformat(),
        "closed_at": trade.closed_at.isoformat(),
    }
