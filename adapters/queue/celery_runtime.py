"""Celery as the carrier of rings: its messages, its worker, run inside this process.

What differs from Celery's own defaults, and why (measured with 5.7.0):

=======================  ================================================================
no signals, no logging   the bare worker of ``celery.worker``, not the program round it
no pool, no event loop   a task only hands its ring over, in the thread that hears. A pool
                         of threads finds its tasks by the whole process's default app; it
                         also needs Celery's event loop, which replaces locks of the whole
                         process, for without it (20 tasks of 10 ms, two at a time: 4.6 s)
                         it stands still whenever the prefetch is used up
late acknowledgment      a message is done with once handed over; a worker that dies
                         before leaves it to be found after the visibility timeout
queues in strict order   exits before entries, instead of taking turns
no exchange              messages go straight into their queue: FLUSHALL would take the
                         bindings of an exchange, and then nothing could be sent
a Redis that is away     tried four times a second, not less and less often up to 30 s
retries, ETA, results    none: they are PostgreSQL's
=======================  ================================================================
"""

import logging
import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import celery  # type: ignore[import-untyped] # Celery ships no types
from celery.exceptions import WorkerShutdown  # type: ignore[import-untyped] # as above
from celery.worker.consumer import Consumer  # type: ignore[import-untyped] # as above

from adapters.queue.redis_queue import STOP_SECONDS, WAITING_MAX, Hear
from adapters.queue.ringer import PAUSE_SECONDS, Outage
from adapters.queue.tasks import QUEUES, REGISTRY, Ring, Task

PREFIX = "signalman."
VISIBILITY_SECONDS = 60
WAIT_SECONDS = 0.5
"""How long the worker's thread takes to notice that it is to stop."""

LOOKS_A_SCAN = 10
"""At how many of its idle looks Celery searches for messages that nobody acknowledged."""

SETTINGS = {
    "accept_content": ["json"],
    "task_serializer": "json",
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_ignore_result": True,
    "task_publish_retry": False,
    "task_create_missing_queues": False,
    "task_default_queue": PREFIX + QUEUES[0],
    "task_queues": {
        PREFIX + name: {"exchange": "", "routing_key": PREFIX + name} for name in QUEUES
    },
    "worker_prefetch_multiplier": 1,
    "worker_cancel_long_running_tasks_on_connection_loss": True,
    "worker_enable_remote_control": False,
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
    "broker_channel_error_retry": True,
    "broker_transport_options": {
        "visibility_timeout": VISIBILITY_SECONDS,
        "unacked_restore_throttle": LOOKS_A_SCAN,
        "unacked_key": f"{PREFIX}unacked",
        "unacked_index_key": f"{PREFIX}unacked_index",
        "unacked_mutex_key": f"{PREFIX}unacked_mutex",
        "priority_steps": [0],
        "queue_order_strategy": "priority",
        "socket_connect_timeout": 2.0,
        "socket_timeout": 5.0,
    },
}

log = logging.getLogger(__name__)

TALKATIVE = ("celery.worker.strategy", "celery.app.trace")
"""Loggers with a line each for every message, at the level of what is worth knowing."""


