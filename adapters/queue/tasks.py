"""Every task there is: its name, its payload, its policy. All runtimes serve the same ones.

A message carries ids only: the row is the truth, so a message may be lost, doubled or come
late. Retries, delays and results are PostgreSQL's; what is left to a runtime is to ring.

=========================  ==========================  ===================================
name                       payload                     queue, lower priority first
=========================  ==========================  ===================================
``alerts.fan_out``         nothing                     ``alerts`` (0)
``work.key``               account, symbol, urgency    ``exits`` (0), ``entries`` (3),
                                                       ``reconciliation`` (6),
                                                       ``notifications`` (9)
``notifications.deliver``  nothing                     ``notifications`` (9)
=========================  ==========================  ===================================
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import uuid4

import msgspec

from application.ports.inbox import Urgency
from application.records import AccountId, Key
from domain.instrument import Symbol


class CallRefused(Exception):
    """A call that no runtime makes here; says why, and what to do instead."""


class AlertsWait(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Alerts are kept that nobody has routed yet."""


class KeyIsDue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """There is unfinished work for one symbol of one account."""

    account: int
    symbol: str
    urgency: Urgency = Urgency.ENTRY


class NewsWaits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Notifications are kept that nobody has been told yet."""


Payload = AlertsWait | KeyIsDue | NewsWaits


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How the messages of a task are treated, by every runtime alike."""

    queues: Mapping[Urgency, str]
    """Where they go, by how urgent they are: all that a task can be rung for."""
    usual: Urgency
    time_limit: timedelta
    """After it what was rung for is canceled, as if its process had died at that moment.

    So it is long: it frees the slot of what hangs for ever, and cuts no slow venue short.
    """


@dataclass(frozen=True, slots=True)
class Task:
    """One entry of the registry."""

    name: str
    payload: type[Payload]
    policy: Policy


FAN_OUT = Task(
    "alerts.fan_out",
    AlertsWait,
    Policy(
        queues=MappingProxyType({Urgency.EXIT: "alerts"}),
        usual=Urgency.EXIT,
        time_limit=timedelta(minutes=1),
    ),
)
WORK_KEY = Task(
    "work.key",
    KeyIsDue,
    Policy(
        queues=MappingProxyType(
            {
                Urgency.EXIT: "exits",
                Urgency.ENTRY: "entries",
                Urgency.RECONCILE: "reconciliation",
                Urgency.NOTIFY: "notifications",
            }
        ),
        usual=Urgency.ENTRY,
        time_limit=timedelta(minutes=10),
    ),
)
DELIVER = Task(
    "notifications.deliver",
    NewsWaits,
    Policy(
        queues=MappingProxyType({Urgency.NOTIFY: "notifications"}),
        usual=Urgency.NOTIFY,
        time_limit=timedelta(minutes=1),
    ),
)
REGISTRY: Mapping[str, Task] = MappingProxyType(
    {task.name: task for task in (FAN_OUT, WORK_KEY, DELIVER)}
)
QUEUES = tuple(
    dict.fromkeys(
        queue for task in REGISTRY.values() for queue in task.policy.queues.values()
    )
)
"""In the order in which they are heard."""


@dataclass(frozen=True, slots=True)
class Ring:
    """What one message says: this key is due.

    Without a key, alerts wait, or for NOTIFY somebody is to be told.
    """

    key: Key | None
    urgency: Urgency
    id: str = ""
    """The message's own, for logs; where it is empty, one is made when it leaves."""

    @property
    def task(self) -> Task:
        """Return the task that the message is for."""
        if self.key is not None:
            return WORK_KEY
        return DELIVER if self.urgency is Urgency.NOTIFY else FAN_OUT

    @property
    def queue(self) -> str:
        """Return the name of the queue that the message goes to."""
        return self.task.policy.queues[self.urgency]

    @property
    def payload(self) -> dict[str, int | str]:
        """Return what the message carries, ready for JSON."""
        if self.key is None:
            return {}
        account, symbol = self.key
        return {"account": account, "symbol": symbol, "urgency": int(self.urgency)}


def ring_for_alerts(id: str = "") -> Ring:
    """Return the ring that wakes the fan-out."""
    return Ring(None, FAN_OUT.policy.usual, id)


def ring_for_news(id: str = "") -> Ring:
    """Return the ring that wakes whoever tells people."""
    return Ring(None, DELIVER.policy.usual, id)


def keyless(urgency: Urgency) -> Ring:
    """Return what ringing without keys means."""
    return ring_for_news() if urgency is Urgency.NOTIFY else ring_for_alerts()


def read(name: str, payload: Mapping[str, object]) -> Ring:
    """Return what a message says.

    Raises:
        CallRefused: There is no such task, or its payload is of another form.
    """
    task = REGISTRY.get(name)
    if task is None:
        raise CallRefused(f"there is no task {name!r}; there are {', '.join(REGISTRY)}")
    try:
        match msgspec.convert(payload, task.payload):
            case AlertsWait():
                return ring_for_alerts()
            case NewsWaits():
                return ring_for_news()
            case KeyIsDue(account, symbol, urgency):
                return Ring(Key(AccountId(account), Symbol(symbol)), urgency)
    except msgspec.ValidationError as error:
        raise CallRefused(f"{name}: {error}") from error


@dataclass(frozen=True, slots=True)
class Calls:
    """A task as Celery's users call one. Nothing waits: the message leaves by itself."""

    task: Task
    send: Callable[[Ring], None]

    def delay(self, **payload: object) -> str:
        """Send a message with this payload; return its id.

        Raises:
            CallRefused: The payload is of another form.
        """
        return self.apply_async(kwargs=payload)

    def apply_async(  # noqa: PLR0913 - the shape that Celery gave this call
        self,
        *,
        kwargs: Mapping[str, object] | None = None,
        countdown: float | None = None,
        eta: datetime | None = None,
        queue: str | None = None,
        task_id: str | None = None,
        priority: int | None = None,
    ) -> str:
        """Send a message with the payload ``kwargs``; return its id.

        ``queue`` and ``priority`` are two names for one choice: how urgent it is.
        Messages about the same key that have not left yet are one message, of either id.

        Raises:
            CallRefused: It was asked for what this queue does not do.
        """
        if countdown or eta is not None:
            raise CallRefused(
                f"{self.task.name}: countdown and eta are refused, for timers live in "
                "PostgreSQL, where no flush and no restart loses them. Keep the moment "
                "there (a job's key is due again at its retry_at) and call without them."
            )
        ring = read(self.task.name, kwargs or {})
        urgency = self._urgency(ring.urgency, queue, priority)
        id = task_id or str(uuid4())
        self.send(Ring(ring.key, urgency, id))
        return id

    def _urgency(self, told: Urgency, queue: str | None, priority: int | None) -> Urgency:
        """Return how urgent it is: what was asked for, else what the payload tells."""
        queues = self.task.policy.queues
        fits = [
            urgency
            for urgency, name in queues.items()
            if queue in (None, name) and priority in (None, urgency)
        ]
        if not fits:
            choices = ", ".join(f"{name} ({urgency:d})" for urgency, name in queues.items())
            raise CallRefused(
                f"{self.task.name}: no queue is {queue!r} with priority {priority!r}; "
                f"there are {choices}"
            )
        return fits[0] if len(fits) == 1 else told


def calls(send: Callable[[Ring], None]) -> Mapping[str, Calls]:
    """Return every task by its name, to be called through ``send``."""
    return MappingProxyType({name: Calls(task, send) for name, task in REGISTRY.items()})
