"""What the JSON API answers, and whom."""

import json
from collections.abc import AsyncIterator

import pytest

from application.results.keeping import KeepBacktest
from tests.application.results import sample_runs
from tests.entrypoints.stack import AUTHOR, BOTS, Stack, alert, running

READS = [
    "alerts",
    "bots",
    "accounts",
    "refused",
    "orders",
    "positions",
    "trades",
    "stats",
    "state",
    "flattenings",
    "backtests",
]


@pytest.fixture
async def stack(database_url: str) -> AsyncIterator[Stack]:
    async with running(database_url) as one:
        yield one


@pytest.mark.parametrize("name", READS)
async def test_every_list_answers_before_anything_happened(stack: Stack, name: str) -> None:
    answer = await stack.client.get(f"/api/v1/{name}")

    assert answer.status_code == 200, answer.text


async def test_an_alert_explains_itself_in_a_sentence_and_steps(stack: Stack) -> None:
    sent = await stack.send(alert(rsi=25))
    await stack.settle()

    answer = await stack.client.get(f"/api/v1/alerts/{sent.json()['alert_id']}")

    explained = answer.json()
    assert explained["sentence"].startswith("Bought 0.016 BTC at 60,000")
    assert {"Received", "Routed"} <= {step["title"] for step in explained["steps"]}


async def test_money_goes_over_the_wire_as_text(stack: Stack) -> None:
    await stack.send(alert(rsi=25))
    await stack.settle()

    position = (await stack.client.get("/api/v1/positions")).json()[0]

    assert (position["quantity"], position["average_price"]) == ("0.016", "60000")


async def test_a_change_can_be_tried_on_the_newest_alerts(stack: Stack) -> None:
    await stack.send(alert(rsi=25))
    await stack.settle()
    changed = BOTS.replace("    reverse: yes", "    reverse: yes\n    rsi: {oversold: 20}")

    answer = await stack.client.post("/api/v1/preview", json={"document": changed})

    seen = answer.json()
    assert answer.status_code == 200, answer.text
    assert [(one["path"], one["new"]) for one in seen["changes"]] == [
        ("rsi.oversold", "20")
    ]
    turned = [(one["bot"], one["old"], one["new"]) for one in seen["differences"]]
    assert turned == [("futures-both", "entry.opened", "rsi.neutral")]
    assert seen["bots"][0]["old"]["open"] == "-0.48"


async def test_a_kept_backtest_is_listed_and_told_whole(stack: Stack) -> None:
    keep = KeepBacktest(stack.container.backtests())
    id = await keep("first", sample_runs.run(3), AUTHOR)

    (listed,) = (await stack.client.get("/api/v1/backtests")).json()
    whole = (await stack.client.get(f"/api/v1/backtests/{id}")).json()

    assert (listed["id"], listed["name"], listed["figures"]["trades"]) == (id, "first", "3")
    assert whole["figures"]["net_profit"] == listed["figures"]["total_pnl"]
    assert len(whole["trades"]) == 3
    assert (await stack.client.get("/api/v1/backtests/99")).status_code == 404


async def test_a_bad_configuration_is_not_tried(stack: Stack) -> None:
    bad = {"document": BOTS.replace("4h}", "4x}")}

    answer = await stack.client.post("/api/v1/preview", json=bad)
    too_many = await stack.client.post("/api/v1/preview", json={**bad, "last": 0})

    assert (answer.status_code, too_many.status_code) == (422, 400)
    assert "chart.interval" in answer.json()["detail"]


@pytest.mark.parametrize(
    "document", [{}, "", "null", "[]", "\x00", "a: \ud800", "- 1", "x"]
)
async def test_what_is_no_configuration_is_refused(stack: Stack, document: object) -> None:
    text = json.dumps({"document": document})

    answer = await stack.client.post(
        "/api/v1/preview", content=text, headers={"Content-Type": "application/json"}
    )

    described = isinstance(document, str) and "\ud800" not in document
    assert answer.status_code == (422 if described else 400), answer.text


