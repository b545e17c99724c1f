"""`signalman alert replay`: recorded alerts once more, on paper and in memory."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import rich_click as click

from application.apply_configuration import ConfigurationInvalid
from application.proposal import Wishes
from application.replaying.comparison import Comparison, only
from application.replaying.replay import ALERTS, Window
from entrypoints.cli.apply import invalid_file, read_source
from entrypoints.cli.asking import Parts, ask
from entrypoints.cli.book import bot_option
from entrypoints.cli.comparison_view import comparison_json, show_comparison
from entrypoints.cli.failure import Exit, Failure
from entrypoints.cli.known_bots import known_bot
from entrypoints.cli.terminal import json_option, print_json

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


@click.command()
@click.option(
    "--last", type=click.IntRange(min=1), help=f"The newest N; {ALERTS} if unset."
)
@click.option("--since", metavar="TIME", help="Since 2026-11-01, or 7d, 12h, 2w ago.")
@click.option(
    "--config",
    type=click.File(encoding="utf-8"),
    help="Compare today's configuration with this file over it.",
)
@bot_option
@json_option
def replay(bot: str | None, config: Any, *, as_json: bool, **window: Any) -> None:
    """Run recorded alerts once more and compare the decisions. Nothing is traded or kept.

    Without --config: what was decided then beside what today's configuration decides. With
    it: today's configuration beside the file's. Everything runs on paper, flat at first.
    """

    async def work(parts: Parts) -> Comparison:
        if bot is not None:
            known_bot(await parts.configuration().deployed(), bot)
        use_case = parts.replay()
        wanted = Window(
            last=window["last"] or (None if window["since"] else ALERTS),
            since=_moment(window["since"], parts.clock().now()),
        )
        if config is None:
            return await use_case(wanted)
        preview = await use_case.preview(read_source(config), Wishes(), wanted)
        return preview.comparison

    try:
        found = ask(work)
    except ConfigurationInvalid as error:
        raise invalid_file(Path(config.name).name, error) from None
    found = found if bot is None else only(found, bot)
    if as_json:
        print_json(comparison_json(found))
    elif config is None:
        show_comparison(found, "recorded", "today")
    else:
        show_comparison(found, "today", "changed")


def _moment(text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    if text[-1:] in _UNITS and text[:-1].isdigit():
        return now - timedelta(**{_UNITS[text[-1]]: int(text[:-1])})
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Failure(
            Exit.USAGE,
            f"--since cannot be read: {text!r}.",
            "",
            "Write a date like 2026-11-01, a time like 2026-11-01T08:00Z, or 7d, 12h, 2w.",
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
