"""Names that only chance can give: of intents, tokens, and this process."""

import os
import socket
from secrets import token_urlsafe
from uuid import uuid4

from application.records import IntentId
from application.secret import Secret


def new_intent_id() -> IntentId:
    """Return a random id, which names one intent for ever, whatever is restored."""
    return IntentId(str(uuid4()))


def new_token() -> str:
    """Return a feed's token: 256 random bits that fit a URL."""
    return Secret(token_urlsafe(32)).reveal()


def owner() -> str:
    """Return a name for this process among all that claim work."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
