"""`signalman order settle`: what a person says of an order, and what cannot be said."""

import asyncio

from sqlalchemy import text

from entrypoints.session import opened
from entrypoints.settings import Settings
from tests.entrypoints.cli.conftest import Terminal

WHY = ("--reason", "seen on the venue's page")


async def lose(database_url: str, order: str) -> None:
    """Make an order one of which nobody knows what became of it."""
    # With the fill taken away again, it is as if its answer had been lost.
    intent = "id = (SELECT intent FROM orders WHERE id = :id)"
    lost = "status = 'NEEDS_OPERATOR'"
    statements = (
        'DELETE FROM fills WHERE "order" = :id',
        f"UPDATE orders SET {lost}, filled = 0, cost = 0 WHERE id = :id",  # noqa: S608
        f"UPDATE intents SET {lost} WHERE {intent}",  # noqa: S608 - both from above
        "DELETE FROM positions",
    )
    settings = Settings(database_url=database_url, queue="memory")
    async with opened(settings) as container, container.engine().begin() as connection:
        for statement in statements:
            await connection.execute(text(statement), {"id": order})


def lost(traded: Terminal, database_url: str) -> str:
    """Return the id of the newest entry, which needs a person."""
    order: str = traded.json("orders")[0]["id"]
    asyncio.run(lose(database_url, order))
    return order


def test_what_was_filled_is_recorded_and_shown(traded: Terminal, database_url: str) -> None:
    order = lost(traded, database_url)

    filled = ("--filled", "0.01", "--price", "61000")
    said = traded("order", "settle", order[:12], *filled, *WHY).output

    assert "0.01 of 0.016 BTC filled" in said
    assert traded.json("positions")[0]["quantity"] == "0.01"


def test_what_was_never_placed_is_over(traded: Terminal, database_url: str) -> None:
    order = lost(traded, database_url)

    settled = traded.json("order", "settle", order, "--not-placed", *WHY)

    assert (settled["status"], settled["filled"]) == ("NOT_PLACED", "0")


def test_nothing_is_settled_without_a_reason(traded: Terminal, database_url: str) -> None:
    order = lost(traded, database_url)

    assert traded("order", "settle", order, "--not-placed").exit_code == 2


def test_one_thing_only_is_said(signalman: Terminal) -> None:
    twice = signalman("order", "settle", "abc", "--not-placed", "--placed", *WHY)
    half = signalman("order", "settle", "abc", "--filled", "1", *WHY)

    assert (twice.exit_code, half.exit_code) == (2, 2)


def test_an_order_that_there_is_not_is_refused_with_a_way_on(signalman: Terminal) -> None:
    result = signalman("order", "settle", "abcdefgh", "--not-placed", *WHY)

    assert result.exit_code == 5
    assert "There is no order 'abcdefgh'." in result.output
