"""Names that are derived, so that doing a thing again finds what was done before."""

from hashlib import sha256

from application.records import IntentId
from domain.order import OrderId

BYTES = 16


def client_order_id(
    installation: str, intent: IntentId, *, leg: int, generation: int
) -> OrderId:
    """Return 128 bits as 32 hexadecimal characters, the same for the same order always.

    ``installation`` includes the epoch, so a restored backup never repeats an id.
    """
    text = f"{installation}|{intent}|{leg}|{generation}"
    return OrderId(sha256(text.encode()).digest()[:BYTES].hex())
