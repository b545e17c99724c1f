"""Stopping from a page: what it reaches, who asked for it, and what was missed."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from litestar.exceptions import ValidationException

from application.ports.configuration import Scope
from application.ports.overview import Reach
from domain.reasons import Reason
from domain.risk import TradingState
from entrypoints.web.pages.stop import Wish, must_be_meant
from tests.entrypoints.stack import Stack, alert, running

BROWSER = {"accept": "text/html"}
TOKEN = re.compile(r'name="_csrf_token" value="(\w+)"')


@pytest.fixture
async def stack(database_url: str) -> AsyncIterator[Stack]:
    async with running(database_url) as one:
        yield one


async def token(stack: Stack) -> str:
    text = (await stack.client.get("/stop", headers=BROWSER)).text
    found = TOKEN.search(text)
    assert found is not None
    return found[1]


async def asked(stack: Stack, path: str = "/stop", **fields: str) -> httpx.Response:
    form = {"_csrf_token": await token(stack), **fields}
    return await stack.client.post(path, data=form, headers=BROWSER)


async def test_the_form_says_what_it_reaches(stack: Stack) -> None:
    await stack.outcome(alert(rsi=25))

    page = (await stack.client.get("/stop", headers=BROWSER)).text
    bot = (await stack.client.get("/stop/reach?target=bot:spot-long")).text

    assert "<strong>2 bots</strong> on <strong>2 accounts</strong>" in page
    assert "1 open position" in page
    assert "<strong>1 bot</strong>" in bot
    assert "0 open positions" in bot


async def test_a_stop_holds_and_is_kept_with_who_and_why(stack: Stack) -> None:
    answer = await asked(stack, target="global:", level="halted", reason="looks wrong")

    (state,) = await stack.container.configuration().states()
    assert (answer.status_code, answer.headers["location"]) == (303, "/stop")
    assert (state.state, state.author.source) == (TradingState.HALTED, "web")
    assert state.author.reason == "looks wrong"
    assert await stack.outcome(alert(rsi=25)) is Reason.STATE_HALTED


async def test_going_on_lists_what_was_missed_and_replays_nothing(stack: Stack) -> None:
    await asked(stack, target="bot:futures-both", level="reducing")
    await stack.outcome(alert(rsi=25))
    states = await stack.container.configuration().states()
    since = next(one.at for one in states if one.scope is Scope.BOT)

    answer = await asked(
        stack, "/resume", target="bot:futures-both", since=since.isoformat()
    )
    page = await stack.client.get(answer.headers["location"], headers=BROWSER)

    assert page.text.count("<tr id=") == 1
    assert await stack.container.views().positions() == []


async def test_flatten_halts_closes_and_says_how_far_it_is(stack: Stack) -> None:
    await stack.outcome(alert(rsi=25))

    await asked(stack, target="global:", level="flatten", reason="enough")
    await stack.settle()
    await stack.container.pursue_flattenings()()
    page = (await stack.client.get("/stop", headers=BROWSER)).text

    assert await stack.container.views().positions() == []
    assert "because: enough" in page
    assert 'class="pill good"' in page.partition("Flattenings")[2]


def test_real_positions_are_flattened_only_by_whoever_typed_the_word() -> None:
    real = Reach(
        bots=1,
        accounts=1,
        live_accounts=1,
        working_orders=0,
        open_positions=1,
        waiting_jobs=0,
    )

    must_be_meant(Wish(level="flatten", typed="FLATTEN"), real)
    with pytest.raises(ValidationException, match="Type FLATTEN"):
        must_be_meant(Wish(level="flatten", typed="flatten"), real)


@pytest.mark.parametrize("fields", [{}, {"_csrf_token": "0" * 128}])
async def test_a_form_without_our_token_changes_nothing(
    stack: Stack, fields: dict[str, str]
) -> None:
    await token(stack)

    answer = await stack.client.post("/stop", data={"level": "halted", **fields})

    (state,) = await stack.container.configuration().states()
    assert answer.status_code == 403
    assert state.state is TradingState.ACTIVE


async def test_another_site_cannot_stop_anything(stack: Stack) -> None:
    form = {"_csrf_token": await token(stack), "level": "halted"}

    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        answer = await stack.client.post("/stop", data=form, headers=headers)
        assert answer.status_code == 403


@pytest.mark.parametrize(
    "fields", [{"level": "softly"}, {"target": "planet:mars"}, {"target": "bot:"}]
)
async def test_a_wish_that_makes_no_sense_is_refused_in_words(
    stack: Stack, fields: dict[str, str]
) -> None:
    answer = await asked(stack, **fields)

    assert answer.status_code == 400
    assert "must be" in answer.text
