"""A webhook with Flask, psycopg and Celery: kept in PostgreSQL, then handed to a worker."""

import os
from hmac import compare_digest

from celery import Celery
from flask import Flask, request
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

TOKEN = os.environ["WEBHOOK_TOKEN"]
KEEP = """
    INSERT INTO alerts (key, body) VALUES (%s, %s)
    ON CONFLICT (key) DO NOTHING RETURNING id
"""

app = Flask(__name__)
celery = Celery("receiver", broker=os.environ["REDIS_URL"])
pool = ConnectionPool(os.environ["DATABASE_URL"], min_size=1, max_size=10, open=True)


@celery.task(ignore_result=True)
def execute(alert_id):
    """Stand for the worker, which does not run while the receiver is measured."""


@app.post("/webhooks/tradingview/<token>")
def receive(token):
    """Keep the alert, commit, and only then hand it over and answer."""
    if not compare_digest(token, TOKEN):
        return {"error": "unknown token"}, 401
    alert = request.get_json(force=True)
    if not isinstance(alert, dict) or "id" not in alert:
        return {"error": "an alert needs an id"}, 400
    with pool.connection() as connection:
        row = connection.execute(KEEP, (alert["id"], Jsonb(alert))).fetchone()
    if row is None:
        return {"status": "duplicate"}, 200
    execute.delay(row[0])
    return {"alert_id": row[0], "status": "accepted"}, 202
