"""CCXT clients: one for each account, one set of markets for all accounts of a venue.

A client takes no time to make and a quarter of a megabyte; a venue's markets take half a
second and forty megabytes. So markets are loaded once, by a client without keys (which also
asks for nothing that needs them), and lent to the others.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import ccxt.async_support as ccxt

from adapters.venue.capabilities import WINDOW, Capabilities, capabilities_of
from adapters.venue.guarded import Guard, guarded
from application.ports.venue_access import VenueAccess, VenueAccesses
from application.ports.venue_budget import VenueBudget
from application.records import AccountId

HTTP_TIMEOUT_MILLISECONDS = 15_000
"""Longer than the ten seconds that Binance's engine takes to say that it does not know."""


class UnknownExchange(Exception):
    """CCXT knows no such venue, or it has no testnet."""


@dataclass(frozen=True, slots=True)
class Client:
    """A CCXT client with what is known of its venue."""

    ccxt: Any
    capabilities: Capabilities
    access: VenueAccess
    standing: dict[str, tuple[str, datetime]] = field(
        default_factory=dict[str, tuple[str, datetime]], compare=False
    )
    """What was last seen of the account's settings, and when."""


@dataclass(slots=True)
class Clients:
    """All clients of this process."""

    accesses: VenueAccesses
    budget: VenueBudget | None = None
    _clients: dict[AccountId, Client] = field(default_factory=dict[AccountId, Client])
    _markets: dict[str, "asyncio.Task[Any]"] = field(
        default_factory=dict[str, "asyncio.Task[Any]"]
    )

    async def client(self, account: AccountId) -> Client:
        """Return the account's client, with its venue's markets.

        Raises:
            NoCredentials: If the account has no keys.
            UnknownExchange: If CCXT has no such venue, or no testnet of it.
            ccxt.BaseError: If the venue's markets cannot be loaded.
        """
        access = await self.accesses.access(account)
        known = self._clients.get(account)
        if known is not None and known.access == access:
            return known
        lender = await self._lender(access)
        made = _made(access, access.credentials.values)
        made.ccxt.set_markets_from_exchange(lender)
        made.ccxt.guard = self._guard(access, made.capabilities)
        self._clients[account] = made
        if known is not None:
            await known.ccxt.close()
        return made

    async def close(self) -> None:
        """Close every connection."""
        lenders = [one.result() for one in self._markets.values() if _succeeded(one)]
        for client in [one.ccxt for one in self._clients.values()] + lenders:
            await client.close()
        self._clients.clear()
        self._markets.clear()

    def _guard(self, access: VenueAccess, capabilities: Capabilities) -> Guard | None:
        if self.budget is None:
            return None
        return Guard(
            budget=self.budget,
            venue=f"{access.exchange}:{access.mode}",
            account=access.account,
            one_writer=capabilities.one_writer,
            limits=capabilities.limits,
        )

    async def _lender(self, access: VenueAccess) -> Any:
        """Return a client that has the venue's markets; loaded once, however many ask."""
        key = json.dumps([access.exchange, access.mode, _tree(access.options)], default=str)
        known = self._markets.get(key)
        if known is None or (known.done() and not _succeeded(known)):
            known = self._markets[key] = asyncio.create_task(_loaded(access))
        return await asyncio.shield(known)


async def _loaded(access: VenueAccess) -> Any:
    client = _made(access, {}).ccxt
    try:
        await client.load_markets()
    except BaseException:
        await client.close()
        raise
    return client


def _made(access: VenueAccess, credentials: Mapping[str, str]) -> Client:
    """Return a client that has loaded nothing yet."""
    # At DEBUG, CCXT writes keys and signed requests to the log.
    logging.getLogger("ccxt.base.exchange").setLevel(logging.WARNING)
    kind = (
        getattr(ccxt, access.exchange, None) if access.exchange in ccxt.exchanges else None
    )
    if kind is None:
        raise UnknownExchange(f"CCXT has no exchange {access.exchange}")
    capabilities = capabilities_of(access.exchange)
    client = guarded(kind)(_configuration(capabilities, access.options, credentials))
    client.capabilities = capabilities
    if access.mode == "testnet":
        try:
            getattr(client, capabilities.testnet_method)(True)  # noqa: FBT003 - its name
        # CCXT fails so where a venue has no testnet.
        except (TypeError, ccxt.NotSupported) as error:
            raise UnknownExchange(f"{access.exchange} has no testnet") from error
    return Client(client, capabilities, access)


def _configuration(
    capabilities: Capabilities, options: Mapping[str, Any], credentials: Mapping[str, str]
) -> dict[str, Any]:
    ours: dict[str, Any] = {
        "enableRateLimit": True,
        "timeout": HTTP_TIMEOUT_MILLISECONDS,
        "number": str,
        "maxRetriesOnFailure": 0,
    }
    if capabilities.window_option is not None:
        milliseconds = int(WINDOW.total_seconds() * 1000)
        ours["options"] = {capabilities.window_option: milliseconds}
    merged = deep_merged(deep_merged(ours, capabilities.options), options)
    forced = {"options": {"maxRetriesOnFailure": 0}, "maxRetriesOnFailure": 0}
    return deep_merged(deep_merged(merged, forced), credentials)


def deep_merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return both as one, ``over`` where they differ, mappings within merged alike."""
    merged = dict(under)
    for name, value in over.items():
        below = merged.get(name)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            merged[name] = deep_merged(below, value)
        else:
            merged[name] = value
    return merged


def _succeeded(task: "asyncio.Task[Any]") -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def _tree(options: Mapping[str, Any]) -> Any:
    return {
        name: _tree(value) if isinstance(value, Mapping) else value
        for name, value in sorted(options.items())
    }
