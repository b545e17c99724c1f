"""What programs send. Money, prices and quantities are strings.

What the description of the API says of a field is what is checked: an answer of 400 means
that a request is not as described, 422 that what it says cannot be.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

NO_NUL = r"^[^\x00]*$"
"""PostgreSQL keeps every character but this one."""
Text = Annotated[str, msgspec.Meta(pattern=NO_NUL)]
Reason = Annotated[str, msgspec.Meta(pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
"""Why, for whoever asks later: at least one letter of it."""
ID_MAX = 2**53 - 1
"""What every JSON reader knows exactly."""
Id = Annotated[int, msgspec.Meta(ge=1, le=ID_MAX)]
Amount = Annotated[str, msgspec.Meta(pattern=r"^-?[0-9]{1,20}(\.[0-9]{1,18})?$")]


class Sent(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a program sends. A field that is not known is refused."""


class StateRequest(Sent, kw_only=True):
    """A trading state to set. Without account and bot it is the installation's."""

    state: Literal["active", "reducing", "halted"]
    reason: Reason
    account: Text | None = None
    bot: Text | None = None


class FlattenRequest(Sent, kw_only=True):
    """What to flatten, and why. Without account and bot it is everything."""

    reason: Reason
    account: Text | None = None
    bot: Text | None = None


class ApplyRequest(Sent, kw_only=True):
    """A document to apply. Its ``revisions`` are those that you have looked at."""

    document: dict[str, Any]
    reason: Text = ""
    dry_run: bool = False
    prune: bool = False
    open_positions: Literal["keep", "adopt"] = "keep"


class RollbackRequest(Sent, kw_only=True):
    """Which revision to go back to, and why. ``seen`` is the newest you have looked at."""

    revision: Id
    seen: Id | None = None
    reason: Text = ""
    open_positions: Literal["keep", "adopt"] = "keep"


class KeysRequest(Sent, kw_only=True):
    """Exchange keys by the names that venues give their parts. Written, never read."""

    keys: Annotated[dict[str, Reason], msgspec.Meta(min_length=1)]
    reason: Text = ""


class MovementIn(Sent, kw_only=True):
    """A deposit, a withdrawal, or funding; what was paid as funding is below 0."""

    kind: Literal["deposit", "withdrawal", "funding"]
    amount: Amount
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]{1,20}$")]
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    reference: Reason
    reason: Text = ""
