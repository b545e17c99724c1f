"""Venues on this machine: real wire formats, real TLS, real names, and planned faults.

A client reaches them through the simulator's own proxy (`CONNECT`), so that it uses the
venue's real URLs; it must trust the simulator's authority.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from tests.venue.certificates import Authority
from tests.venue.faults import Fault, Traffic, Way
from tests.venue.tunnel import Tunnel
from tests.venue.wire import Request, Response, Wire

LOOPBACK = "127.0.0.1"


@dataclass(slots=True)
class Simulator:
    """Several venues behind one door, the faults planned for them, and what was asked."""

    wires: tuple[Wire, ...]
    authority: Authority
    faults: list[Fault] = field(default_factory=list[Fault])
    traffic: Traffic = field(default_factory=Traffic)
    maintenance: bool = False
    requests: list[Request] = field(default_factory=list[Request])
    under_way: int = 0
    """How many requests have come whose answer has not left."""
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    @classmethod
    @contextlib.asynccontextmanager
    async def running(
        cls, wires: Iterable[Wire], directory: Path
    ) -> AsyncIterator["Simulator"]:
        """Serve the venues until the block ends."""
        wires = tuple(wires)
        hosts = sorted(host for wire in wires for host in wire.hosts)
        simulator = cls(wires, Authority.create(directory, hosts))
        simulator.idle.set()
        application = web.Application(client_max_size=1 << 20)
        application.router.add_route("*", "/{path:.*}", simulator._handle)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, LOOPBACK, 0, ssl_context=simulator.authority.server)
        await site.start()
        address: Any = runner.addresses[0]
        async with Tunnel.running(LOOPBACK, address[1]) as tunnel:
            simulator.port = tunnel.port
            try:
                yield simulator
            finally:
                await runner.cleanup()

    @property
    def options(self) -> dict[str, Any]:
        """Return what an account's options say to reach the simulator."""
        return {
            "httpsProxy": f"http://{LOOPBACK}:{self.port}",
            "cafile": str(self.authority.file),
        }

    def plan(self, way: Way, path: str, **further: Any) -> Fault:
        """Plan a fault for the next request to ``path``."""
        fault = Fault(way=way, path=path, **further)
        self.faults.append(fault)
        return fault

    def asked(self, path: str, method: str = "POST") -> list[Request]:
        """Return the requests to a path."""
        return [
            one for one in self.requests if one.path.endswith(path) and one.method == method
        ]

    async def _handle(self, raw: web.Request) -> web.StreamResponse:
        request = await _request(raw)
        self.requests.append(request)
        self.under_way += 1
        self.idle.clear()
        try:
            return await self._answer(raw, request)
        finally:
            self.under_way -= 1
            if not self.under_way:
                self.idle.set()

    async def _answer(self, raw: web.Request, request: Request) -> web.StreamResponse:
        wire = next(one for one in self.wires if request.host in one.hosts)
        verdict = self.traffic.verdict(request.at)
        if verdict is not None:
            return _sent(wire.too_many(*verdict))
        if self.maintenance:
            return _sent(wire.closed())
        fault = next(
            (one for one in self.faults if one.meets(request.method, request.path)), None
        )
        if fault is None:
            return _sent(wire.answer(request))
        return await _spoiled(raw, request, wire, fault)


async def _spoiled(
    raw: web.Request, request: Request, wire: Wire, fault: Fault
) -> web.StreamResponse:
    if fault.way is Way.DELAY:
        await asyncio.sleep(fault.seconds)
    true = None if fault.way in (Way.ANSWER, Way.DROP) else _sent(wire.answer(request))
    if fault.way is Way.DELAY_AFTER:
        await asyncio.sleep(fault.seconds)
    if fault.way in (Way.DROP, Way.DROP_AFTER):
        _hang_up(raw)
    if fault.way is Way.TRUNCATE and true is not None:
        return await _truncated(raw, str(true.text))
    if fault.way in (Way.ANSWER, Way.ANSWER_AFTER) or true is None:
        return web.Response(status=fault.status, text=fault.body, headers=fault.headers)
    return true


async def _truncated(raw: web.Request, text: str) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": "application/json"})
    answer.content_length = len(text)
    await answer.prepare(raw)
    await answer.write(text[: len(text) // 2].encode())
    _hang_up(raw)
    return answer


def _hang_up(raw: web.Request) -> None:
    if raw.transport is not None:
        raw.transport.close()


async def _request(raw: web.Request) -> Request:
    body = await raw.text()
    form: dict[str, Any] = dict(parse_qsl(raw.query_string, keep_blank_values=True))
    if body.startswith("[{"):
        form |= json.loads(body)[0]
    elif body.startswith("{"):
        form |= json.loads(body)
    else:
        form |= dict(parse_qsl(body, keep_blank_values=True))
    return Request(
        method=raw.method,
        host=raw.host.partition(":")[0],
        path=raw.path,
        parameters=form,
        query=raw.query_string,
        body=body,
        headers=raw.headers,
        at=time.monotonic(),
    )


def _sent(response: Response) -> web.Response:
    content = response.content
    text = content if isinstance(content, str) else json.dumps(content)
    kind = "text/html" if isinstance(content, str) else "application/json"
    return web.Response(
        status=response.status,
        text=text,
        content_type=kind,
        headers=dict(response.headers),
    )