async def test_an_unknown_alert_and_a_bad_page_are_answered_clearly(stack: Stack) -> None:
    missing = await stack.client.get("/api/v1/alerts/999")
    too_many = await stack.client.get("/api/v1/alerts", params={"limit": "0"})

    assert (missing.status_code, too_many.status_code) == (404, 400)
    assert "999" in missing.json()["detail"]


async def test_a_halt_stops_the_next_alert(stack: Stack) -> None:
    halted = await stack.client.post(
        "/api/v1/state", json={"state": "halted", "reason": "testing the brake"}
    )
    sent = await stack.send(alert(rsi=25))
    await stack.settle()

    assert halted.json()[0]["state"] == "halted"
    decision = (await stack.trace(sent)).jobs[0].decisions[-1]
    assert decision.reason.value == "state.halted"
    assert not await stack.container.views().orders(limit=1)


async def test_a_flattening_is_taken_and_can_be_watched(stack: Stack) -> None:
    await stack.send(alert(rsi=25))
    await stack.settle()

    taken = await stack.client.post("/api/v1/flatten", json={"reason": "enough"})
    await stack.settle()
    await stack.container.pursue_flattenings()()

    assert (taken.status_code, taken.json()["status"]) == (202, "RUNNING")
    watched = (await stack.client.get("/api/v1/flattenings")).json()[0]
    assert (watched["status"], watched["reason"]) == ("DONE", "enough")
    assert (await stack.client.get("/api/v1/positions")).json() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"reason": " "}, 400),
        ({"reason": "x", "bot": "nobody"}, 404),
        ({"reason": "x", "bot": "a", "account": "b"}, 422),
    ],
)
async def test_a_flattening_that_cannot_be_is_refused_with_its_reason(
    stack: Stack, body: dict[str, str], status: int
) -> None:
    answer = await stack.client.post("/api/v1/flatten", json=body)

    assert answer.status_code == status, answer.text
    assert not (await stack.client.get("/api/v1/flattenings")).json()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"state": "off", "reason": "x"}, 400),
        ({"state": "halted", "reason": " "}, 400),
        ({"state": "halted"}, 400),
        ({"state": "halted", "reason": "x", "bot": "nobody"}, 404),
        ({"state": "halted", "reason": "x", "bot": "a", "account": "b"}, 422),
    ],
)
async def test_a_state_that_cannot_be_set_is_refused_with_its_reason(
    stack: Stack, body: dict[str, str], status: int
) -> None:
    answer = await stack.client.post("/api/v1/state", json=body)

    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"x-forwarded-for": "203.0.113.9"},
        {"host": "signalman.example"},
        {"origin": "https://elsewhere.example"},
        {"sec-fetch-site": "cross-site"},
    ],
)
async def test_nobody_but_this_machine_is_answered(
    stack: Stack, headers: dict[str, str]
) -> None:
    answer = await stack.client.get("/api/v1/state", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "access.loopback_only")


async def test_a_form_of_another_page_cannot_change_the_state(stack: Stack) -> None:
    answer = await stack.client.post(
        "/api/v1/state",
        content='{"state": "active", "reason": "x"}',
        headers={"content-type": "text/plain"},
    )

    assert answer.status_code == 403


async def test_health_says_whether_alerts_can_be_kept(stack: Stack) -> None:
    assert (await stack.client.get("/health/live")).json()["status"] == "ok"
    assert (await stack.client.get("/health/ready")).json()["status"] == "ok"


async def test_the_api_describes_itself_without_foreign_scripts(stack: Stack) -> None:
    schema = await stack.client.get("/schema/openapi.json")

    assert "/api/v1/alerts" in schema.json()["paths"]


async def test_an_order_that_is_known_is_not_settled_over_the_api(stack: Stack) -> None:
    await stack.send(alert(rsi=25))
    await stack.settle()
    order = (await stack.client.get("/api/v1/orders")).json()[0]
    said = {"fate": "filled", "quantity": "0.1", "price": "1", "reason": "a test"}

    answer = await stack.client.post(f"/api/v1/orders/{order['id']}/settle", json=said)
    half = await stack.client.post("/api/v1/orders/x/settle", json=said | {"price": None})

    assert (answer.status_code, half.status_code) == (409, 409)
    assert "The order is FILLED." in answer.json()["detail"]
