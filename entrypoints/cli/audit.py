"""`signalman audit`: prove that nothing was changed, and hand out what happened."""

import csv
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import rich_click as click

from application.audit import Difference, Verdict
from application.ports.audit import ExecutionRow, Head
from application.ports.configuration import Deployed
from application.statement import statement_of
from entrypoints.cli.asking import Parts, ask
from entrypoints.cli.failure import Exit, Failure, end, unknown
from entrypoints.cli.terminal import (
    Column,
    hint,
    json_option,
    print_json,
    print_table,
    say,
)
from entrypoints.statement_page import statement_page
from entrypoints.web.render import exact

FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def audit() -> None:
    """The chain of everything that concerns money and people."""


@audit.command()
@click.option("--anchor", "anchors", multiple=True, metavar="POSITION:HASH")
@json_option
def verify(anchors: tuple[str, ...], *, as_json: bool) -> None:
    """Walk the whole chain; the first thing that is not as it was is named.

    Heads that were kept in the data directory are held against it, and those you give with
    --anchor, as a log line or a message had them.
    """
    given = [_head(one) for one in anchors]

    async def work(parts: Parts) -> Verdict:
        await parts.keep_audit().all()
        return await parts.verify_audit()(given)

    verdict = ask(work)
    if as_json:
        print_json(_verdict_out(verdict))
        if verdict.problem is not None:
            end(Exit.CHECK_FAILED)
        return
    if verdict.problem is not None:
        raise Failure(
            Exit.CHECK_FAILED,
            verdict.problem.sentence,
            f"At place {verdict.problem.position} of the chain; "
            f"up to {verdict.head.position} it holds.",
            "Compare with a backup from before: signalman restore reads it elsewhere.",
        )
    say(f"✓ {verdict.head.position:,} rows, each as it was when it was chained.")
    if verdict.anchors:
        say(f"✓ {verdict.anchors} heads kept outside the database agree.")
    say(f"  head {verdict.head.position}:{verdict.head.hash.hex()}", "dim")
    if verdict.waiting:
        say(f"  {verdict.waiting} newer rows are still to be chained.", "dim")
    hint("keep the head somewhere else: signalman audit verify --anchor POSITION:HASH")


@audit.command()
@json_option
def rebuild(*, as_json: bool) -> None:
    """Compute positions and turnovers from executions again; nothing is changed."""

    async def work(parts: Parts) -> tuple[int, list[Difference]]:
        return await parts.rebuild_positions()()

    count, differences = ask(work)
    if as_json:
        rows = [one._asdict() for one in differences]
        print_json({"positions": count, "differences": rows})
    elif differences:
        columns = ("bot or account", "what", "in the table", "from the executions")
        print_table([Column(one, fold=True) for one in columns], differences)
    else:
        say(f"✓ {count} positions are what their executions come to; so are turnovers.")
    if differences:
        end(Exit.CHECK_FAILED)


@audit.command()
@click.option("--account", help="Of this account only.")
@click.option("--from", "since", type=_DAY, help="From this day on, UTC.")
@click.option("--to", "until", type=_DAY, help="Up to this day, which is left out.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path))
def export(
    account: str | None, since: datetime | None, until: datetime | None, out: Path | None
) -> None:
    """Write every execution as CSV, oldest first, to the terminal or a file."""
    rows = _executions(account, _utc(since) or FIRST, _utc(until) or LAST)
    with ExitStack() as stack:
        file: TextIO = sys.stdout
        if out is not None:
            file = stack.enter_context(out.open("w", encoding="utf-8", newline=""))
        _write(file, rows)
    if out is not None:
        say(f"✓ {len(rows):,} executions in {out}.")


@audit.command()
@click.argument("account")
@click.argument("month", metavar="YYYY-MM", type=click.DateTime(["%Y-%m"]))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path))
def statement(account: str, month: datetime, out: Path | None) -> None:
    """Write an account's month as a page that prints: results, fees, open lots, head."""
    since = _utc(month) or FIRST
    until = since.replace(year=since.year + since.month // 12, month=since.month % 12 + 1)

    async def work(parts: Parts) -> str | Deployed:
        deployed = await parts.configuration().deployed()
        found = [one for one in deployed.accounts if one.config.name == account]
        if not found:
            return deployed
        await parts.keep_audit().all()
        head = await parts.audit_chain().head()
        all_rows = await parts.journal().executions(account, FIRST, until)
        open_now = [
            row for row in await parts.views().positions() if row.account == account
        ]
        moved = await parts.movements().of(found[0].id, since, until)
        made = statement_of(found[0].config, (since, until), all_rows, open_now, moved)
        return statement_page(made, head, parts.clock().now())

    page = ask(work)
    if isinstance(page, Deployed):
        raise unknown("account", account, [one.config.name for one in page.accounts])
    if out is None:
        click.echo(page)
        return
    out.write_text(page, encoding="utf-8")
    say(f"✓ {account}, {since:%B %Y}: {out}")
    hint("open it in a browser and print it")


def _executions(
    account: str | None, since: datetime, until: datetime
) -> Sequence[ExecutionRow]:
    async def work(parts: Parts) -> Sequence[ExecutionRow] | Deployed:
        deployed = await parts.configuration().deployed()
        names = [one.config.name for one in deployed.accounts]
        if account is not None and account not in names:
            return deployed
        return await parts.journal().executions(account, since, until)

    found = ask(work)
    if isinstance(found, Deployed):
        names = [one.config.name for one in found.accounts]
        raise unknown("account", account or "", names)
    return found


def _write(file: TextIO, rows: Iterable[ExecutionRow]) -> None:
    words = ("buys", "reduces")
    names = [one.name for one in fields(ExecutionRow) if one.name not in words]
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*names, "side", "effect"])
    for row in rows:
        side, effect = "buy" if row.buys else "sell", "close" if row.reduces else "open"
        writer.writerow([*(_text(getattr(row, name)) for name in names), side, effect])


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(UTC).isoformat()
        case int() | str():
            return str(value)
        case _:
            return exact(value)  # type: ignore[arg-type]


def _utc(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(tzinfo=UTC)


def _head(text: str) -> Head:
    position, _, digest = text.partition(":")
    try:
        return Head(int(position), bytes.fromhex(digest))
    except ValueError:
        raise click.UsageError(f"An anchor is POSITION:HASH, was {text!r}.") from None


def _verdict_out(verdict: Verdict) -> dict[str, object]:
    problem = verdict.problem
    return {
        "ok": problem is None,
        "rows": verdict.head.position,
        "head": f"{verdict.head.position}:{verdict.head.hash.hex()}",
        "waiting": verdict.waiting,
        "anchors": verdict.anchors,
        "problem": problem._asdict() if problem else None,
    }
