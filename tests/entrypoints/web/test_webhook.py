"""The real application on real PostgreSQL: what is answered, and what is kept of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from domain.reasons import Reason
from domain.signal import AlertId
from entrypoints.container import Container
from entrypoints.settings import Settings
from entrypoints.web.app import create_app
from tests.entrypoints.stack import (
    FOUR_HOURS,
    Stack,
    alert,
    calling,
    last_closed_bar,
    running,
)


@pytest.fixture
async def stack(database_url: str) -> AsyncIterator[Stack]:
    async with running(database_url) as one:
        yield one


async def test_an_alert_is_kept_before_it_is_answered(stack: Stack) -> None:
    answer = await stack.send(alert(id="one"))

    assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
    trace = await stack.trace(answer)
    assert trace.alert.key == "id:one"
    assert trace.alert.fanned_out_at is None


async def test_an_oversold_alert_becomes_a_paper_position(stack: Stack) -> None:
    reason = await stack.outcome(alert(rsi=25))

    position = (await stack.container.views().positions())[0]
    assert reason is Reason.ENTRY_OPENED
    assert (position.bot, str(position.position.quantity)) == ("futures-both", "0.016")


async def test_the_same_alert_four_times_is_one_alert_and_one_order(stack: Stack) -> None:
    body = json.dumps(alert(id="once", rsi=25))

    answers = [await stack.send(body) for _ in range(4)]
    await stack.settle()

    assert [one.status_code for one in answers] == [202, 200, 200, 200]
    assert {one.json()["alert_id"] for one in answers} == {answers[0].json()["alert_id"]}
    assert (await stack.trace(answers[0])).alert.duplicates == 3
    assert len(await stack.container.views().orders(limit=10)) == 1


async def test_the_same_id_with_another_body_is_kept_and_not_executed(stack: Stack) -> None:
    await stack.send(alert(id="mine"))

    answer = await stack.send(alert(id="mine", rsi=20))
    await stack.settle()

    assert (answer.status_code, answer.json()["code"]) == (400, "id_reused")
    assert (await stack.trace(answer)).alert.reason is Reason.ALERT_ID_REUSED
    assert not await stack.container.views().orders(limit=10)


BAD_BODIES = [
    ("", "body.empty"),
    ("buy BTC", "body.command_language"),
    ("BTC is strong today", "body.plain_text"),
    ("ticker=BTC price=1", "body.not_pairs"),
    ('{"rsi": 25', "body.not_json"),
    ("[]", "body.not_object"),
    (b"\xff\xfe{}", "body.not_utf8"),
    ('{"rsi": NaN}', "number.not_finite"),
    ('{"price": Infinity}', "number.not_finite"),
    ('{"rsi": "NaN"}', "number.not_finite"),
    ('{"rsi": {{plot_0}}}', "body.unresolved_placeholder"),
    ('{"rsi": "{{plot_0}}"}', "body.unresolved_placeholder"),
    ('{"rsi": 25, "rsi": 75}', "body.duplicate_key"),
    ('{"price": -1}', "field.out_of_range"),
    ('{"signal": "MAYBE"}', "field.wrong_type"),
]


@pytest.mark.parametrize(("body", "code"), BAD_BODIES)
async def test_what_can_never_work_is_refused_with_its_reason_and_kept(
    stack: Stack, body: str | bytes, code: str
) -> None:
    answer = await stack.send(body)
    await stack.settle()

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["detail"].endswith(".")
    kept = await stack.trace(answer)
    assert kept.alert.reason is not None
    assert (kept.alert.reason.value, kept.jobs) == (code, ())


async def test_a_wrong_token_is_401_and_counted(stack: Stack) -> None:
    answer = await stack.client.post("/webhooks/tradingview/guess", json=alert())

    assert (answer.status_code, answer.json()["code"]) == (401, "auth.bad_token")
    assert (await stack.container.views().accounted()).alerts == 0
    refused = await stack.client.get("/api/v1/refused")
    assert [one["code"] for one in refused.json()] == ["auth.bad_token"]


async def test_64_kib_are_read_and_one_byte_more_is_413(stack: Stack) -> None:
    fits = json.dumps(alert(note="")).encode()
    fits = json.dumps(alert(note="x" * (65_536 - len(fits)))).encode()

    taken = await stack.send(fits)
    refused = await stack.send(fits + b" ")

    assert len(fits) == 65_536
    assert (taken.status_code, refused.status_code) == (202, 413)
    assert refused.json()["code"] == "body.too_large"


async def test_a_token_in_the_body_is_taken_and_never_kept(stack: Stack) -> None:
    body = alert(token=stack.token)

    answer = await stack.client.post("/webhooks/tradingview", content=json.dumps(body))

    assert answer.status_code == 202
    assert stack.token not in (await stack.trace(answer)).alert.body


async def test_the_content_type_does_not_matter(stack: Stack) -> None:
    answer = await stack.client.post(
        stack.path, content=json.dumps(alert()), headers={"content-type": "text/plain"}
    )

    assert answer.status_code == 202


OUTCOMES = [
    ({"rsi": 130}, Reason.RSI_OUT_OF_RANGE),
    ({"rsi": None}, Reason.RSI_MISSING),
    ({"rsi": 50, "signal": "LONG"}, Reason.SIGNAL_CONTRADICTS_RSI),
    ({"rsi": 25, "rsi_length": 7}, Reason.RSI_LENGTH_DIFFERS),
    ({"rsi": 25, "ticker": "DOGEUSDT"}, Reason.CHART_UNKNOWN),
    ({"rsi": 25, "bot": "nobody"}, Reason.BOT_UNKNOWN),
    ({"rsi": 25, "bot": "spot-long"}, Reason.BOT_CHART_DIFFERS),
    ({"rsi": 75, "ticker": "BTCUSDT"}, Reason.SPOT_CANNOT_SHORT),
    ({"signal": "CLOSE"}, Reason.CLOSE_NOTHING_OPEN),
    ({"rsi": 25, "price": 60_000_000}, Reason.SIZE_BELOW_MINIMUM),
    ({"rsi": 25, "bar": last_closed_bar() + FOUR_HOURS}, Reason.BAR_NOT_CLOSED),
    (
        {
            "rsi": 25,
            "sent_at": "2026-01-01T00:00:00Z",
            "bar": last_closed_bar() - timedelta(days=1000),
        },
        Reason.ALERT_TOO_OLD,
    ),
    ({"rsi": 25, "interval": None}, Reason.CHART_MISSING),
]


@pytest.mark.parametrize(("fields", "reason"), OUTCOMES)
async def test_what_depends_on_configuration_state_or_rsi_is_accepted_with_its_outcome(
    stack: Stack, fields: dict[str, object], reason: Reason
) -> None:
    assert await stack.outcome(alert(**fields)) is reason
    assert not await stack.container.views().orders(limit=10)


async def test_an_older_bar_is_skipped(stack: Stack) -> None:
    await stack.outcome(alert(rsi=50))

    reason = await stack.outcome(alert(rsi=25, bar=last_closed_bar() - FOUR_HOURS))

    assert reason is Reason.BAR_OUT_OF_ORDER


async def test_fifty_alerts_at_once_are_numbered_without_a_gap(stack: Stack) -> None:
    answers = await asyncio.gather(
        *(stack.send(alert(id=f"at-once-{number}")) for number in range(50))
    )

    numbers = sorted(one.json()["alert_id"] for one in answers)
    assert len(set(numbers)) == 50
    assert await stack.container.views().alert(AlertId(numbers[-1])) is not None


async def test_without_a_database_the_answer_is_503_and_nothing_is_half_done() -> None:
    nowhere = Container(
        settings=Settings(queue="memory"),
        database_url="postgresql://nobody:x@127.0.0.1:9/none",
    )

    async with calling(create_app(nowhere)) as client:
        answer = await client.post("/webhooks/tradingview/any", json=alert())

    assert (answer.status_code, answer.json()["code"]) == (503, "store.unavailable")


async def test_a_browser_that_looks_at_the_address_is_told_how_alerts_are_sent(
    stack: Stack,
) -> None:
    answer = await stack.client.get(stack.path)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_an_address_with_more_behind_the_token_is_nobodys(stack: Stack) -> None:
    answer = await stack.client.post(f"{stack.path}/more", json=alert())

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_the_description_of_the_api_tells_what_the_webhook_answers(
    stack: Stack,
) -> None:
    paths = (await stack.client.get("/schema/openapi.json")).json()["paths"]

    answers = paths["/webhooks/tradingview/{token}"]["post"]["responses"]
    assert set(answers) == {"202", "200", "400", "401", "413", "503"}
