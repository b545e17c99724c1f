"""`signalman stats`: what was earned, and that every alert is accounted for."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import msgspec
import rich_click as click
from rich.text import Text

from application.ports.views import Accounted, TradeRow
from domain.money import HUNDRED, multiply
from domain.performance import Performance, performance
from domain.reason_catalogue import entry
from domain.reasons import ReasonClass
from entrypoints.cli.asking import Parts, ask
from entrypoints.cli.book import bot_option
from entrypoints.cli.failure import Exit, end
from entrypoints.cli.known_bots import known_bot
from entrypoints.cli.terminal import (
    NOTHING,
    Column,
    amount,
    hint,
    json_option,
    out,
    print_json,
    print_table,
    say,
    signed,
)
from entrypoints.web.render import stats_out

EVERYTHING = 1_000_000
ENOUGH_TRADES = 100

_COLUMNS = (
    Column("bot"),
    Column("trades", right=True),
    Column("won", right=True),
    Column("P&L", right=True),
    Column("currency"),
    Column("per trade", right=True, extra=True),
    Column("profit factor", right=True, extra=True),
    Column("best", right=True, extra=True),
    Column("worst", right=True, extra=True),
    Column("deepest fall", right=True, extra=True),
    Column("lost in a row", right=True, extra=True),
    Column("fees", right=True, extra=True),
)


@click.command()
@bot_option
@json_option
def stats(bot: str | None, *, as_json: bool) -> None:
    """Show what each bot earned, and what became of every alert.

    P&L is net of fees. Ends with 1 if anything was lost or doubled.
    """

    async def work(parts: Parts) -> tuple[Sequence[TradeRow], Accounted]:
        if bot is not None:
            known_bot(await parts.configuration().deployed(), bot)
        views = parts.views()
        return await views.trades(limit=EVERYTHING, bot=bot), await views.accounted()

    rows, accounted = ask(work)
    if as_json:
        print_json(_as_json(rows, accounted))
    else:
        _tell(rows, accounted)
    if accounted.lost or accounted.doubled or accounted.unmatched:
        end(Exit.CHECK_FAILED)


def _tell(rows: Sequence[TradeRow], accounted: Accounted) -> None:
    if rows:
        bots = sorted({(row.bot, row.quote) for row in rows})
        table = [_line(name, quote, _of(rows, quote, name)) for name, quote in bots]
        if len(bots) > 1:
            quotes = sorted({row.quote for row in rows})
            table += [_line("total", quote, _of(rows, quote)) for quote in quotes]
        print_table(_COLUMNS, table)
        if len(rows) < ENOUGH_TRADES:
            say(f"Most figures need about {ENOUGH_TRADES} trades to mean something.", "dim")
    else:
        say("Statistics start with the first closed trade; there is none yet.")
        hint("signalman positions   shows what is open")
    _reasons(accounted)
    _accounts(accounted)


def _of(rows: Iterable[TradeRow], quote: str, bot: str | None = None) -> Performance:
    """Sum up trades of one currency: amounts of two cannot be added."""
    return performance(
        [row.trade for row in rows if row.quote == quote and bot in (None, row.bot)]
    )


def _line(name: str, quote: str, earned: Performance) -> tuple[str | Text, ...]:
    factor, worst = earned.profit_factor, earned.largest_loss
    return (
        Text(name, style="bold"),
        f"{earned.trades:,}",
        _percent(earned.win_rate),
        signed(earned.net_profit),
        quote,
        signed(earned.expectancy),
        NOTHING if factor is None else f"{factor:,.2f}",
        signed(earned.largest_win),
        signed(None if worst is None else worst.copy_negate()),
        amount(earned.drawdown.amount),
        str(earned.losses_in_row),
        amount(earned.fees),
    )


def _percent(fraction: Decimal | None) -> str:
    return NOTHING if fraction is None else f"{multiply(fraction, HUNDRED):.1f} %"


def _reasons(accounted: Accounted) -> None:
    counts = sorted(accounted.decisions_by_reason.items(), key=lambda pair: -pair[1])
    if not counts:
        return
    out().print()
    print_table(
        (
            Column("alerts", right=True),
            Column("led to"),
            Column("meaning", fold=True, extra=True),
        ),
        [
            (
                f"{count:,}",
                Text(reason.value, style=_style(entry(reason).reason_class)),
                entry(reason).explanation,
            )
            for reason, count in counts
        ],
    )


def _style(reason_class: ReasonClass) -> str:
    match reason_class:
        case ReasonClass.TRADED:
            return "green"
        case ReasonClass.DECISION:
            return ""
        case _:
            return "yellow"


def _accounts(accounted: Accounted) -> None:
    console = out()
    console.print()
    for label, count in (
        ("alerts received", accounted.alerts),
        ("  arrived again", accounted.duplicates),
        ("requests refused", accounted.refused),
        ("decisions", accounted.decisions),
        ("orders", accounted.orders),
        ("  filled", accounted.filled),
        ("  refused by us", accounted.denied),
        ("  refused by the venue", accounted.rejected),
        ("waiting for their outcome", accounted.pending),
    ):
        console.print(Text(f"{label:<28}{count:>9,}"))
    for label, count, meaning in (
        ("lost", accounted.lost, "alerts or intents without an outcome"),
        ("doubled", accounted.doubled, "orders or fills that count twice"),
        ("differ from the venue", accounted.unmatched, "orders whose fills do not agree"),
        ("need you", accounted.needs_operator, "orders whose fate the venue cannot tell"),
    ):
        style = "bold red" if count else "green"
        mark = "✗" if count else "✓"
        console.print(
            Text.assemble(
                (f"{mark} {label:<26}{count:>9,}", style), (f"  {meaning}", "dim")
            )
        )


def _as_json(rows: Sequence[TradeRow], accounted: Accounted) -> dict[str, Any]:
    whole = performance([row.trade for row in rows])
    kept: dict[str, Any] = msgspec.to_builtins(stats_out(accounted, whole))
    bots = sorted({(row.bot, row.quote) for row in rows})
    return {
        **kept,
        "intents": accounted.intents,
        "needs_operator": accounted.needs_operator,
        "bots": [
            {"bot": name, "currency": quote, **_figures(_of(rows, quote, name))}
            for name, quote in bots
        ],
        "totals": [
            {"currency": quote, **_figures(_of(rows, quote))}
            for quote in sorted({row.quote for row in rows})
        ],
    }


def _figures(earned: Performance) -> dict[str, Any]:
    return {
        "trades": earned.trades,
        "wins": earned.wins,
        "losses": earned.losses,
        "win_rate": earned.win_rate,
        "pnl": earned.net_profit,
        "gross_profit": earned.gross_profit,
        "gross_loss": earned.gross_loss,
        "fees": earned.fees,
        "profit_factor": earned.profit_factor,
        "expectancy": earned.expectancy,
        "largest_win": earned.largest_win,
        "largest_loss": earned.largest_loss,
        "losses_in_row": earned.losses_in_row,
        "drawdown": earned.drawdown.amount,
    }
