"""`signalman scorecard`: the promises, counted from the tables."""

from collections.abc import Mapping
from datetime import timedelta

import rich_click as click
from rich.text import Text

from application.ports.overview import Scorecard
from entrypoints.cli.asking import Parts, ask
from entrypoints.cli.failure import Exit, end
from entrypoints.cli.terminal import Column, json_option, print_json, print_table

PERIODS = {"24 h": timedelta(days=1), "30 d": timedelta(days=30), "all time": None}
_LINES = (
    ("alerts", "alerts in", "accepted, kept before they were answered"),
    ("duplicates", "arrived again", "recognized, and acted on once"),
    ("refused", "requests refused", "a wrong token, or nothing that could be read"),
    ("decisions", "decisions", "every alert on every bot it reached"),
    ("intents", "intents", "what should happen at the venue"),
    ("filled", "filled", "orders executed in full"),
    ("denied", "refused by us", "limits, age and trading states"),
    ("rejected", "refused by the venue", "with the venue's own words"),
    ("retried", "retried and done", "although the first order did not do"),
    ("pending", "under way", "not finished yet"),
    ("needs_operator", "needs you", "the venue cannot tell what became of it"),
    ("lost", "lost", "accepted, and without an outcome"),
    ("doubled", "doubled", "acted on or filled twice"),
)
_ZERO = ("needs_operator", "lost", "doubled")


@click.command()
@json_option
def scorecard(*, as_json: bool) -> None:
    """Count what was promised: for 24 hours, 30 days and all time.

    Ends with 1 if anything was lost or doubled.
    """

    async def work(parts: Parts) -> dict[str, Scorecard]:
        now = (await parts.standings().standing()).now
        overviews = parts.overviews()
        return {
            name: await overviews.scorecard(None if span is None else now - span)
            for name, span in PERIODS.items()
        }

    cards = ask(work)
    if as_json:
        print_json(cards)
    else:
        _tell(cards)
    if any(card.lost or card.doubled for card in cards.values()):
        end(Exit.CHECK_FAILED)


def _tell(cards: Mapping[str, Scorecard]) -> None:
    columns = (
        Column("promise"),
        *(Column(name, right=True) for name in cards),
        Column("what it counts", fold=True, extra=True),
    )
    print_table(
        columns,
        [
            (
                Text(word, style="bold"),
                *(_count(field, card) for card in cards.values()),
                Text(meaning, style="dim"),
            )
            for field, word, meaning in _LINES
        ],
    )


def _count(field: str, card: Scorecard) -> Text:
    value: int = getattr(card, field)
    style = ("bold red" if value else "green") if field in _ZERO else ""
    return Text(f"{value:,}", style=style)
