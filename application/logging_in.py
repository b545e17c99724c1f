"""Logging in, by password and code; proving it again; and one-time links."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from application.ports.access import (
    Codes,
    Link,
    LoginThrottle,
    Passwords,
    Role,
    Session,
    Sessions,
    User,
    UserId,
    Users,
)
from application.ports.clock import Clock
from application.ports.configuration import Author
from application.ports.vault import SecretKind, SecretPlace
from application.secret import Secret
from application.vault import OpenSecret

IDLE = timedelta(hours=2)
LASTS = timedelta(hours=12)
PROVED = timedelta(minutes=10)
"""How long a password that was given counts for what asks for it again."""
LINK_LASTS = timedelta(hours=24)
PASSWORD_SHORTEST, PASSWORD_LONGEST = 12, 1_000
DIFFERENT_LEAST = 5
"""How many different characters a password has at least."""


def digest_of(text: str) -> str:
    """Return what is kept of 256 random bits: their SHA-256, which needs no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()


class LoginRefused(Exception):
    """Nobody is logged in. Does not tell whether the name or the password was wrong."""

    def __init__(self, why: "Refused", wait: timedelta = timedelta()) -> None:
        super().__init__(why.value)
        self.why, self.wait = why, wait


class Refused(Enum):
    """Why somebody is not let in."""

    WRONG = "The name, the password or the code is not right."
    CODE_NEEDED = "This user's authenticator shows a code: it is needed as well."
    WAIT = "Too many attempts."


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What somebody types, and from where."""

    name: str
    password: Secret
    code: str = ""
    address: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn:
    """Let a person in under a session of its own, whatever cookie came along."""

    users: Users
    sessions: Sessions
    throttle: LoginThrottle
    passwords: Passwords
    codes: Codes
    open_secret: OpenSecret
    clock: Clock
    new_token: Callable[[], str]

    async def __call__(self, given: Credentials) -> Secret:
        """Return the id of a new session.

        Raises:
            LoginRefused: If they are not let in.
            TooBusy: If too many passwords are being checked.
        """
        user = await self.checked(given)
        id = self.new_token()
        await self.sessions.begin(digest_of(id), user.id, given.address, given.agent)
        return Secret(id)

    async def again(self, session: Session, given: Credentials) -> None:
        """Let a person who is logged in prove it again.

        Raises:
            LoginRefused: If it is not them.
        """
        user = await self.checked(given)
        if user.id != session.user.id:
            raise LoginRefused(Refused.WRONG)
        await self.sessions.prove(session.digest)

    async def checked(self, given: Credentials) -> User:
        """Return who it is.

        Raises:
            LoginRefused: If it is nobody.
        """
        wait = await self.throttle.attempt(given.name, given.address)
        if wait is not None:
            raise LoginRefused(Refused.WAIT, wait)
        user = await self.users.find(given.name)
        kept = None if user is None or user.disabled else user.password_hash
        right = await self.passwords.verify(kept, given.password)
        if not right or user is None or kept is None:
            raise LoginRefused(Refused.WRONG)
        if user.has_totp:
            await self._check_code(user, given.code)
        if self.passwords.is_outdated(kept):
            await self.users.rehash(user.id, await self.passwords.hash(given.password))
        await self.throttle.succeeded(given.name, given.address)
        return user

    async def _check_code(self, user: User, code: str) -> None:
        if not code.strip():
            raise LoginRefused(Refused.CODE_NEEDED)
        parts = await self.open_secret(SecretPlace(SecretKind.TOTP, user.id))
        secret = parts.get("totp") if parts else None
        step = self.codes.step(secret, code.strip(), self.clock.now()) if secret else None
        # Used up first: the same code, seen over a shoulder, opens nothing a second time.
        if step is None or not await self.users.use_code(user.id, step):
            raise LoginRefused(Refused.WRONG)


def password_problem(password: Secret, name: str) -> str:
    """Return what is wrong with a password that somebody chooses; empty when nothing is."""
    text = password.reveal()
    if len(text) < PASSWORD_SHORTEST:
        return f"The password must have at least {PASSWORD_SHORTEST} characters."
    if len(text) > PASSWORD_LONGEST:
        return f"The password must have at most {PASSWORD_LONGEST:,} characters."
    if name and name.casefold() in text.casefold():
        return "The password must not contain the name."
    if len(set(text)) < DIFFERENT_LEAST:
        return f"The password must have at least {DIFFERENT_LEAST} different characters."
    return ""


class LinkRefused(Exception):
    """The link was used before, is too old, or never was one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enroll:
    """Take in people without a password: the first administrator, and invited ones."""

    users: Users
    passwords: Passwords
    new_token: Callable[[], str]

    async def link(self, user: UserId | None) -> Secret:
        """Return the code of a new one-time link; for nobody, that of the first user."""
        code = self.new_token()
        await self.users.add_link(digest_of(code), user, LINK_LASTS)
        return Secret(code)

    async def first_link(self) -> Secret | None:
        """Return the code with which the first administrator comes in; None with users."""
        return None if await self.users.exist() else await self.link(None)

    async def peek(self, code: Secret) -> tuple[Link, User | None]:
        """Return whose link it is.

        Raises:
            LinkRefused: If it would not work.
        """
        link = await self.users.peek_link(digest_of(code.reveal()))
        if link is None or (link.user is None and await self.users.exist()):
            raise LinkRefused
        return link, await self.users.get(link.user) if link.user is not None else None

    async def __call__(self, code: Secret, name: str, password: Secret) -> None:
        """Use the link up, and keep the password; the name counts for the first user only.

        Raises:
            LinkRefused: If it does not work.
            TooBusy: If too many passwords are being hashed.
        """
        await self.peek(code)
        hashed = await self.passwords.hash(password)
        link = await self.users.use_link(digest_of(code.reveal()))
        if link is None:
            raise LinkRefused
        author = Author(name=name or "invited", source="one-time link")
        if link.user is not None:
            await self.users.set_password(link.user, hashed, author)
        elif await self.users.exist():
            raise LinkRefused
        else:
            await self.users.add(name, Role.ADMIN, hashed, author)
