"""Pages without a browser: what they say, and what they refuse to be used for."""

import html
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from application.results.keeping import KeepBacktest
from tests.application.results.sample_runs import run
from tests.entrypoints.stack import (
    AUTHOR,
    FOUR_HOURS,
    Stack,
    alert,
    last_closed_bar,
    running,
)

BROWSER = {"accept": "text/html"}
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}'


@pytest.fixture
async def stack(database_url: str) -> AsyncIterator[Stack]:
    async with running(database_url) as one:
        yield one


async def page(stack: Stack, path: str) -> str:
    answer = await stack.client.get(path, headers=BROWSER)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_page_is_never_asked_to_run_what_came_in_an_alert(stack: Stack) -> None:
    sent = await stack.send(alert(rsi=25, ticker=HOSTILE, note=HOSTILE, bot="futures-both"))
    await stack.send("not JSON " + HOSTILE)
    await stack.client.post("/webhooks/tradingview/wrong", content=HOSTILE)
    await stack.settle()
    id = sent.json()["alert_id"]

    paths = ("/live", "/alerts", "/alerts?tab=nowhere", "/alerts?tab=refused")
    for path in (*paths, f"/alerts/{id}", f"/alerts/{id + 1}", f"/live?bot={HOSTILE}"):
        text = await page(stack, path)
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
        assert "49" not in text.partition("onerror")[2][:40], path
    assert html.escape("<img src=x onerror=alert(2)>") in await page(stack, f"/alerts/{id}")


async def test_health_names_a_position_whose_stop_nobody_holds(stack: Stack) -> None:
    await stack.outcome(alert(rsi=25))
    before = await page(stack, "/health")
    await stack.execute(
        "INSERT INTO missing_stops (bot, since, why)"
        " SELECT bot, now() - interval '10 min', 'the venue said: no' FROM positions"
    )
    after = await page(stack, "/health")

    assert "Without a stop" not in before
    assert "Without a stop" in after
    assert "nobody has held for 10 min: the venue said: no" in after
    assert "1 position without a stop" in after


async def test_every_page_tells_the_browser_to_run_nothing_foreign(stack: Stack) -> None:
    answer = await stack.client.get("/live", headers=BROWSER)

    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
    assert " onclick=" not in answer.text


async def test_the_first_sentence_of_an_alert_says_why_it_did_not_trade(
    stack: Stack,
) -> None:
    sent = await stack.send(alert(rsi=50))
    await stack.settle()

    text = await page(stack, f"/alerts/{sent.json()['alert_id']}")

    _, _, after = text.partition('class="verdict quiet"')
    assert "Skipped: bot futures-both did nothing. RSI 50 calls for nothing" in after
    assert after.index("not reached") > after.index("Checked")


async def test_the_live_log_sends_the_rows_of_the_alerts_that_are_named(
    stack: Stack,
) -> None:
    ids = [(await stack.send(alert(rsi=rsi))).json()["alert_id"] for rsi in (25, 50)]
    await stack.settle()

    both = await page(stack, f"/live/rows?alerts={ids[0]},{ids[1]}")
    traded = await page(stack, f"/live/rows?alerts={ids[0]},{ids[1]}&came=traded")
    other = await page(stack, f"/live/rows?alerts={ids[0]}&bot=spot-long")

    assert both.count("<tr id=") == 2
    assert traded.count("<tr id=") == 1
    assert "<tr id=" not in other


async def test_the_evidence_of_an_alert_holds_no_secret(stack: Stack) -> None:
    body = alert(rsi=50, password="hunter2")  # noqa: S106 - what must not be seen
    sent = await stack.send(body)

    answer = await stack.client.get(f"/alerts/{sent.json()['alert_id']}/evidence.json")

    found = answer.json()
    assert "hunter2" not in answer.text
    assert stack.token not in answer.text
    assert json.loads(found["kept"]["alert"]["body"])["rsi"] == 50
    assert found["steps"][0]["title"] == "Received"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/alerts/999", 404),
        ("/no-such-page", 404),
        ("/live?came=sideways", 400),
        ("/live?reason=no.such", 400),
        ("/live/rows?alerts=1,x", 400),
    ],
)
async def test_a_mistake_in_an_address_is_a_page_for_people_and_json_for_programs(
    stack: Stack, path: str, status: int
) -> None:
    shown = await stack.client.get(path, headers=BROWSER)
    told = await stack.client.get(path)

    assert (shown.status_code, told.status_code) == (status, status)
    assert shown.headers["content-type"].startswith("text/html")
    assert told.json()["detail"]


