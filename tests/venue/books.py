"""What a simulated venue keeps of one customer, apart from any wire format."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from tests.venue.market import Market

ZERO = Decimal(0)


class Status(Enum):
    """Where an order stands at the venue; UNTRIGGERED waits for its trigger price."""

    UNTRIGGERED = "UNTRIGGERED"
    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"

    @property
    def is_open(self) -> bool:
        """Say whether more may happen to the order."""
        return self in (Status.UNTRIGGERED, Status.NEW, Status.PARTIALLY_FILLED)


class No(Enum):
    """Why the venue said no; every wire has a code of its own for each."""

    DUPLICATE = "duplicate client order id"
    FUNDS = "insufficient funds"
    MARKET = "no such market"
    MINIMUM = "below the least notional"
    PRECISION = "not on the grid"
    REDUCE_ONLY = "nothing to reduce"
    POSITION_SIDE = "position side does not match the position mode"
    TRIGGERS = "it would trigger at once"
    UNKNOWN_ORDER = "no such order"
    TOO_MUCH = "beyond the largest quantity"
    HAS_POSITION = "position mode cannot change with a position"
    NO_CHANGE = "no need to change"


class Refusal(Exception):
    """The venue's no: the order does not exist."""

    def __init__(self, no: No) -> None:
        super().__init__(no.value)
        self.no = no


@dataclass(slots=True)
class Trade:
    """One execution."""

    id: int
    order: "VenueOrder"
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str
    realized: Decimal
    at: int


@dataclass(slots=True)
class VenueOrder:
    """One order as the venue has it. Times are milliseconds of the venue's clock."""

    id: int
    client_id: str
    market: Market
    buys: bool
    type: str
    quantity: Decimal
    price: Decimal | None
    reduce_only: bool
    at: int
    trigger: Decimal | None = None
    trigger_rises: bool = False
    time_in_force: str = "GTC"
    status: Status = Status.NEW
    filled: Decimal = ZERO
    worth: Decimal = ZERO
    updated: int = 0
    trades: list[Trade] = field(default_factory=list[Trade])

    @property
    def side(self) -> str:
        """Return the side in capitals, as most wires have it."""
        return "BUY" if self.buys else "SELL"

    @property
    def remaining(self) -> Decimal:
        """Return what has not been executed."""
        return self.quantity - self.filled

    @property
    def average(self) -> Decimal:
        """Return the average price of what was executed; 0 before anything was."""
        return self.worth / self.filled if self.filled else ZERO


@dataclass(slots=True)
class Position:
    """What is held of a perpetual: signed quantity, and what it cost (same sign)."""

    quantity: Decimal = ZERO
    cost: Decimal = ZERO

    @property
    def entry(self) -> Decimal:
        """Return the average entry price; 0 when flat."""
        return self.cost / self.quantity if self.quantity else ZERO


@dataclass(slots=True, kw_only=True)
class Customer:
    """One API key with its money: a single wallet, as unified accounts have."""

    key: str
    secret: str
    balances: dict[str, Decimal]
    may_trade: bool = True
    may_withdraw: bool = False
    ip_restricted: bool = True
    hedged: bool = False
    leverage: dict[str, int] = field(default_factory=dict[str, int])
    isolated: set[str] = field(default_factory=set[str])
    positions: dict[str, Position] = field(default_factory=dict[str, Position])
    orders: list[VenueOrder] = field(default_factory=list[VenueOrder])

    def position(self, market: str) -> Position:
        """Return what is held of a perpetual."""
        return self.positions.setdefault(market, Position())

    def by_client_id(self, client_id: str) -> VenueOrder | None:
        """Return the newest order with the id, if there is one."""
        return next(
            (one for one in reversed(self.orders) if one.client_id == client_id), None
        )

    def placed(self, client_id: str) -> int:
        """Return how many orders the venue ever took under the id."""
        return sum(one.client_id == client_id for one in self.orders)

    def trades(self) -> list[Trade]:
        """Return all executions in their order."""
        return sorted(
            (trade for order in self.orders for trade in order.trades),
            key=lambda one: one.id,
        )
