"""An account on a testnet at a simulated venue, on the real application."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import yaml

from adapters.vault.keys import new_key
from application.ports.vault import SecretKind, SecretPlace
from application.secret import Secret
from tests.entrypoints.stack import AUTHOR, Stack, running
from tests.venue.venues import KEY, SECRET, Venues

PATIENCE = timedelta(seconds=30)
EXCHANGES = {"binanceusdm": "BINANCE", "bybit": "BYBIT"}
NO_RULES: Mapping[str, Any] = {}


def bots(
    venues: Venues,
    exchange: str,
    rules: Mapping[str, Any] = NO_RULES,
    account: Mapping[str, Any] = NO_RULES,
) -> str:
    """Return a configuration that reaches the simulated venue by its options alone."""
    return yaml.safe_dump(
        {
            "feeds": [{"name": "tradingview"}],
            "accounts": [
                {
                    "name": "rehearsal",
                    "exchange": exchange,
                    "mode": "testnet",
                    "options": venues.simulator.options,
                    **account,
                }
            ],
            "bots": [
                {
                    "name": "trader",
                    "account": "rehearsal",
                    "feed": "tradingview",
                    "chart": {
                        "exchange": EXCHANGES.get(exchange, "BINANCE"),
                        "ticker": "BTCUSDT.P",
                        "interval": "4h",
                    },
                    "reverse": "yes",
                    "sizing": {"mode": "quote", "amount": "1000"},
                    **rules,
                }
            ],
        }
    )


@asynccontextmanager
async def rehearsing(
    database_url: str,
    venues: Venues,
    exchange: str,
    rules: Mapping[str, Any] = NO_RULES,
    account: Mapping[str, Any] = NO_RULES,
    **settings: Any,
) -> AsyncIterator[Stack]:
    """Yield the application with an account at the simulated venue, and its keys."""
    text = bots(venues, exchange, rules, account)
    settings = {"encryption_keys": (new_key(),), **settings}
    async with running(database_url, text, **settings) as stack:
        deployed = await stack.container.configuration().deployed()
        place = SecretPlace(SecretKind.ACCOUNT, deployed.accounts[0].id)
        keys = {"apiKey": Secret(KEY), "secret": Secret(SECRET)}
        await stack.container.seal_secret()(place, keys, AUTHOR)
        yield stack
