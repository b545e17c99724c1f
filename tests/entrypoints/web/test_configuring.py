"""The configuration over JSON: out, in, by whom, and back."""

from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from typing import Any

import pytest

from application.logging_in import digest_of
from application.ports.access import Permission, Role
from tests.entrypoints.stack import AUTHOR, Stack, running

PATH = "/api/v1/configuration"


@pytest.fixture
async def stack(database_url: str) -> AsyncIterator[Stack]:
    async with running(database_url) as one:
        yield one


async def document(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = (await stack.client.get(PATH)).json()
    return deepcopy(found)


async def test_what_is_read_can_be_applied_and_changes_nothing(stack: Stack) -> None:
    answer = await stack.client.post(PATH, json={"document": await document(stack)})

    assert answer.status_code == 200, answer.text
    assert not answer.json()["changed"]


async def test_a_change_is_shown_first_and_then_made(stack: Stack) -> None:
    changed = await document(stack)
    changed["bots"][0]["rearm"] = True
    changed["bots"][0]["scaling"]["max_entries"] = 4
    body = {"document": changed, "reason": "a try"}

    shown = await stack.client.post(PATH, json=body | {"dry_run": True})
    made = await stack.client.post(PATH, json=body)

    assert not shown.json()["changed"]
    assert shown.json()["differences"] == made.json()["differences"]
    assert made.json()["changed"]
    after = await document(stack)
    assert (after["bots"][0]["rearm"], after["bots"][0]["scaling"]["max_entries"]) == (
        "yes",
        "4",
    )


async def test_every_mistake_is_told_at_once(stack: Stack) -> None:
    wrong = await document(stack)
    wrong["bots"][0]["rsi"]["oversold"] = "80"
    wrong["bots"][1]["leverage"] = "0"

    answer = await stack.client.post(PATH, json={"document": wrong})

    assert answer.status_code == 422
    assert "oversold" in answer.json()["detail"]
    assert "leverage" in answer.json()["detail"]


def entries(tree: dict[str, Any], number: int) -> None:
    tree["bots"][0]["scaling"]["max_entries"] = str(number)


def losses(tree: dict[str, Any], number: int) -> None:
    tree["accounts"][0]["limits"]["losses_in_row"] = str(number)


def open_positions(tree: dict[str, Any], number: int) -> None:
    tree["limits"]["open_positions"] = str(number)


@pytest.mark.parametrize("change", [entries, losses, open_positions])
async def test_who_has_looked_at_an_older_revision_is_told(
    stack: Stack, change: Callable[[dict[str, Any], int], None]
) -> None:
    first = {"limits": {"open_positions": "9"}}
    await stack.client.post(PATH, json={"document": first})
    read = (await stack.client.get(PATH, params={"revisions": True})).json()
    answers = []
    for number in (2, 3):
        changed = deepcopy(read)
        change(changed, number)
        answers.append(await stack.client.post(PATH, json={"document": changed}))

    assert [one.status_code for one in answers] == [200, 409], answers[0].text
    assert "changed meanwhile" in answers[1].json()["detail"]
    change(read, 2)
    del read["revisions"]
    assert await document(stack) == read


async def test_a_bot_goes_back_to_an_earlier_revision(stack: Stack) -> None:
    changed = await document(stack)
    name = changed["bots"][0]["name"]
    changed["bots"][0]["rearm"] = "yes"
    await stack.client.post(PATH, json={"document": changed})
    path = f"/api/v1/revisions/bot/{name}"
    known = (await stack.client.get(path)).json()
    old, seen = known[-1]["revision"], known[0]["revision"]

    differs = await stack.client.get(f"{path}/diff", params={"old": old})
    late = {"revision": old, "seen": old}
    refused = await stack.client.post(f"{path}/rollback", json=late)
    back = await stack.client.post(f"{path}/rollback", json={"revision": old, "seen": seen})
    missing = await stack.client.post(f"{path}/rollback", json={"revision": 999})

    assert back.json()["changed"], back.text
    assert (await document(stack))["bots"][0]["rearm"] == "no"
    assert missing.status_code == 404
    assert known[0]["changes"] == [{"path": "rearm", "old": "no", "new": "yes"}]
    assert differs.json() == known[0]["changes"]
    assert (refused.status_code, "changed meanwhile" in refused.text) == (409, True)


async def test_only_who_may_configure_does(stack: Stack) -> None:
    container = stack.container
    body = {"document": await document(stack)}
    await container.users().add("ada", Role.ADMIN, None, AUTHOR)
    for scope, status in ((Permission.READ, 403), (Permission.CONFIGURE, 200)):
        scopes = frozenset({Permission.READ, scope})
        await container.api_tokens().add(
            scope.value, digest_of(scope.value), scopes, AUTHOR
        )
        headers = {"authorization": f"Bearer {scope.value}"}
        answer = await stack.client.post(PATH, json=body, headers=headers)
        assert answer.status_code == status, answer.text


async def test_an_account_cannot_rule_out_what_its_bots_trade(stack: Stack) -> None:
    kept = await document(stack)
    account = kept["accounts"][0]
    traded = [bot for bot in kept["bots"] if bot["account"] == account["name"]]
    other = "SOL/USDT" if account["exchange"] == "binance" else "SOL/USDT:USDT"

    narrow = {"accounts": [account | {"symbols": [other]}]}
    refused = await stack.client.post(PATH, json={"document": narrow})
    wide = {"accounts": [account | {"symbols": [bot["symbol"] for bot in traded]}]}
    made = await stack.client.post(PATH, json={"document": wide})

    assert refused.status_code == 422
    assert (
        f"leaves out {traded[0]['symbol']}, which {traded[0]['name']} trades"
        in refused.text
    )
    assert made.status_code == 200, made.text
    assert made.json()["changed"]
