"""What asks venues, loaded only when a venue is asked.

CCXT takes a second of start-up and 95 MB, which the web, the command line and whoever
trades on paper only need not pay.
"""

from typing import TYPE_CHECKING

from application.ports.broker import ClosingBroker
from application.ports.clock import Clock
from application.ports.market_data import ClosingMarketData
from application.ports.venue_access import VenueAccesses
from application.ports.venue_budget import VenueBudget
from application.ports.venue_check import ClosingVenueCheck

if TYPE_CHECKING:
    from adapters.venue.clients import Clients


def venue_clients(accesses: VenueAccesses, budget: VenueBudget) -> "Clients":
    """Return the connections to every real venue, which all that asks may share."""
    from adapters.venue.clients import Clients  # noqa: PLC0415 - see above

    return Clients(accesses, budget)


def venue_broker(clients: "Clients", clock: Clock) -> ClosingBroker:
    """Return the broker of every real venue."""
    from adapters.broker.ccxt import CcxtBroker  # noqa: PLC0415 - see above

    return CcxtBroker(clients, clock)


def venue_prices(clients: "Clients", clock: Clock) -> ClosingMarketData:
    """Return what asks real venues for prices."""
    from adapters.market_data.ccxt import CcxtMarketData  # noqa: PLC0415 - see above

    return CcxtMarketData(clients, clock)


def venue_check(clients: "Clients", clock: Clock) -> ClosingVenueCheck:
    """Return what asks a venue about an account."""
    from adapters.venue.checking import CcxtVenueCheck  # noqa: PLC0415 - see above

    return CcxtVenueCheck(clients, clock)
