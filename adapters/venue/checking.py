"""What CCXT tells of an account: each question answered in a line, with its fix."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import aiohttp
import ccxt.async_support as ccxt

from adapters.venue.capabilities import Capabilities, LeverageWay, ModeProbe
from adapters.venue.clients import Client, Clients, UnknownExchange
from adapters.venue.markets import limit, listed_instrument
from adapters.venue.outcome import evidence
from application.ports.clock import Clock
from application.ports.venue_access import NoCredentials
from application.ports.venue_check import BotNeeds, Health, VenueFinding
from application.records import AccountId
from domain.instrument import Kind
from domain.money import ONE

OFFSET_WARN, OFFSET_BAD = 500, 1000
"""Milliseconds between the venue's clock and ours."""
FAILED = (ccxt.BaseError, aiohttp.ClientError, OSError, LookupError, TypeError, ValueError)
Findings = list[VenueFinding]


@dataclass(frozen=True, slots=True)
class CcxtVenueCheck:
    """Asks a venue by an account's own client."""

    clients: Clients
    clock: Clock

    async def check(
        self, account: AccountId, needs: Sequence[BotNeeds]
    ) -> Sequence[VenueFinding]:
        """Ask everything; without keys or markets there is one finding only."""
        try:
            client = await self.clients.client(account)
        except (NoCredentials, UnknownExchange) as error:
            return [_bad("keys", str(error), "signalman account set-keys NAME")]
        except FAILED as error:
            return [_bad("venue", evidence(error), "check the network and `options`")]
        questions: list[tuple[str, Callable[[], Awaitable[Findings]]]] = [
            ("keys", lambda: _keys(client)),
            ("rights", lambda: _rights(client)),
            ("clock", lambda: self._clock_offset(client)),
            ("position mode", lambda: _position_mode(client, needs)),
        ]
        found: Findings = []
        for name, ask in questions:
            try:
                found += await ask()
            except FAILED as error:
                found.append(_bad(name, evidence(error), "see the venue's own message"))
        found.append(_lookups(client.capabilities))
        for need in needs:
            found += _market(client, need)
        return found

    async def close(self) -> None:
        """Close every connection."""
        await self.clients.close()

    async def _clock_offset(self, client: Client) -> Findings:
        before = self.clock.now()
        theirs = await client.ccxt.fetch_time()
        after = self.clock.now()
        ours = (before.timestamp() + after.timestamp()) / 2 * 1000
        offset = round(theirs - ours)
        detail = f"the venue's clock is {offset:+d} ms from ours"
        if abs(offset) < OFFSET_WARN:
            return [_good("clock", detail)]
        fix = "let the machine keep its time (chrony, systemd-timesyncd)"
        mild = abs(offset) < OFFSET_BAD
        return [_warn("clock", detail, fix) if mild else _bad("clock", detail, fix)]


async def _keys(client: Client) -> Findings:
    try:
        raw = await client.ccxt.fetch_balance()
    except ccxt.AuthenticationError as error:
        fix = "signalman account set-keys NAME, with keys of this very venue and mode"
        return [_bad("keys", evidence(error), fix)]
    held = {
        asset: total for asset, total in raw["total"].items() if Decimal(str(total or 0))
    }
    shown = ", ".join(f"{total} {asset}" for asset, total in sorted(held.items())[:4])
    if held:
        return [_good("keys", f"the venue knows them; it holds {shown}")]
    return [_warn("keys", "the venue knows them; the account is empty", "pay something in")]


async def _rights(client: Client) -> Findings:
    rights = client.capabilities.rights
    unknown = "the venue does not tell what a key may do"
    advice = "look at the key on the venue's page: it must not withdraw, only this machine"
    if rights is None or (client.access.mode == "testnet" and rights.live_only):
        return [_warn("withdrawal", unknown, advice)]
    raw = await getattr(client.ccxt, rights.method)()
    said = _at(raw, rights.withdraw)
    may = rights.withdraw_word in said if rights.withdraw_word else bool(said)
    found = [
        _bad("withdrawal", "the key may withdraw", "make a key that may only trade")
        if may
        else _good("withdrawal", "the key may not withdraw")
    ]
    addresses = _at(raw, rights.ips)
    bound = bool(addresses) and addresses != ["*"]
    found.append(
        _good("address", "the key is bound to an address")
        if bound
        else _warn(
            "address", "the key works from anywhere", "bind it to this machine's address"
        )
    )
    return found