async def test_a_stranger_sees_no_page(stack: Stack) -> None:
    elsewhere = {"host": "evil.example", "accept": "text/html"}

    answer: httpx.Response = await stack.client.get("/live", headers=elsewhere)

    assert answer.status_code == 403
    assert "ssh -L" in answer.text


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "Statistics start with the first one"),
        ("/live", "No bot has been asked yet"),
        ("/alerts", "No alert has arrived yet"),
        ("/orders", "No order has been made yet"),
        ("/positions", "Flat."),
        ("/trades", "No trade has been closed yet"),
        ("/bots", "futures-both"),
        ("/bots/futures-both", "No alert has reached it yet"),
        ("/backtests", "No backtest has been kept yet"),
        ("/scorecard", "Doubled"),
        ("/health", "every alert was routed"),
        ("/help/reasons", "rsi.neutral"),
        ("/help/reasons/rsi.neutral", "What to do"),
        ("/licenses", "TradingView, Inc."),
        ("/stop", "Stop trading"),
    ],
)
async def test_every_page_has_something_to_say_before_anything_happened(
    stack: Stack, path: str, words: str
) -> None:
    assert words in await page(stack, path)


async def test_pages_show_what_was_traded(stack: Stack) -> None:
    newest = last_closed_bar()
    for rsi, price, bar in ((25, 60000, newest - FOUR_HOURS), (75, 61000, newest)):
        await stack.outcome(alert(rsi=rsi, price=price, bar=bar))

    assert "+15." in await page(stack, "/")
    assert "+15." in await page(stack, "/trades")
    assert "close long" in await page(stack, "/orders")
    assert "no stop" in await page(stack, "/positions")
    assert "1 won" in await page(stack, "/bots/futures-both")


async def test_kept_results_are_listed_shown_whole_and_side_by_side(stack: Stack) -> None:
    keep = KeepBacktest(stack.container.backtests())
    ids = [await keep(name, run(12, seed=5), AUTHOR) for name in ("first", "second")]

    assert "2022-03-01" in await page(stack, "/backtests")
    assert "Equity from 10000" in await page(stack, f"/backtests/{ids[0]}")
    compared = await page(stack, f"/backtests/compare?id={ids[0]}&id={ids[1]}")
    assert "second</a>" in compared
    report = await stack.client.get(f"/backtests/{ids[0]}/report")
    assert "attachment" in report.headers["content-disposition"]
    assert report.text.startswith("<!doctype html>")


async def test_one_result_alone_is_not_compared_and_an_unknown_one_not_found(
    stack: Stack,
) -> None:
    alone = await stack.client.get("/backtests/compare?id=1", headers=BROWSER)
    unknown = await stack.client.get("/backtests/77", headers=BROWSER)

    assert alone.status_code == 400
    assert "Two to four results can be compared, not 1." in alone.text
    assert unknown.status_code == 404
    assert "There is no backtest 77." in unknown.text


async def test_a_case_is_handed_out_as_a_scenario_or_it_is_said_why_not(
    stack: Stack,
) -> None:
    sent = await stack.send(alert(rsi=25))
    await stack.settle()
    path = f"/alerts/{sent.json()['alert_id']}/scenario.txt"

    told = await stack.client.get(path, params={"bot": "futures-both"})
    other = await stack.client.get(path, params={"bot": "spot-long"})

    assert told.text.startswith("rules   perpetual, 4h bars, 1000 USDT")
    assert "(entry.opened) | long 0.016 @ 60000" in told.text
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    assert "did not reach bot spot-long" in other.json()["detail"]
