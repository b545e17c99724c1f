"""The audit on the command line."""

import asyncio
import csv
from pathlib import Path

import asyncpg
import pytest

from entrypoints.cli.asking import read_settings
from tests.entrypoints.cli.conftest import Terminal
from tests.entrypoints.cli.test_controlling import opened


@pytest.fixture
def traded(signalman: Terminal) -> Terminal:
    signalman.deploy()
    opened(signalman)
    signalman.ok("flatten", "--reason", "the end of the day")
    return signalman


def tamper(statement: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(read_settings().database_url)
        await connection.execute(statement)
        await connection.close()

    asyncio.run(run())


def test_a_chain_that_holds_says_so_with_its_head(traded: Terminal) -> None:
    told = traded("audit", "verify")
    head = traded.json("audit", "verify")["head"]

    assert told.exit_code == 0, told.output
    assert head in told.stderr
    assert traded("audit", "verify", "--anchor", head).exit_code == 0


def test_a_changed_byte_is_named_and_fails(traded: Terminal) -> None:
    traded.ok("audit", "verify")
    tamper("UPDATE fills SET price = price + 0.01 WHERE id = 1")

    told = traded("audit", "verify")

    assert told.exit_code == 1
    assert "Fill 1 was changed." in told.stderr


def test_an_anchor_that_never_was_fails(traded: Terminal) -> None:
    told = traded("audit", "verify", "--anchor", f"900:{'ab' * 32}")
    nonsense = traded("audit", "verify", "--anchor", "x")

    assert told.exit_code == 1
    assert "it reached 900 once" in told.stderr
    assert nonsense.exit_code == 2


def test_positions_are_computed_anew_and_compared(traded: Terminal) -> None:
    right = traded("audit", "rebuild")
    tamper("UPDATE positions SET realized = realized + 1")
    wrong = traded("audit", "rebuild")

    assert (right.exit_code, wrong.exit_code) == (0, 1)
    assert "1 positions are what" in right.stderr
    assert "realized" in wrong.stdout


def test_executions_are_written_for_an_accountant(traded: Terminal, tmp_path: Path) -> None:
    traded.ok("audit", "export", "--out", str(tmp_path / "all.csv"))
    with (tmp_path / "all.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert [(one["side"], one["effect"]) for one in rows] == [
        ("buy", "open"),
        ("sell", "close"),
    ]
    assert (rows[0]["quantity"], rows[0]["fee_currency"]) == ("0.016", "USDT")
    assert (rows[1]["reason"], rows[1]["account"]) == ("exit.flattened", "paper")
    assert rows[0]["at"].endswith("+00:00")


def test_an_export_may_be_narrowed(traded: Terminal) -> None:
    none = traded.ok("audit", "export", "--from", "2999-01-01")
    unknown = traded("audit", "export", "--account", "papr")

    assert len(none.splitlines()) == 1
    assert "Did you mean paper?" in unknown.stderr


def test_a_month_prints_as_a_page(traded: Terminal, tmp_path: Path) -> None:
    month = traded.ok("audit", "export").splitlines()[1].split(",")[1][:7]

    traded.ok("audit", "statement", "paper", month, "--out", str(tmp_path / "s.html"))
    page = (tmp_path / "s.html").read_text(encoding="utf-8")

    assert "Deposited at the start of the account" in page
    assert "herenya-btc-4h" in page
    assert "No lots are open." in page
    assert traded.json("audit", "verify")["head"].split(":")[1] in page


def test_deposits_and_funding_are_in_the_month_and_in_the_chain(
    traded: Terminal,
) -> None:
    day = traded.ok("audit", "export").splitlines()[1].split(",")[1][:10]
    add = ("account", "movement", "add", "paper", "--currency", "usdt", "--at", day)
    deposit = (*add, "--kind", "deposit", "--amount", "250", "--reference", "d-1")
    funding = (*add, "--kind", "funding", "--amount", "-1.25", "--reference", "f-1")

    said = [traded(*one) for one in (deposit, funding, deposit)]
    other = traded(*add, "--kind", "deposit", "--amount", "9", "--reference", "d-1")
    wrong = traded(*add, "--kind", "deposit", "--amount", "-9", "--reference", "d-2")
    page = traded.ok("audit", "statement", "paper", day[:7])

    assert [one.exit_code for one in (*said, other, wrong)] == [0, 0, 0, 3, 2]
    assert "Known already" in said[2].stderr
    assert "d-1 is another movement: nothing was recorded." in other.stderr
    assert "the amount of a deposit is above 0" in wrong.stderr
    assert page.count("d-1") == page.count("f-1") == 1
    assert "Deposits in USDT" in page
    assert len(traded.json("account", "movement", "list", "paper")) == 2
    assert traded("audit", "verify").exit_code == 0
