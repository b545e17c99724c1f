"""`signalman doctor`: every check in a line, with its fix."""

import asyncio
from collections.abc import Iterator

import rich_click as click
from rich.table import Table
from rich.text import Text

from entrypoints.cli.asking import foreseen, read_settings
from entrypoints.cli.check_result import Check, Health, bad
from entrypoints.cli.failure import Exit, Failure, end
from entrypoints.cli.machine_checks import machine_checks
from entrypoints.cli.terminal import json_option, out, print_json, say
from entrypoints.settings import Settings

_MARKS = {
    Health.GOOD: ("✓", "green"),
    Health.WARN: ("!", "yellow"),
    Health.BAD: ("✗", "bold red"),
}


@click.command()
@json_option
def doctor(*, as_json: bool) -> None:
    """Check the machine, the database and what is deployed; each line has its fix.

    Ends with 1 if anything is broken (✗). A warning (!) is worth knowing.
    """
    checks = list(_checks())
    if as_json:
        print_json(
            [
                {
                    "name": one.name,
                    "health": one.health.value,
                    "detail": one.detail,
                    "fix": one.fix,
                }
                for one in checks
            ]
        )
    else:
        tell(checks)
    if any(one.health is Health.BAD for one in checks):
        end(Exit.CHECK_FAILED)


def _checks() -> Iterator[Check]:
    try:
        settings = read_settings()
    except Failure as failure:
        yield bad("settings", failure.why.replace("\n", "; "), failure.fix)
        return
    yield from machine_checks(settings)
    try:
        with foreseen():
            yield from _database(settings)
    except Failure as failure:
        fix = failure.fix.partition("\n")[0] or "signalman up   says more"
        yield bad("database", failure.why.splitlines()[0] or failure.message, fix)


def _database(settings: Settings) -> Iterator[Check]:
    from adapters.store.postgres.migrate import current, head  # noqa: PLC0415
    from entrypoints.session import database  # noqa: PLC0415

    with database(settings) as url:
        yield from asyncio.run(_asked(settings, url, current(url), head()))


async def _asked(
    settings: Settings, url: str, current: str | None, newest: str
) -> list[Check]:
    from entrypoints.cli.store_checks import (  # noqa: PLC0415
        migrations,
        postgres_version,
        store_checks,
    )
    from entrypoints.cli.telegram_checks import telegram_check  # noqa: PLC0415
    from entrypoints.container import Container  # noqa: PLC0415

    container = Container(settings=settings, database_url=url)
    try:
        schema = migrations(current, newest)
        found = [await postgres_version(container.engine()), schema]
        if schema.health is Health.GOOD:
            found += [check async for check in store_checks(container)]
            found.append(await telegram_check(container))
        return found
    finally:
        await container.engine_for_work().dispose()
        await container.engine().dispose()


def tell(checks: list[Check]) -> None:
    """Print checks to people, with a sum."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    table.add_column(overflow="fold", style="cyan")
    for one in checks:
        mark, style = _MARKS[one.health]
        table.add_row(Text(mark, style=style), one.name, one.detail, one.fix)
    out().print(table)
    bad_ones = sum(one.health is Health.BAD for one in checks)
    warned = sum(one.health is Health.WARN for one in checks)
    if bad_ones:
        say(f"\n{bad_ones} broken, {warned} worth knowing.", "bold red")
    elif warned:
        say(f"\nNothing is broken; {warned} worth knowing.", "yellow")
    else:
        say("\nAll is well.", "bold green")