def _at(raw: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        raw = raw[name]
    return raw


async def _position_mode(client: Client, needs: Sequence[BotNeeds]) -> Findings:
    symbols = [one.instrument.symbol for one in needs]
    perpetual = [
        one.instrument.symbol for one in needs if one.instrument.kind is Kind.PERPETUAL
    ]
    if symbols and not perpetual:
        return []
    hedged = await is_hedged(client, perpetual[0] if perpetual else None)
    if hedged is None:
        return [_good("position mode", "there is nothing to ask for without a bot")]
    if not hedged:
        return [_good("position mode", "one-way")]
    return [_bad("position mode", "hedge mode, in which no order of ours fits", HEDGE_FIX)]


HEDGE_FIX = (
    "close every position there, then choose one-way mode in the venue's own settings"
)


async def is_hedged(client: Client, symbol: str | None) -> bool | None:
    """Say whether the account is in hedge mode; None where that cannot be asked."""
    match client.capabilities.position_mode:
        case ModeProbe.ALWAYS_ONE_WAY:
            return False
        case ModeProbe.ASKED:
            raw = await client.ccxt.fetch_position_mode(symbol)
            return bool(raw["hedged"])
        case ModeProbe.SHOWN_BY_POSITIONS:
            if symbol is None:
                return None
            positions = await client.ccxt.fetch_positions([symbol])
            return any(bool(one.get("hedged")) for one in positions)


def _lookups(capabilities: Capabilities) -> VenueFinding:
    if capabilities.authoritative:
        return _good("lookup", "an order whose answer is lost can be found by our id")
    return _warn(
        "lookup",
        "the venue cannot tell for certain that an order does not exist",
        "an order whose answer is lost may need you: signalman orders",
    )


def _market(client: Client, need: BotNeeds) -> Findings:
    name, symbol = f"bot {need.bot}", need.instrument.symbol
    market = client.ccxt.markets.get(symbol)
    if market is None or market.get("active") is False:
        fix = "choose a market that the venue trades"
        return [_bad(name, f"the venue does not trade {symbol}", fix)]
    found = [*_minimums(name, market, need), _stops(client, name, market, need)]
    if need.instrument.kind is Kind.PERPETUAL:
        found.append(_leverage(client.capabilities, name, need))
    return found


def _minimums(name: str, market: dict[str, Any], need: BotNeeds) -> Findings:
    least = limit(market, "limits", "cost", "min")
    told = f"{need.instrument.symbol}: least notional {least or 'not told'}"
    found: Findings = []
    if need.notional is not None and least is not None and need.notional < least:
        detail = f"{told}, the bot's first entry is {need.notional:f}"
        found.append(_bad(name, detail, "raise sizing.amount"))
    else:
        found.append(_good(name, told))
    most = limit(market, "limits", "leverage", "max")
    if most is not None and most > ONE and need.leverage > most:
        detail = f"the venue's most leverage is {most:f}, the bot asks {need.leverage:f}"
        found.append(_bad(name, detail, "lower leverage"))
    told_now = listed_instrument(need.instrument.exchange, market)
    if told_now is not None and _differs(told_now, need):
        found.append(_warn(name, "tick or step differ from ours", "signalman worker syncs"))
    return found


def _leverage(capabilities: Capabilities, name: str, need: BotNeeds) -> VenueFinding:
    wanted = f"{need.leverage:f}x"
    match capabilities.leverage:
        case LeverageWay.SET:
            return _good(name, f"leverage {wanted} is set before its first entry")
        case LeverageWay.WITH_ORDER:
            return _good(name, f"leverage {wanted} goes with every order")
        case LeverageWay.THEIRS:
            detail = f"leverage stays as the venue has it; the bot counts on {wanted}"
            return _warn(name, detail, f"set {need.instrument.symbol} to {wanted} there")


def _differs(told: Any, need: BotNeeds) -> bool:
    ours = need.instrument
    return bool(
        told.price_tick != ours.price_tick or told.quantity_step != ours.quantity_step
    )


def _stops(
    client: Client, name: str, market: dict[str, Any], need: BotNeeds
) -> VenueFinding:
    kind = "spot" if market.get("spot") else "swap"
    told = client.ccxt.features.get(kind) or {}
    told = told if kind == "spot" else (told.get("linear") or {})
    rests = bool((told.get("createOrder") or {}).get("stopLossPrice"))
    if rests and not need.has_stop:
        return _good(name, "the venue takes stops; the bot asks for none")
    if not need.has_stop:
        return _good(name, "the bot asks for no stop")
    return _warn(
        name,
        "the stop is held by this program's watchdog, on the prices of alerts",
        "keep the worker running",
    )


def _good(name: str, detail: str) -> VenueFinding:
    return VenueFinding(name=name, health=Health.GOOD, detail=detail)


def _warn(name: str, detail: str, fix: str) -> VenueFinding:
    return VenueFinding(name=name, health=Health.WARN, detail=detail, fix=fix)


def _bad(name: str, detail: str, fix: str) -> VenueFinding:
    return VenueFinding(name=name, health=Health.BAD, detail=detail, fix=fix)
