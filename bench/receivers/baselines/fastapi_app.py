"""A webhook with FastAPI and asyncpg: kept in PostgreSQL, then answered."""

import json
import os
from contextlib import asynccontextmanager
from hmac import compare_digest

import asyncpg
from fastapi import FastAPI, HTTPException, Request, Response
from pydantic import BaseModel

TOKEN = os.environ["WEBHOOK_TOKEN"]
KEEP = """
    INSERT INTO alerts (key, body) VALUES ($1, $2)
    ON CONFLICT (key) DO NOTHING RETURNING id
"""


class Alert(BaseModel):
    """The fields that a strategy needs."""

    id: str
    exchange: str
    ticker: str
    interval: str
    price: float
    rsi: float | None = None
    signal: str | None = None
    bar_time: str
    sent_at: str


class Accepted(BaseModel):
    """What is answered."""

    alert_id: int | None
    status: str


@asynccontextmanager
async def connected(app):
    """Keep a pool of connections while the application runs."""
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], max_size=20) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=connected)


@app.post("/webhooks/tradingview/{token}", status_code=202)
async def receive(
    token: str, alert: Alert, request: Request, response: Response
) -> Accepted:
    """Keep the alert, which commits, and only then answer."""
    if not compare_digest(token, TOKEN):
        raise HTTPException(401, "unknown token")
    body = json.dumps(alert.model_dump())
    id = await request.app.state.pool.fetchval(KEEP, alert.id, body)
    if id is None:
        response.status_code = 200
        return Accepted(alert_id=None, status="duplicate")
    return Accepted(alert_id=id, status="accepted")
