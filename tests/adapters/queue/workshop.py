"""A place to work in: keys that are held, keys that fail, and a record of what was done."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from adapters.queue.runtime import Runtime
from adapters.queue.shift import Shift
from application.records import AccountId, Key
from domain.instrument import Symbol

SECONDS = 10.0
"""More than anything here ever takes; reaching it is a failure, not a wait."""

REPEAT_SECONDS = 0.1
"""How often the stand-in for the sweep rings."""


@dataclass(slots=True)
class Workshop:
    """Its ``route`` and ``work`` are what a runtime is given to do."""

    started: list[Key] = field(default_factory=list[Key])
    ended: list[Key] = field(default_factory=list[Key])
    routed: int = 0
    told: int = 0
    failing: set[Key] = field(default_factory=set[Key])
    _gates: dict[Key, asyncio.Event] = field(default_factory=dict[Key, asyncio.Event])

    def hold(self, *keys: Key) -> None:
        """Let nobody finish these keys."""
        for key in keys:
            self._gates[key] = asyncio.Event()

    def let_go(self, *keys: Key) -> None:
        """Let these keys be finished; all of them when none is named."""
        for key in keys or tuple(self._gates):
            self._gates.pop(key).set()

    async def route(self) -> None:
        """Count that the alerts were fanned out."""
        self.routed += 1

    async def tell(self) -> None:
        """Count that people were told."""
        self.told += 1

    async def work(self, key: Key) -> None:
        """Record the key at its start and at its end."""
        self.started.append(key)
        if key in self.failing:
            raise RuntimeError("this key fails")
        if key in self._gates:
            await self._gates[key].wait()
        self.ended.append(key)


def key_of(account: int, name: str = "BTC") -> Key:
    """Return one symbol of an account."""
    return Key(AccountId(account), Symbol(f"{name}/USDT"))


def keys_of(account: int, count: int) -> list[Key]:
    """Return so many symbols of an account."""
    return [key_of(account, f"C{number}") for number in range(count)]


@asynccontextmanager
async def serving(queue: Runtime, shop: Workshop) -> AsyncIterator[asyncio.Task[None]]:
    """Work in the shop; at the end let everything finish, and cancel the work."""
    running = asyncio.create_task(queue.run(shop.route, shop.work, shop.tell))
    try:
        yield running
    finally:
        shop.let_go()
        await ended(running)


async def ended(running: asyncio.Task[None]) -> None:
    """Cancel what runs and wait for its end."""
    running.cancel()
    with suppress(asyncio.CancelledError):
        async with asyncio.timeout(SECONDS):
            await running


async def eventually(condition: Callable[[], bool]) -> None:
    """Return as soon as it holds; fail when it does not within the deadline."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail("it never came about")
        await asyncio.sleep(0.005)


async def swept(queue: Runtime, key: Key, shop: Workshop) -> None:
    """Ring again and again, as the sweep does, until the key is worked once more."""
    before = shop.started.count(key)
    sweeping = asyncio.create_task(_sweep(queue, key))
    try:
        await eventually(lambda: shop.started.count(key) > before)
    finally:
        sweeping.cancel()


async def _sweep(queue: Runtime, key: Key) -> None:
    while True:
        await queue.ring([key])
        await asyncio.sleep(REPEAT_SECONDS)


def shift_of(queue: Runtime) -> Shift:
    """Return the slots of a runtime, to see who waits there."""
    found = getattr(queue, "_shift")  # noqa: B009 - a test may look where nobody else does
    assert isinstance(found, Shift)
    return found
