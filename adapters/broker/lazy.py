"""What asks venues, loaded only when a venue is asked.

CCXT takes a second of start-up and 95 MB, which the web, the command line and whoever
trades on paper only need not pay.
"""

from application.ports.broker import ClosingBroker
from application.ports.clock import Clock
from application.ports.venue_access import VenueAccesses
from application.ports.venue_budget import VenueBudget
from application.ports.venue_check import ClosingVenueCheck


def venue_broker(
    accesses: VenueAccesses, budget: VenueBudget, clock: Clock
) -> ClosingBroker:
    """Return the broker of every real venue."""
    from adapters.broker.ccxt import CcxtBroker  # noqa: PLC0415 - see above
    from adapters.venue.clients import Clients  # noqa: PLC0415 - see above

    return CcxtBroker(Clients(accesses, budget), clock)


def venue_check(
    accesses: VenueAccesses, budget: VenueBudget, clock: Clock
) -> ClosingVenueCheck:
    """Return what asks a venue about an account."""
    from adapters.venue.checking import CcxtVenueCheck  # noqa: PLC0415 - see above
    from adapters.venue.clients import Clients  # noqa: PLC0415 - see above

    return CcxtVenueCheck(Clients(accesses, budget), clock)
