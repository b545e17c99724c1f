import json
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.queue.tasks import (
    QUEUES,
    REGISTRY,
    CallRefused,
    Calls,
    Ring,
    calls,
    read,
    ring_for_alerts,
    ring_for_news,
)
from application.ports.inbox import Urgency
from application.records import AccountId, Key
from domain.instrument import Symbol

KEY = Key(AccountId(7), Symbol("BTC/USDT:USDT"))
PAYLOAD = {"account": 7, "symbol": "BTC/USDT:USDT"}


@pytest.fixture
def sent() -> list[Ring]:
    return []


@pytest.fixture
def work(sent: list[Ring]) -> Calls:
    return calls(sent.append)["work.key"]


@pytest.fixture
def fan_out(sent: list[Ring]) -> Calls:
    return calls(sent.append)["alerts.fan_out"]


def test_there_are_three_tasks() -> None:
    assert set(REGISTRY) == {"alerts.fan_out", "work.key", "notifications.deliver"}


def test_queues_are_heard_in_order_of_their_urgency() -> None:
    assert QUEUES == ("alerts", "exits", "entries", "reconciliation", "notifications")


@pytest.mark.parametrize("urgency", Urgency)
def test_what_is_rung_is_read_at_the_other_end(urgency: Urgency) -> None:
    ring = Ring(KEY, urgency)

    assert read(ring.task.name, json.loads(json.dumps(ring.payload))) == ring


def test_a_message_for_the_fan_out_carries_nothing() -> None:
    ring = ring_for_alerts()

    assert (ring.task.name, ring.queue, ring.payload) == ("alerts.fan_out", "alerts", {})


def test_a_message_for_whoever_tells_people_is_heard_last() -> None:
    ring = ring_for_news()

    assert (ring.task.name, ring.queue) == ("notifications.deliver", "notifications")
    assert read(ring.task.name, ring.payload) == ring


def test_a_message_for_a_key_carries_its_ids_only() -> None:
    ring = Ring(KEY, Urgency.EXIT)

    assert (ring.task.name, ring.queue) == ("work.key", "exits")
    assert ring.payload == {**PAYLOAD, "urgency": 0}


@pytest.mark.parametrize(
    ("name", "payload", "told"),
    [
        ("work.other", {}, "there is no task 'work.other'"),
        ("work.key", {"account": 7}, "missing required field `symbol`"),
        ("work.key", {**PAYLOAD, "account": "7"}, "Expected `int`, got `str`"),
        ("work.key", {**PAYLOAD, "price": "1"}, "unknown field `price`"),
        ("work.key", {**PAYLOAD, "urgency": 1}, "Invalid enum value 1"),
        ("alerts.fan_out", {"alert": 1}, "unknown field `alert`"),
    ],
)
def test_a_message_of_another_form_is_refused(
    name: str, payload: dict[str, Any], told: str
) -> None:
    with pytest.raises(CallRefused, match=told):
        read(name, payload)


def test_delay_sends_a_message_with_an_id(work: Calls, sent: list[Ring]) -> None:
    id = work.delay(account=7, symbol="BTC/USDT:USDT")

    assert sent == [Ring(KEY, Urgency.ENTRY, id)]
    assert len(id) == 36


def test_the_fan_out_is_called_with_nothing(fan_out: Calls, sent: list[Ring]) -> None:
    id = fan_out.delay()

    assert sent == [ring_for_alerts(id)]


def test_a_message_keeps_the_id_that_it_is_given(work: Calls, sent: list[Ring]) -> None:
    id = work.apply_async(kwargs=PAYLOAD, task_id="mine")

    assert (id, sent[0].id) == ("mine", "mine")


@pytest.mark.parametrize(
    "options",
    [{"queue": "exits"}, {"priority": 0}, {"queue": "exits", "priority": 0}],
    ids=str,
)
def test_queue_and_priority_name_how_urgent_it_is(
    work: Calls, sent: list[Ring], options: dict[str, Any]
) -> None:
    work.apply_async(kwargs=PAYLOAD, **options)

    assert [(ring.urgency, ring.queue) for ring in sent] == [(Urgency.EXIT, "exits")]


def test_without_queue_and_priority_the_payload_tells_how_urgent_it_is(
    work: Calls, sent: list[Ring]
) -> None:
    work.apply_async(kwargs={**PAYLOAD, "urgency": 9})

    assert [ring.queue for ring in sent] == ["notifications"]


@pytest.mark.parametrize(
    "options",
    [{"queue": "default"}, {"priority": 5}, {"queue": "exits", "priority": 9}],
    ids=str,
)
def test_a_queue_that_is_not_there_is_refused_with_those_that_are(
    work: Calls, sent: list[Ring], options: dict[str, Any]
) -> None:
    with pytest.raises(CallRefused, match=r"there are exits \(0\), entries \(3\)"):
        work.apply_async(kwargs=PAYLOAD, **options)

    assert sent == []


@pytest.mark.parametrize(
    "options",
    [{"countdown": 10}, {"eta": datetime(2026, 1, 1, tzinfo=UTC)}],
    ids=["countdown", "eta"],
)
def test_a_delay_is_refused_since_timers_live_in_postgresql(
    work: Calls, sent: list[Ring], options: dict[str, Any]
) -> None:
    with pytest.raises(CallRefused, match="timers live in PostgreSQL"):
        work.apply_async(kwargs=PAYLOAD, **options)

    assert sent == []


def test_no_delay_at_all_is_no_delay(work: Calls, sent: list[Ring]) -> None:
    work.apply_async(kwargs=PAYLOAD, countdown=0)

    assert len(sent) == 1


def test_a_payload_of_another_form_is_refused_before_it_is_sent(
    work: Calls, sent: list[Ring]
) -> None:
    with pytest.raises(CallRefused, match="missing required field"):
        work.delay(symbol="BTC/USDT:USDT")

    assert sent == []
