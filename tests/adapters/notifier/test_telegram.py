"""Telegram as whoever is told: on an emulator of its Bot API, and on one with faults."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from adapters.notifier.html import as_html
from adapters.notifier.telegram import GROUP_REST, PRIVATE_REST, TelegramNotifier
from application.deliver_notifications import LONGEST_REST, DeliverNotifications
from application.notice import Kind, Notice, Weight
from application.ports.configuration import Scope
from application.ports.notifier import Never, NotNow, Told
from application.ports.outbox import Chat
from application.secret import Secret
from domain.risk import TradingState
from domain.signal import AlertId
from tests.adapters.notifier.bot_api import TOKEN, FaultyBotApi, emulated, taken
from tests.adapters.store.stores import AUTHOR, Store, deploy

ME = Chat(id=42, title="Ada", is_group=False)
DESK = Chat(id=-100, title="The desk", is_group=True)
OPENED = Notice(
    kind=Kind.OPENED,
    weight=Weight.NEWS,
    title="Opened long <BTC> & more · btc-4h · PAPER",
    lines=("10 BTC at 100.", "RSI 25 < 30."),
    alert=AlertId(7),
)


Linked = Callable[..., Awaitable[TelegramNotifier]]


@pytest.fixture
async def linked(store: Store) -> AsyncIterator[Linked]:
    """Give what makes a notifier whose chat is linked; all are closed at the end."""
    made: list[TelegramNotifier] = []

    async def make(url: str, chat: Chat | None = ME) -> TelegramNotifier:
        if chat is not None:
            await store.outbox.link("telegram", chat)
        made.append(TelegramNotifier(Secret(TOKEN), url, store.outbox))
        return made[-1]

    yield make
    for one in made:
        await one.close()


def delivery(store: Store, notifier: TelegramNotifier) -> DeliverNotifications:
    return DeliverNotifications(store.outbox, notifier, "worker")


async def test_a_message_arrives_as_telegram_takes_it(
    linked: Linked, valkey_url: str
) -> None:
    async with emulated(valkey_url) as url:
        answer = await (await linked(url)).tell([OPENED])
        (message,) = await taken()

    assert answer == Told(rest=PRIVATE_REST)
    assert (message["chat_id"], message["parse_mode"]) == (42, "HTML")
    assert message["text"] == (
        "<b>🟢 Opened long &lt;BTC&gt; &amp; more · btc-4h · PAPER</b>\n"
        "10 BTC at 100.\nRSI 25 &lt; 30. <i>Alert 7.</i>"
    )


async def test_a_group_is_written_to_more_slowly(linked: Linked, api: FaultyBotApi) -> None:
    notifier = await linked(api.url, DESK)

    assert await notifier.tell([OPENED]) == Told(rest=GROUP_REST)


async def test_until_a_chat_is_linked_the_log_is_told(
    linked: Linked, api: FaultyBotApi
) -> None:
    notifier = await linked(api.url, None)

    assert await notifier.tell([OPENED]) == Told()
    assert api.calls == []


async def test_a_flood_is_waited_out_for_as_long_as_telegram_says(
    linked: Linked, api: FaultyBotApi
) -> None:
    notifier = await linked(api.url)
    api.refuses(429, "Too Many Requests: retry after 17", retry_after=17)

    answer = await notifier.tell([OPENED])

    assert isinstance(answer, NotNow)
    assert answer.after == timedelta(seconds=17)


async def test_markup_that_is_not_taken_is_sent_as_plain_text(
    linked: Linked, api: FaultyBotApi
) -> None:
    notifier = await linked(api.url)
    api.refuses(400, "Bad Request: can't parse entities")

    assert await notifier.tell([OPENED]) == Told(rest=PRIVATE_REST)
    assert api.sent()[0].startswith("Opened long <BTC> & more")


async def test_a_message_that_is_taken_in_no_form_is_given_up(
    linked: Linked, api: FaultyBotApi
) -> None:
    notifier = await linked(api.url)
    for _ in range(2):
        api.refuses(400, "Bad Request: message is too long")

    assert isinstance(await notifier.tell([OPENED]), Never)


@pytest.mark.parametrize(
    ("status", "description"),
    [
        (400, "Bad Request: chat not found"),
        (401, "Unauthorized"),
        (403, "Forbidden: bot was blocked by the user"),
        (500, "Internal Server Error"),
    ],
)
async def test_what_a_person_or_time_repairs_is_tried_again(
    linked: Linked, api: FaultyBotApi, status: int, description: str
) -> None:
    notifier = await linked(api.url)
    api.refuses(status, description)

    answer = await notifier.tell([OPENED])

    assert isinstance(answer, NotNow)
    assert TOKEN not in answer.error


async def test_a_group_that_became_a_supergroup_is_followed(
    linked: Linked, api: FaultyBotApi
) -> None:
    notifier = await linked(api.url, DESK)
    api.refuses(400, "Bad Request: group upgraded", migrate_to_chat_id=-100_500)

    await notifier.tell([OPENED])
    await notifier.tell([OPENED])

    assert api.calls[-1][1]["chat_id"] == "-100500"


async def test_nobody_there_is_no_exception(linked: Linked) -> None:
    notifier = await linked("http://127.0.0.1:1")

    assert isinstance(await notifier.tell([OPENED]), NotNow)


async def test_nothing_is_lost_while_telegram_is_down_for_an_hour(
    store: Store, linked: Linked, api: FaultyBotApi
) -> None:
    await deploy(store)
    deliver = delivery(store, await linked(api.url))
    api.down = True
    for minute in range(60):
        if minute % 10 == 0:
            await store.send(rsi=25 if minute % 20 == 0 else 75)
        await deliver()
        await store.later(timedelta(minutes=1))
    await store.configuration.change_state(Scope.BOT, "bot", TradingState.HALTED, AUTHOR)
    waited = len(await store.outbox.waiting(100))
    failing = await store.outbox.state("telegram")

    api.down = False
    await store.later(LONGEST_REST)
    told = [await _told_after(store, deliver) for _ in range(4)]

    assert waited == 12
    assert failing.failing_since is not None
    assert "Bad Gateway" in failing.error
    assert sum(told) == waited
    assert (await store.outbox.state("telegram")).waiting == 0
    assert api.sent()[0].startswith("<b>⛔ Halted")
    assert "".join(api.sent()).count("Opened") + "".join(api.sent()).count("Closed") == 6
    assert "".join(api.sent()).count("Reversed to") == 5


async def _told_after(store: Store, deliver: DeliverNotifications) -> int:
    await store.later(GROUP_REST)
    return await deliver()


async def test_attempts_come_further_and_further_apart(
    store: Store, linked: Linked, api: FaultyBotApi
) -> None:
    await deploy(store)
    await store.send(rsi=25)
    deliver = delivery(store, await linked(api.url))
    for _ in range(3600):
        api.refuses(502, "Bad Gateway")
    for _ in range(600):
        await deliver()
        await store.later(timedelta(seconds=1))

    attempts = 3600 - len(api.faults)

    assert 10 <= attempts <= 16
    assert len(await store.outbox.waiting(10)) == 1


async def test_a_rest_that_telegram_asked_for_is_kept(
    store: Store, linked: Linked, api: FaultyBotApi
) -> None:
    await deploy(store)
    await store.send(rsi=25)
    deliver = delivery(store, await linked(api.url))
    api.refuses(429, "Too Many Requests: retry after 30", retry_after=30)

    await deliver()
    await store.later(timedelta(seconds=29))
    early = await deliver()
    await store.later(timedelta(seconds=1))

    assert (early, await deliver()) == (0, 1)


def test_many_waiting_notices_become_one_message_that_fits() -> None:
    long = [
        Notice(
            kind=Kind.CLOSED,
            weight=Weight.NEWS,
            title=f"Number {n} {'x' * 900}",
            lines=("y" * 900,),
        )
        for n in range(40)
    ]

    text = as_html(long)

    assert text.startswith("<b>40 messages</b>")
    assert len(text) < 4096
