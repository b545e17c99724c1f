"""Dramatiq as the carrier of rings: its broker, its messages, its worker, our ears.

What differs from Dramatiq's own defaults, and why (measured with 2.2.1):

=========================  ==============================================================
waiting                    Dramatiq's consumer sleeps between two looks, up to a second;
                           ours blocks in Redis until there is something (``BLMOVE`` of a
                           queue's first message to where it is)
acknowledging              gathered while messages flow, and done in one go
a Redis that is away       waited for, quietly: Dramatiq's worker would sleep 3 to 5 s
a dead worker's messages   back after 5 s by every fetch, not by one in a thousand
retries, delays, results   none: they are PostgreSQL's
=========================  ==============================================================

The keys in Redis are Dramatiq's own, as ``brokers/redis/dispatch.lua`` describes them.
"""

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import dramatiq
import redis
from dramatiq.broker import Consumer, MessageProxy
from dramatiq.brokers.redis import RedisBroker
from dramatiq.errors import DecodeError
from dramatiq.middleware import Retries
from redis.backoff import NoBackoff
from redis.retry import Retry

from adapters.queue.redis_queue import STOP_SECONDS, WAITING_MAX, Hear
from adapters.queue.ringer import PAUSE_SECONDS, Outage
from adapters.queue.tasks import REGISTRY, Ring, Task

NAMESPACE = "signalman"
WAIT_SECONDS = 1.0
"""How long a consumer blocks at a time; a heartbeat goes out in between."""

HEARTBEAT_TIMEOUT_MS = 5_000
ALWAYS = 1_000_000
DEAD_MESSAGE_TTL_MS = 3_600_000
PREFETCH = 64
WORKER_TIMEOUT_MS = 200
"""How long the worker's thread takes to notice that it is to stop."""


@dataclass(slots=True)
class DramatiqCarrier:
    """Carries rings as messages of Dramatiq; the names of its actors are the registry's."""

    url: str
    wait_seconds: float = WAIT_SECONDS
    _client: redis.Redis | None = None
    _full: set[str] = field(default_factory=set[str])
    _broker: "BellBroker | None" = None
    _worker: dramatiq.Worker | None = None

    def send(self, rings: Sequence[Ring]) -> None:
        """Put a message for each ring into its queue, all in one go."""
        if self._client is None:
            self._client = _connect(self.url)
        self._full -= {name for name in self._full if not _is_full(self._client, name)}
        rings = [ring for ring in rings if ring.queue not in self._full]
        with self._client.pipeline(transaction=False) as pipeline:
            for ring in rings:
                _enqueue(pipeline, ring)
            lengths = pipeline.execute()[1::2]
        for ring, length in zip(rings, lengths, strict=True):
            if length >= WAITING_MAX:
                self._full.add(ring.queue)

    def let_go(self) -> None:
        """Close the connection that rings were sent by."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def listen(self, hear: Hear) -> None:
        """Start Dramatiq's worker, with an actor for every task."""
        self._broker = BellBroker(self.url, self.wait_seconds)
        for task in REGISTRY.values():
            _declare(self._broker, task, hear)
            for queue in task.policy.queues.values():
                self._broker.declare_queue(queue)
        self._worker = dramatiq.Worker(
            self._broker, worker_threads=1, worker_timeout=WORKER_TIMEOUT_MS
        )
        self._worker.queue_prefetch = PREFETCH
        self._worker.start()

    def stop(self) -> None:
        """Stop Dramatiq's worker; what it had fetched goes back into its queue."""
        if self._worker is not None and self._broker is not None:
            self._broker.closing.set()
            self._worker.stop(timeout=int(STOP_SECONDS * 1_000))
            self._broker.close()
        self._worker = self._broker = None


class BellBroker(RedisBroker):
    """A broker of one worker: no delayed messages, and consumers that block."""

    def __init__(self, url: str, wait_seconds: float) -> None:
        """Connect to nothing yet."""
        super().__init__(  # type: ignore[no-untyped-call] # its author left it so
            client=_connect(url),
            middleware=[Retries(max_retries=0)],
            namespace=NAMESPACE,
            maintenance_chance=ALWAYS,
            heartbeat_timeout=HEARTBEAT_TIMEOUT_MS,
            dead_message_ttl=DEAD_MESSAGE_TTL_MS,
        )
        self.wait_seconds = wait_seconds
        self.outage = Outage("hearing")
        self.closing = threading.Event()

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 0) -> Consumer:
        """Return a consumer that blocks for ``wait_seconds``, whatever the timeout."""
        del timeout
        return BellConsumer(self, queue_name, prefetch)

    def declare_queue(self, queue_name: str) -> None:
        """Declare a queue, and no queue of delayed messages beside it."""
        if queue_name not in self.queues:
            self.emit_before("declare_queue", queue_name)
            self.queues.add(queue_name)
            self.emit_after("declare_queue", queue_name)

    def close(self) -> None:
        """Close every connection."""
        self.client.close()


