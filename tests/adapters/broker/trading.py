"""An account at a simulated venue, and orders to place with the real broker."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from adapters.broker.ccxt import UNDER_WAY, CcxtBroker
from adapters.clock.system import SystemClock
from adapters.venue.clients import Clients
from application.identity import client_order_id
from application.ports.broker import VenueOrder
from application.ports.venue_access import Credentials, NoCredentials, VenueAccess
from application.records import AccountId, DeskAccount, IntentId
from domain.fills import Costs
from domain.instrument import Instrument, Kind, Symbol
from domain.order import Order, OrderEvent, OrderId
from domain.signal import Direction
from tests.venue.simulator import Simulator
from tests.venue.venues import KEY, SECRET, Venues

ACCOUNT = AccountId(1)


@dataclass(slots=True)
class OneAccount:
    """The keys of the one account that tests trade with; none for any other."""

    exchange: str
    options: dict[str, Any]

    async def access(self, account: AccountId) -> VenueAccess:
        if account != ACCOUNT:
            raise NoCredentials(f"account {account} has no keys")
        return VenueAccess(
            account=account,
            exchange=self.exchange,
            mode="live",
            options=self.options,
            credentials=Credentials({"apiKey": KEY, "secret": SECRET, "password": "p"}),
        )


@contextlib.asynccontextmanager
async def trading(
    venues: Venues | Simulator, exchange: str, **options: Any
) -> AsyncIterator[CcxtBroker]:
    """Give a broker whose account is at the simulated venue."""
    simulator = venues.simulator if isinstance(venues, Venues) else venues
    access = OneAccount(exchange, simulator.options | options)
    clients = Clients(access)
    try:
        yield CcxtBroker(clients, SystemClock())
    finally:
        await clients.close()


def instrument(exchange: str) -> Instrument:
    spot = exchange in ("binance", "kraken")
    return Instrument(
        exchange=exchange,
        symbol=Symbol("BTC/USDT" if spot else "BTC/USDT:USDT"),
        kind=Kind.SPOT if spot else Kind.PERPETUAL,
        base="BTC",
        quote="USDT",
        settle="USDT",
        price_tick=Decimal("0.1"),
        quantity_step=Decimal("0.001"),
        quantity_min=Decimal("0.001"),
        notional_min=Decimal(5),
        contract_size=Decimal(1),
        taker_fee=Decimal("0.0005"),
    )


def venue_order(
    exchange: str,
    quantity: str = "0.01",
    *,
    leg: int = 1,
    side: Direction = Direction.LONG,
    reduces: bool = False,
) -> VenueOrder:
    """Return an order that is about to be sent."""
    market = instrument(exchange)
    order = Order(
        id=order_id(leg),
        symbol=market.symbol,
        side=side,
        reduces=reduces,
        quantity=Decimal(quantity),
        decision_price=Decimal(60_000),
    ).after(OrderEvent.SUBMITTED)
    soon = datetime.now(UTC) + UNDER_WAY + timedelta(seconds=10)  # noqa: TID251
    account = DeskAccount(
        id=ACCOUNT,
        name="testnet",
        exchange=exchange,
        mode="testnet",
        currency="USDT",
        start_balance=Decimal(0),
        costs=Costs(),
    )
    return VenueOrder(
        account=account,
        instrument=market,
        order=replace(order, may_arrive_until=soon),
    )


def order_id(leg: int = 1) -> OrderId:
    return client_order_id("installation", IntentId("intent"), leg=leg, generation=1)
