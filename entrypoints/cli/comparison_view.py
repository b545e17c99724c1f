"""The same alerts both ways, on the terminal and as JSON."""

from typing import Any

from rich.text import Text

from application import wording
from application.replaying.comparison import (
    BotChange,
    Comparison,
    Standing,
    Turn,
    sentence,
)
from domain.reason_catalogue import entry
from domain.reasons import Reason, ReasonClass
from entrypoints.cli.terminal import (
    NOTHING,
    Column,
    amount,
    out,
    print_table,
    say,
    signed,
)

TURNS_SHOWN = 20


def show_comparison(found: Comparison, before: str, after: str) -> None:
    """Print what differs; ``before`` and ``after`` are what the two ways are called."""
    out().print(Text(sentence(found), style="bold"))
    if not found.alerts:
        return
    _bots(found, before, after)
    if not found.turns:
        return
    out().print()
    print_table(
        (Column("decisions", right=True), Column(before), Column(""), Column(after)),
        [(f"{count:,}", _code(old), "→", _code(new)) for (old, new), count in found.kinds],
    )
    out().print()
    print_table(
        (
            Column("alert", right=True),
            Column("received (UTC)"),
            Column("bot", extra=True),
            Column(before),
            Column(after),
        ),
        [_turn(turn) for turn in found.turns[-TURNS_SHOWN:]],
    )
    if len(found.turns) > TURNS_SHOWN:
        say(f"The last {TURNS_SHOWN} of {len(found.turns):,}; --json has all.", "dim")


def comparison_json(found: Comparison) -> dict[str, Any]:
    """Return everything with stable names."""
    return {
        "sentence": sentence(found),
        "alerts": found.alerts,
        "first": found.first,
        "last": found.last,
        "decisions": found.decisions,
        "bots": [
            {
                "bot": one.bot,
                "currency": one.currency,
                "old": _standing(one.old),
                "new": _standing(one.new),
                "pnl_change": one.pnl_change,
            }
            for one in found.bots
        ],
        "differences": [
            {
                "alert": turn.alert,
                "received_at": turn.received_at,
                "bot": turn.bot,
                "old": turn.old.value if turn.old else None,
                "new": turn.new.value if turn.new else None,
            }
            for turn in found.turns
        ],
    }


def _bots(found: Comparison, before: str, after: str) -> None:
    rows = [row for one in found.bots for row in _both(one, before, after)]
    if rows:
        out().print()
        print_table(
            (
                Column("bot"),
                Column(""),
                Column("trades", right=True),
                Column("won", right=True),
                Column("closed", right=True),
                Column("open", right=True),
                Column("P&L", right=True),
                Column("currency", extra=True),
            ),
            rows,
        )


def _both(one: BotChange, before: str, after: str) -> list[tuple[str | Text, ...]]:
    name = Text(one.bot, style="bold")
    return [
        (name, before, *_figures(one.old), one.currency),
        ("", after, *_figures(one.new), one.currency),
    ]


def _figures(one: Standing | None) -> tuple[str | Text, ...]:
    if one is None:
        return (NOTHING,) * 5
    return (
        f"{one.trades:,}",
        f"{one.wins:,}",
        signed(one.closed),
        amount(one.open),
        signed(one.pnl),
    )


def _turn(turn: Turn) -> tuple[str | Text, ...]:
    moment = wording.moment(turn.received_at)[:16]
    return (str(turn.alert), moment, turn.bot, _code(turn.old), _code(turn.new))


def _code(reason: Reason | None) -> Text:
    if reason is None:
        return Text("no decision", style="dim")
    traded = entry(reason).reason_class is ReasonClass.TRADED
    return Text(reason.value, style="green" if traded else "")


def _standing(one: Standing | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "trades": one.trades,
        "wins": one.wins,
        "closed": one.closed,
        "open": one.open,
        "pnl": one.pnl,
    }
