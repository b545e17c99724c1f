"""Who may come in: users, their sessions, programs' tokens, one-time links, throttling.

Nothing here is kept as it was given: tokens, session ids and links are kept as SHA-256.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import NewType, Protocol

from application.ports.configuration import Author
from application.secret import Secret

UserId = NewType("UserId", int)
TokenId = NewType("TokenId", int)


class Permission(Enum):
    """What somebody may do; a token's scopes are these words."""

    READ = "read"
    """See everything but secrets."""
    TRADE = "trade"
    """Set trading states, flatten, answer what asks for approval."""
    CONFIGURE = "configure"
    """Change feeds, accounts and bots."""
    ADMIN = "admin"
    """Users, tokens, exchange keys and live mode."""


class Role(Enum):
    """What a person is here for; each may do what the one before may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def permissions(self) -> frozenset[Permission]:
        """Return what the role may do."""
        return _MAY[self]


_MAY = {
    Role.VIEWER: frozenset({Permission.READ}),
    Role.OPERATOR: frozenset({Permission.READ, Permission.TRADE, Permission.CONFIGURE}),
    Role.ADMIN: frozenset(Permission),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person. ``password_hash`` is None until it was set through a one-time link."""

    id: UserId
    name: str
    role: Role
    password_hash: str | None
    has_totp: bool
    disabled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser that a person logged in with. ``digest`` is what is kept of its id."""

    digest: str
    user: User
    address: str
    agent: str
    created_at: datetime
    seen_at: datetime
    proved_at: datetime
    """When the password was last given, at login or again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A program that may come in."""

    id: TokenId
    name: str
    scopes: frozenset[Permission]
    author: str
    created_at: datetime
    used_at: datetime | None
    revoked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A one-time link. Without a user it lets somebody become the first administrator."""

    user: UserId | None
    expires_at: datetime


class NameTaken(Exception):
    """There is a user or a token of this name already."""


class Users(Protocol):
    """People, and links for those who have no password yet."""

    async def exist(self) -> bool:
        """Say whether there is any user, disabled ones included."""
        ...

    async def add(
        self, name: str, role: Role, password_hash: str | None, author: Author
    ) -> UserId:
        """Keep a new user, and audit it.

        Raises:
            NameTaken: If there is one of this name, in whatever letters.
        """
        ...

    async def find(self, name: str) -> User | None:
        """Return a user by name, in whatever letters; None when there is none."""
        ...

    async def get(self, id: UserId) -> User | None:
        """Return a user by id."""
        ...

    async def all(self) -> Sequence[User]:
        """Return all users, by name."""
        ...

    async def set_password(self, id: UserId, password_hash: str, author: Author) -> None:
        """Keep a new password, audit that, and end every session of the user."""
        ...

    async def rehash(self, id: UserId, password_hash: str) -> None:
        """Keep the same password, hashed by today's parameters."""
        ...

    async def set_role(self, id: UserId, role: Role, author: Author) -> None:
        """Change the role, audit that, and end every session of the user."""
        ...

    async def disable(self, id: UserId, author: Author) -> None:
        """Shut a user out for good, audit that, and end every session."""
        ...

    async def use_code(self, id: UserId, step: int) -> bool:
        """Use up a one-time code's time step; false if it, or a later one, was used."""
        ...

    async def set_totp(self, id: UserId, author: Author, *, on: bool) -> None:
        """Keep whether codes are asked for, and audit that."""
        ...

    async def add_link(self, digest: str, user: UserId | None, lasts: timedelta) -> None:
        """Keep a link; earlier ones for the same purpose stop working."""
        ...

    async def use_link(self, digest: str) -> Link | None:
        """Use up a link; None when it is unknown, used or too old."""
        ...

    async def peek_link(self, digest: str) -> Link | None:
        """Return a link that would still work, without using it up."""
        ...


class Sessions(Protocol):
    """Browsers that are logged in, on the database's clock."""

    async def begin(self, digest: str, user: UserId, address: str, agent: str) -> None:
        """Keep a new session, and audit the login."""
        ...

    async def find(self, digest: str, idle: timedelta, lasts: timedelta) -> Session | None:
        """Return a session that is still good, and note that it was seen; else None."""
        ...

    async def prove(self, digest: str) -> None:
        """Note that the password was given again."""
        ...

    async def end(self, digest: str) -> None:
        """End one session; nothing when it has ended."""
        ...

    async def end_all(self, user: UserId) -> int:
        """End all sessions of a user; return how many there were."""
        ...

    async def of(self, user: UserId) -> Sequence[Session]:
        """Return the sessions of a user, the one seen last first."""
        ...


class ApiTokens(Protocol):
    """Programs that may come in."""

    async def add(
        self, name: str, digest: str, scopes: frozenset[Permission], author: Author
    ) -> None:
        """Keep a new token, and audit it.

        Raises:
            NameTaken: If there is one of this name that is not revoked.
        """
        ...

    async def find(self, digest: str) -> ApiToken | None:
        """Return a token that is not revoked, and note that it was used."""
        ...

    async def all(self) -> Sequence[ApiToken]:
        """Return all tokens, by name, revoked ones last."""
        ...

    async def revoke(self, name: str, author: Author) -> bool:
        """Let a token in no more, and audit that; false when there is none."""
        ...


class LoginThrottle(Protocol):
    """How long somebody must wait after wrong passwords, for a name and for an address."""

    async def attempt(self, name: str, address: str) -> timedelta | None:
        """Count an attempt before it is checked; return how long to wait instead, if so.

        Counting comes first, so that guesses made at the same time count as well.
        """
        ...

    async def succeeded(self, name: str, address: str) -> None:
        """Forget what was counted."""
        ...


class TooBusy(Exception):
    """More passwords wait to be checked than memory is set aside for. Try again."""


class Passwords(Protocol):
    """Hashing that is slow on purpose; it never holds up the event loop."""

    async def hash(self, password: Secret) -> str:
        """Return the hash to keep.

        Raises:
            TooBusy: If too many wait already.
        """
        ...

    async def verify(self, kept: str | None, password: Secret) -> bool:
        """Say whether it is the password; False for None, in the same time.

        Raises:
            TooBusy: If too many wait already.
        """
        ...

    def is_outdated(self, kept: str) -> bool:
        """Say whether the hash was made by weaker parameters than today's."""
        ...


class Codes(Protocol):
    """Time-based one-time codes (RFC 6238)."""

    def new_secret(self) -> Secret:
        """Return what an authenticator is set up with."""
        ...

    def uri(self, secret: Secret, name: str) -> Secret:
        """Return the address that an authenticator scans."""
        ...

    def step(self, secret: Secret, code: str, at: datetime) -> int | None:
        """Return the time step that a code is right for, one either way; else None."""
        ...
