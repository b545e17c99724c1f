"""Real venues through CCXT: an order is placed, refused, not placed, or not known.

A call around the network ends in a value, never in a guess: what the venue's codes do not
prove is `Unknown`, also when CCXT says "rejected" and also when it returns an order without
an id. Nothing is ever sent twice here; trying again is a decision made elsewhere, after a
lookup. A call that is canceled leaves the order as it was kept before: SUBMITTING.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt

from adapters.broker.ccxt_account import market_executions, signed, total
from adapters.broker.ccxt_answer import Unreadable, read_order
from adapters.broker.ccxt_preparing import forget, prepare
from adapters.broker.ccxt_request import Request, request
from adapters.broker.ccxt_telling import acknowledged, asked, bare, further, size_of
from adapters.venue.capabilities import WINDOW, capabilities_of
from adapters.venue.client_id import encode
from adapters.venue.clients import (
    HTTP_TIMEOUT_MILLISECONDS,
    Client,
    Clients,
    UnknownExchange,
)
from adapters.venue.guarded import DEPARTURE, URGENCY, Departure
from adapters.venue.markets import contract_size
from adapters.venue.outcome import BACK_OFF, EXPECTED, Proof, Verdict, evidence, judge
from application.ports.broker import (
    ALREADY_FLAT,
    Acknowledged,
    Answer,
    Execution,
    Lookup,
    NotFound,
    NotPlaced,
    Refused,
    Unknown,
    VenueOrder,
)
from application.ports.clock import Clock
from application.ports.venue_access import NoCredentials
from application.ports.venue_budget import Urgency
from application.records import DeskAccount
from domain.instrument import Instrument, Kind
from domain.money import ZERO

UNDER_WAY = timedelta(milliseconds=HTTP_TIMEOUT_MILLISECONDS) + WINDOW
"""How long a request that has left may still do something at the venue."""
NO_CONNECTION = timedelta(seconds=30)
UNREACHED = (NoCredentials, UnknownExchange, *EXPECTED)


@dataclass(frozen=True, slots=True)
class CcxtBroker:
    """Every venue that CCXT knows."""

    clients: Clients
    clock: Clock

    async def place(self, order: VenueOrder) -> Answer:
        """Send the order, once; what is known of it afterwards."""
        try:
            client = await self.clients.client(order.account.id)
        except UNREACHED as error:
            return NotPlaced(evidence=evidence(error), retry_after=NO_CONNECTION)
        wanted = request(order, client)
        if isinstance(wanted, Refused):
            return wanted
        URGENCY.set(Urgency.EXIT if order.order.reduces else Urgency.ENTRY)
        try:
            unfit = await prepare(client, order, self.clock)
        except (*EXPECTED, Unreadable) as error:
            verdict = judge(error, client.capabilities, left=True)
            return self._unprepared(verdict)
        return unfit or await self._place(client, order, wanted)

    async def find(self, order: VenueOrder) -> Lookup:
        """Ask by our id, in every place where this venue may have the order."""
        URGENCY.set(Urgency.EXIT if order.order.reduces else Urgency.ENTRY)
        try:
            client = await self.clients.client(order.account.id)
        except UNREACHED as error:
            return Unknown(evidence=evidence(error))
        return await self._find(client, order)

    async def cancel(self, order: VenueOrder) -> Lookup:
        """Ask the venue to end the order, then what became of it."""
        URGENCY.set(Urgency.EXIT)
        try:
            client = await self.clients.client(order.account.id)
            await _canceled(client, order)
        except UNREACHED as error:
            # A refused cancel proves nothing: mostly the order is over already.
            refused = evidence(error)
        else:
            refused = ""
        found = await self.find(order)
        if isinstance(found, Unknown) and refused:
            return Unknown(evidence=f"{refused}; {found.evidence}")
        return found

    def rests(self, account: DeskAccount, instrument: Instrument) -> bool:
        """Say whether it is proved that this venue's perpetuals take stops that rest."""
        known = capabilities_of(account.exchange).stops
        return known is not None and instrument.kind is Kind.PERPETUAL

    async def balance(self, account: DeskAccount) -> Decimal | None:
        """Return what is held in the settlement currency, open positions apart."""
        URGENCY.set(Urgency.READ)
        try:
            client = await self.clients.client(account.id)
            return await total(client, account.currency)
        except (*UNREACHED, Unreadable):
            return None

    async def held(self, account: DeskAccount, instrument: Instrument) -> Decimal | None:
        """Return how much of a market is held, short as negative, in base."""
        URGENCY.set(Urgency.READ)
        try:
            client = await self.clients.client(account.id)
            if instrument.kind is Kind.SPOT:
                return await total(client, instrument.base)
            raws = await client.ccxt.fetch_positions([instrument.symbol])
            market = client.ccxt.market(instrument.symbol)
            return signed(raws, instrument.symbol, contract_size(market))
        except (*UNREACHED, Unreadable):
            return None

    async def executions(
        self, account: DeskAccount, instrument: Instrument, since: datetime
    ) -> Sequence[Execution] | None:
        """Return what was executed in a market since then, whoever ordered it."""
        URGENCY.set(Urgency.READ)
        try:
            client = await self.clients.client(account.id)
            return await market_executions(client, instrument, since)
        except (*UNREACHED, Unreadable):
            return None

    async def close(self) -> None:
        """Close every connection."""
        await self.clients.close()

    async def _place(self, client: Client, order: VenueOrder, wanted: Request) -> Answer:
        departure = _departure(order)
        try:
            raw = await _sent(client, wanted, departure)
        except EXPECTED as error:
            verdict = judge(error, client.capabilities, left=departure.left)
            return await self._judged(client, order, verdict)
        try:
            told = read_order(raw, size_of(client, order))
        except Unreadable as error:
            return Unknown(evidence=f"{error}: {str(raw)[:200]}")
        if not told.complete:
            # Some venues acknowledge first and tell the rest when asked.
            found = await self._find(client, order)
            return found if isinstance(found, Acknowledged) else bare(told)
        return await acknowledged(client, order, told)

    async def _judged(self, client: Client, order: VenueOrder, verdict: Verdict) -> Answer:
        match verdict.proof:
            case Proof.REFUSED:
                forget(client)  # what was believed of the account may be why
                return await self._refused(order, verdict)
            case Proof.NOT_PLACED:
                return self._turned_away(verdict)
            case Proof.EXISTS:
                found = await self._find(client, order)
                if isinstance(found, Acknowledged | Refused):
                    return found
                return Unknown(evidence=f"{verdict.text}; {found.evidence}")
            case Proof.UNKNOWN:
                return Unknown(evidence=verdict.text)

    def _unprepared(self, verdict: Verdict) -> Answer:
        """Return what a failed question about settings means: no order has left."""
        if verdict.proof is Proof.REFUSED:
            return Refused(code=verdict.code, text=verdict.text)
        return self._turned_away(verdict)

    async def _refused(self, order: VenueOrder, verdict: Verdict) -> Refused:
        """Return the refusal; a reduction that found nothing to reduce is no failure."""
        flat = order.order.reduces and order.instrument.kind is Kind.PERPETUAL
        if flat and await self.held(order.account, order.instrument) == ZERO:
            return Refused(code=ALREADY_FLAT, text=verdict.text)
        return Refused(code=verdict.code, text=verdict.text)

    def _turned_away(self, verdict: Verdict) -> NotPlaced:
        wait = verdict.wait
        if verdict.banned_until is not None:
            left = verdict.banned_until / 1000 - self.clock.now().timestamp()
            wait = max(BACK_OFF, timedelta(seconds=left))
        return NotPlaced(evidence=verdict.text, retry_after=wait)

    async def _find(self, client: Client, order: VenueOrder) -> Lookup:
        found = await self._by_our_id(client, order)
        known = order.order.venue_order_id
        unsure = isinstance(found, NotFound) and not found.authoritative
        if not unsure or known is None or not client.ccxt.has.get("fetchOrder"):
            return found
        # Some venues forget our id soon after an order is over, and never their own.
        try:
            raw = await client.ccxt.fetch_order(known, order.order.symbol)
            told = read_order(raw, size_of(client, order))
        except ccxt.OrderNotFound:
            return found
        except (*EXPECTED, Unreadable) as error:
            return Unknown(evidence=f"fetch_order {known}: {evidence(error)}")
        return await acknowledged(client, order, told) if told.id == known else found

    async def _by_our_id(self, client: Client, order: VenueOrder) -> Lookup:
        methods: list[str] = []
        for question in client.capabilities.lookups:
            try:
                told = await asked(client, order, question)
            except (*EXPECTED, Unreadable) as error:
                return Unknown(evidence=f"{question.method}: {evidence(error)}")
            if told is not None:
                return await acknowledged(client, order, told)
            methods.append(question.method)
        text = f"no order {order.order.id} by {', '.join(methods)}"
        return NotFound(authoritative=client.capabilities.authoritative, evidence=text)


def _departure(order: VenueOrder) -> Departure:
    latest = order.order.may_arrive_until
    return Departure(None if latest is None else (latest - UNDER_WAY).timestamp() * 1000)


async def _sent(client: Client, wanted: Request, departure: Departure) -> Any:
    token = DEPARTURE.set(departure)
    try:
        return await client.ccxt.create_order(
            wanted.symbol,
            wanted.type,
            wanted.side,
            wanted.amount,
            wanted.price,
            wanted.parameters,
        )
    finally:
        DEPARTURE.reset(token)


async def _canceled(client: Client, order: VenueOrder) -> None:
    id, symbol = order.order.venue_order_id, order.order.symbol
    besides = dict(further(client, order))
    if id is not None:
        await client.ccxt.cancel_order(id, symbol, besides)
        return
    parameter = client.capabilities.cancel_id_parameter
    if parameter is not None:
        besides[parameter] = encode(order.order.id, client.capabilities.encoding)
        await client.ccxt.cancel_order(None, symbol, besides)
