"""From an alert to a message: a whole worker, on a Bot API on loopback."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from adapters.configuration.yaml_file import read_yaml
from application.ports.outbox import Chat
from application.proposal import Wishes
from entrypoints.container import Container
from entrypoints.session import opened
from entrypoints.settings import Settings
from entrypoints.web.app import create_app
from entrypoints.worker import work
from tests.adapters.notifier.bot_api import TOKEN, FaultyBotApi, faulty
from tests.entrypoints.stack import AUTHOR, BOTS, Stack, alert, calling

SECONDS = 30.0


@pytest.fixture
async def api() -> AsyncIterator[FaultyBotApi]:
    async with faulty() as one:
        yield one


@pytest.fixture
async def stack(database_url: str, api: FaultyBotApi) -> AsyncIterator[Stack]:
    """Give an application with a worker at work and a chat that is linked."""
    settings = Settings(
        database_url=database_url,
        queue="memory",
        telegram_token=TOKEN,
        telegram_api_url=api.url,
    )
    async with opened(settings) as container:
        applied = await container.apply()(read_yaml(BOTS), Wishes(), AUTHOR)
        await container.outbox().link("telegram", Chat(id=7, title="Ada", is_group=False))
        async with calling(create_app(container)) as client, working(container):
            yield Stack(container, client, applied.tokens["tradingview"])


@asynccontextmanager
async def working(container: Container) -> AsyncIterator[None]:
    """Let a worker work until the block ends."""
    task = asyncio.create_task(work(container))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Return as soon as it holds; fail when it does not within the deadline."""
    deadline = time.monotonic() + SECONDS
    while not await condition():
        assert time.monotonic() < deadline, "it never came about"
        await asyncio.sleep(0.05)


async def test_an_execution_is_told_without_anybody_asking(
    stack: Stack, api: FaultyBotApi
) -> None:
    outbox = stack.container.outbox()

    def executions() -> list[str]:  # the audit's head is told as well
        return [one for one in api.sent() if "Audit" not in one.splitlines()[0]]

    async def told() -> bool:
        return bool(executions()) and not (await outbox.state("telegram")).waiting

    answer = await stack.send(alert(rsi=25))
    await eventually(told)

    (message,) = executions()
    assert message.startswith("<b>🟢 Opened long BTC/USDT:USDT · futures-both · PAPER</b>")
    assert f"Alert {answer.json()['alert_id']}." in message


async def test_trading_goes_on_while_telegram_is_down(
    stack: Stack, api: FaultyBotApi
) -> None:
    outbox, views = stack.container.outbox(), stack.container.views()
    api.down = True

    async def tried() -> bool:
        return bool(await views.positions()) and bool(
            (await outbox.state("telegram")).failures
        )

    await stack.send(alert(rsi=25))
    await eventually(tried)

    assert api.sent() == []
    assert (await outbox.state("telegram")).waiting == 1
