"""What a venue tells of an account through CCXT: balances, positions, executions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from adapters.broker.ccxt_answer import Unreadable, number, read_executions
from adapters.venue.clients import Client
from adapters.venue.markets import contract_size
from application.ports.broker import Execution
from domain.instrument import Instrument
from domain.money import ZERO, add, multiply

EXECUTIONS_MAX = 500
"""How many executions are asked for at most."""


async def total(client: Client, currency: str) -> Decimal | None:
    """Return what there is of a currency, free or not.

    Raises:
        Unreadable: If the answer holds no balances.
    """
    raw = await client.ccxt.fetch_balance()
    totals = raw.get("total")
    if not isinstance(totals, Mapping):
        raise Unreadable("the answer holds no balances")
    return number(totals.get(currency)) or ZERO


def signed(raws: Any, symbol: str, contract_size: Decimal) -> Decimal:
    """Return what the positions of a symbol come to in base, short as negative."""
    total = ZERO
    for raw in raws:
        contracts = number(raw.get("contracts")) or ZERO
        if raw.get("symbol") != symbol or contracts == ZERO:
            continue
        size = multiply(contracts, contract_size)
        total = add(total, size if raw.get("side") == "long" else size.copy_negate())
    return total


async def market_executions(
    client: Client, instrument: Instrument, since: datetime
) -> Sequence[Execution]:
    """Return what was executed in a market since then, oldest first, each once.

    Raises:
        Unreadable: If an execution has no id, quantity, price or side.
    """
    symbol = instrument.symbol
    raws = await client.ccxt.fetch_my_trades(
        symbol, int(since.timestamp() * 1000), EXECUTIONS_MAX
    )
    size = contract_size(client.ccxt.market(symbol))
    sides = {str(raw.get("id")): _buys(raw) for raw in raws}
    return [
        Execution(fill=one, buys=sides[one.trade_id])
        for one in read_executions(raws, size, instrument.settle)
        if one.at >= since
    ]


def _buys(raw: Mapping[str, Any]) -> bool:
    if raw.get("side") not in ("buy", "sell"):
        raise Unreadable("an execution that neither buys nor sells")
    return bool(raw["side"] == "buy")
