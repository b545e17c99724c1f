"""Five further venues: markets as CCXT has them, and answers in each venue's own shape."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.venue.books import Customer
from tests.venue.wire import Request, Response

PERPETUAL = "BTC/USDT:USDT"
SPOT = "BTC/USDT"
IDS = {
    "okx": ("BTC-USDT-SWAP", PERPETUAL, "0.01"),
    "kucoinfutures": ("XBTUSDTM", PERPETUAL, "0.001"),
    "bitget": ("BTCUSDT", PERPETUAL, "1"),
    "gate": ("BTC_USDT", PERPETUAL, "0.0001"),
    "kraken": ("XBTUSDT", SPOT, "1"),
}
HOSTS = (
    "www.okx.com",
    "api.kraken.com",
    "api.kucoin.com",
    "api-futures.kucoin.com",
    "api.bitget.com",
    "api.gateio.ws",
    "fx-api.gateio.ws",
)


def market(exchange: str) -> dict[str, Any]:
    """Return the one market that the venue lists, as CCXT would have loaded it."""
    id, symbol, contract_size = IDS[exchange]
    contract = symbol == PERPETUAL
    whole = "0.001" if exchange in ("bitget", "kraken") else "1"
    return {
        "id": id,
        "symbol": symbol,
        "base": "BTC",
        "quote": "USDT",
        "settle": "USDT" if contract else None,
        "baseId": "BTC",
        "quoteId": "USDT",
        "settleId": "usdt" if exchange == "gate" else "USDT",
        "type": "swap" if contract else "spot",
        "spot": not contract,
        "margin": False,
        "swap": contract,
        "future": False,
        "option": False,
        "contract": contract,
        "linear": True if contract else None,
        "inverse": False if contract else None,
        "contractSize": contract_size if contract else None,
        "active": True,
        "taker": "0.0005",
        "maker": "0.0002",
        "precision": {"amount": whole, "price": "0.1"},
        "limits": {
            "amount": {"min": whole, "max": "100000"},
            "price": {"min": None, "max": None},
            "cost": {"min": None, "max": None},
            "leverage": {"min": "1", "max": "100"},
        },
        "info": {},
    }


@dataclass(slots=True)
class Scripted:
    """A wire that answers from a script: each path with what stands there."""

    answers: dict[str, Any] = field(default_factory=dict[str, Any])
    forgotten: dict[str, Any] = field(default_factory=dict[str, Any])
    """Answers that come with the status 404."""
    status: int = 200
    hosts: frozenset[str] = frozenset(HOSTS)
    customers: dict[str, Customer] = field(default_factory=dict[str, Customer])
    seen: list[Request] = field(default_factory=list[Request])

    def answer(self, request: Request) -> Response:
        """Answer as scripted; 404 where nothing is."""
        self.seen.append(request)
        asked = f"{request.method} {request.path}"
        if asked in self.forgotten:
            return Response(self.forgotten[asked], 404)
        found = self.answers.get(asked)
        if found is None:
            return Response("<html>nothing here</html>", 404)
        return Response(found, self.status if request.method == "POST" else 200)

    def too_many(self, status: int, seconds: int) -> Response:
        """Answer one who asks too often."""
        return Response("", status, {"Retry-After": str(seconds)})

    def closed(self) -> Response:
        """Answer during maintenance."""
        return Response("", 503)

    def sent(self, path: str) -> Mapping[str, Any]:
        """Return what was sent to a path, the newest."""
        return next(one for one in reversed(self.seen) if one.path == path).parameters