@dataclass(slots=True)
class BellConsumer(Consumer):
    """Fetches from one queue, in the thread that Dramatiq's worker gives it."""

    broker: BellBroker
    queue_name: str
    prefetch: int
    _fetched: deque[bytes] = field(default_factory=deque[bytes])
    _out: int = 0
    """Messages handed to the worker and not acknowledged yet."""
    _done: deque[str] = field(default_factory=deque[str])
    """Messages to acknowledge; filled by the worker's thread."""
    _room: threading.Event = field(default_factory=threading.Event)

    def __next__(self) -> MessageProxy | None:
        """Return the next message, or None after a while without any."""
        try:
            if not self._fetched:
                self._fetch()
            self.broker.outage.ended()
        except redis.RedisError as error:
            self.broker.outage.began(error)
            self.broker.closing.wait(PAUSE_SECONDS)
        return self._next() if self._fetched else None

    def ack(self, message: MessageProxy) -> None:
        """Note that the message is done with."""
        self._done.append(message.options["redis_message_id"])
        self._room.set()

    def nack(self, message: MessageProxy) -> None:
        """Lay the message aside for an hour: nobody here knows what it wants."""
        try:
            self.broker.do_nack(self.queue_name, message.options["redis_message_id"])
        except redis.RedisError as error:
            self.broker.outage.began(error)
        self.ack(message)

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        """Give back what was fetched and not begun."""
        ids = [message.options["redis_message_id"] for message in messages]
        try:
            if ids:
                self.broker.do_requeue(self.queue_name, *ids)
        except redis.RedisError as error:
            self.broker.outage.began(error)

    def close(self) -> None:
        """Acknowledge what is done with."""
        try:
            self._acknowledge()
        except redis.RedisError as error:
            self.broker.outage.began(error)

    def _fetch(self) -> None:
        """Fetch what is there; where nothing is, acknowledge and wait."""
        room = self.prefetch - self._out
        if room > 0:
            found = self.broker.do_fetch(self.queue_name, room)
            self._fetched.extend(one for one in found if one is not None)
        if self._fetched:
            return
        self._room.clear()
        if self._acknowledge():
            return
        if room > 0:
            self._wait()
        else:
            self._room.wait(self.broker.wait_seconds)

    def _wait(self) -> None:
        """Block until the queue has a message, which stays where it is."""
        if self.broker.closing.is_set():
            return
        queue = f"{NAMESPACE}:{self.queue_name}"
        where = (queue, queue, "LEFT", "LEFT")
        self.broker.client.execute_command("BLMOVE", *where, self.broker.wait_seconds)

    def _acknowledge(self) -> bool:
        """Acknowledge what is done with; return whether there was anything."""
        done = [self._done.popleft() for _ in range(len(self._done))]
        self._out -= len(done)
        if not done:
            return False
        acks = f"{NAMESPACE}:__acks__.{self.broker.broker_id}.{self.queue_name}"
        with self.broker.client.pipeline(transaction=False) as pipeline:
            pipeline.srem(acks, *done)
            pipeline.hdel(f"{NAMESPACE}:{self.queue_name}.msgs", *done)
            pipeline.execute()
        return True

    def _next(self) -> MessageProxy | None:
        data = self._fetched.popleft()
        try:
            message = dramatiq.Message.decode(data)
        except DecodeError as error:
            self.broker.logger.warning("a message cannot be read: %s", error)
            return None
        self._out += 1
        return MessageProxy(message)


def _declare(broker: BellBroker, task: Task, hear: Hear) -> None:
    def heard(**payload: object) -> None:
        hear(task.name, payload)

    declared = dramatiq.actor(
        broker=broker,
        actor_name=task.name,
        queue_name=task.policy.queues[task.policy.usual],
        priority=task.policy.usual,
        max_retries=0,
    )
    declared(heard)


def _is_full(client: redis.Redis, queue: str) -> bool:
    return client.llen(f"{NAMESPACE}:{queue}") >= WAITING_MAX


def _enqueue(pipeline: "redis.client.Pipeline", ring: Ring) -> None:
    """Do what Dramatiq's broker does, without a round trip for each message."""
    id = str(uuid4())
    message = dramatiq.Message[None](
        queue_name=ring.queue,
        actor_name=ring.task.name,
        args=(),
        kwargs=ring.payload,
        options={"redis_message_id": id},
        message_id=ring.id or id,
    )
    pipeline.hset(f"{NAMESPACE}:{ring.queue}.msgs", id, message.encode())
    pipeline.rpush(f"{NAMESPACE}:{ring.queue}", id)


def _connect(url: str) -> redis.Redis:
    """Return a client that has not connected yet, and that tells of a failure at once.

    The one retry is for a connection that has died unnoticed since it was last used.
    """
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=2.0,
        socket_timeout=5.0,
        retry=Retry(NoBackoff(), 1),
    )
