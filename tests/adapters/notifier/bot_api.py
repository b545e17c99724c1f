"""The Bot API on loopback: an emulator for what it takes, and a server with faults.

The emulator (telemelya) answers as Telegram does and keeps what it was sent; it knows no
``getUpdates`` and never refuses. So the second server does both, on the same wire.

Source: https://core.telegram.org/bots/api#making-requests
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import redis.asyncio
import uvicorn
from fastapi import FastAPI
from telemelya.server.bot_api import router  # type: ignore[import-untyped] # ships none
from telemelya.server.state import state_manager  # type: ignore[import-untyped] # as above

TOKEN = f"123456789:{'A' * 35}"
OK = 200


@dataclass(slots=True)
class FaultyBotApi:
    """Answers every call, unless it was told to refuse the next ones."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    faults: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    """Status and body of the next answers; when none is left, all is well."""
    down: bool = False
    """Whether every call is answered by a gateway that reaches nobody."""
    updates: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def sent(self) -> list[str]:
        """Return the texts of the messages that were taken."""
        return [params["text"] for method, params in self.calls if method == "sendMessage"]

    def refuses(self, status: int, description: str, **parameters: object) -> None:
        """Let the next call be refused."""
        body: dict[str, Any] = {
            "ok": False,
            "error_code": status,
            "description": description,
        }
        if parameters:
            body["parameters"] = parameters
        self.faults.append((status, body))

    def hears(self, text: str, *, chat: int, title: str = "") -> None:
        """Let somebody write to the bot, in a group where it has a title."""
        number = len(self.updates) + 1
        kind = {"type": "group", "title": title} if title else {"type": "private"}
        sender = {"id": 7, "is_bot": False, "first_name": "Ada"}
        self.updates.append(
            {
                "update_id": number,
                "message": {
                    "message_id": number,
                    "date": 1_700_000_000,
                    "from": sender,
                    "chat": {"id": chat, "first_name": "Ada", **kind},
                    "text": text,
                },
            }
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            event = await receive()
            body, more = body + event.get("body", b""), event.get("more_body", False)
        method = scope["path"].rpartition("/")[2]
        status, answer = self._answer(method, dict(parse_qsl(body.decode())))
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    def _answer(self, method: str, params: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.down:
            return 502, {"ok": False, "error_code": 502, "description": "Bad Gateway"}
        if self.faults:
            return self.faults.pop(0)
        self.calls.append((method, params))
        return OK, {"ok": True, "result": self._result(method, params)}

    def _result(self, method: str, params: dict[str, Any]) -> Any:
        match method:
            case "getMe":
                return {"id": 1, "is_bot": True, "first_name": "B", "username": "desk_bot"}
            case "getUpdates":
                first = int(params.get("offset", 0))
                return [one for one in self.updates if one["update_id"] >= first]
            case _:
                chat = {"id": int(params["chat_id"]), "type": "private"}
                return {"message_id": 1, "date": 1_700_000_000, "chat": chat}


@asynccontextmanager
async def faulty() -> AsyncIterator[FaultyBotApi]:
    """Yield a Bot API that can be told to misbehave."""
    api = FaultyBotApi()
    async with _serving(api) as url:
        api.url = url
        yield api


@asynccontextmanager
async def emulated(valkey_url: str) -> AsyncIterator[str]:
    """Yield the URL of the emulator; what it took is in ``state_manager``."""
    app = FastAPI()
    app.include_router(router)
    client = redis.asyncio.from_url(valkey_url, decode_responses=True)
    state_manager._redis = client  # noqa: SLF001 - its own connect() reads the environment
    try:
        async with _serving(app) as url:
            yield url
    finally:
        await client.aclose()


async def taken() -> list[dict[str, Any]]:
    """Return what the emulator was sent, in order."""
    return [one["raw"] for one in await state_manager.get_responses("default")]


@asynccontextmanager
async def _serving(app: Any) -> AsyncIterator[str]:
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_level="critical", lifespan="off"
    )
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