@dataclass(slots=True)
class CeleryCarrier:
    """Carries rings as Celery's tasks; their names are the registry's."""

    url: str
    wait_seconds: float = WAIT_SECONDS
    _app: Any = None
    _connection: Any = None
    _channel: Any = None
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def send(self, rings: Sequence[Ring]) -> None:
        """Send a task for each ring; once more where the connection had died unnoticed."""
        try:
            self._send(rings)
        except Exception:  # noqa: BLE001 - many classes; the second failure is told
            self.let_go()
            self._send(rings)

    def let_go(self) -> None:
        """Close the connection that rings were sent by."""
        if self._connection is not None:
            self._connection.release()
        self._connection = self._channel = None

    def listen(self, hear: Hear) -> None:
        """Start Celery's worker in a thread, with a task for every task."""
        for logger in map(logging.getLogger, TALKATIVE):
            if logger.level == logging.NOTSET:
                logger.setLevel(logging.WARNING)
        self._stopping.clear()
        self._thread = threading.Thread(
            target=self._serve, args=(hear,), name="celery", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop Celery's worker."""
        if self._thread is not None:
            self._stopping.set()
            self._thread.join(STOP_SECONDS)
            self._thread = None

    def _send(self, rings: Sequence[Ring]) -> None:
        if self._channel is None:
            self._app = self._app or _app(self.url)
            self._connection = self._app.connection_for_write()
            self._connection.ensure_connection(max_retries=1, interval_start=0)
            self._channel = self._connection.channel()
        queues = {ring.queue for ring in rings}
        full = {queue for queue in queues if self._length(queue) >= WAITING_MAX}
        producer = self._app.amqp.Producer(self._channel)
        with producer.batch():
            for ring in rings:
                if ring.queue not in full:
                    self._app.send_task(
                        ring.task.name,
                        kwargs=ring.payload,
                        task_id=ring.id or None,
                        queue=PREFIX + ring.queue,
                        producer=producer,
                    )

    def _length(self, queue: str) -> int:
        return int(self._channel.client.llen(PREFIX + queue))

    def _serve(self, hear: Hear) -> None:
        outage = Outage("hearing")
        while not self._stopping.is_set():
            app = _app(self.url)
            app.set_current()  # of this thread: that is where Celery looks a task up
            for task in REGISTRY.values():
                _register(app, task, hear)
            try:
                self._worker(app, outage).start()
            except Exception:
                log.exception("Celery's worker failed; it is started again")
            app.close()
            self._stopping.wait(PAUSE_SECONDS)

    def _worker(self, app: Any, outage: Outage) -> Any:
        return app.WorkController(
            pool="solo",
            concurrency=1,
            consumer_cls=partial(_Ear, self._stopping, outage, self.wait_seconds),
            use_eventloop=False,
            without_gossip=True,
            without_heartbeat=True,
            without_mingle=True,
        )


class _Ear(Consumer):  # type: ignore[misc] # as above
    """Celery's consumer with a loop of ours, which ends soon and waits patiently."""

    def __init__(
        self,
        stopping: threading.Event,
        outage: Outage,
        wait: float,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        self.stopping = stopping
        self.outage = outage
        self.wait_seconds = wait
        super().__init__(*args, **kwargs)

    def loop(self, *_: object) -> None:
        """Hear messages until the connection is lost or the worker is to stop."""
        self.outage.ended()
        self.connection.default_channel.brpop_timeout = self.wait_seconds
        self.task_consumer.on_message = self.create_task_handler()
        self.task_consumer.consume()
        while True:
            self._end_if_told()
            self.perform_pending_operations()
            with suppress(TimeoutError):
                self.connection.drain_events(timeout=self.wait_seconds)

    def ensure_connected(self, conn: Any) -> Any:
        """Return the connection once it is there, however long that takes."""
        return conn.ensure_connection(
            lambda error, _: self.outage.began(error),
            interval_start=PAUSE_SECONDS,
            interval_step=0,
            interval_max=PAUSE_SECONDS,
            callback=self._end_if_told,
        )

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Note the outage, before Celery cleans up."""
        self.outage.began(exc)
        super().on_connection_error_after_connected(exc)

    def _end_if_told(self) -> None:
        if self.stopping.is_set():
            raise WorkerShutdown(os.EX_OK)


def _app(url: str) -> Any:
    """Return an application of its own, which is nobody's current one."""
    app = celery.Celery(PREFIX.rstrip("."), broker=_broker_url(url), set_as_current=False)
    app.conf.update(SETTINGS)
    return app


def _register(app: Any, task: Task, hear: Hear) -> None:
    def heard(**payload: object) -> None:
        hear(task.name, payload)

    app.task(heard, name=task.name, shared=False)


def _broker_url(url: str) -> str:
    """Return the URL as Celery spells it: ``redis+socket`` and ``virtual_host``."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    query = {
        "virtual_host" if name == "db" else name: value
        for name, value in parse_qsl(parts.query)
    }
    return parts._replace(scheme="redis+socket", query=urlencode(query)).geturl()
