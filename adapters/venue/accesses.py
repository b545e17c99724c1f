"""How accounts reach their venues: options from the configuration, keys from the vault."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from application.configuration.values import Mode
from application.ports.clock import Clock
from application.ports.configuration import ConfigurationStore
from application.ports.vault import CannotOpen, SecretKind, SecretPlace
from application.ports.venue_access import Credentials, NoCredentials, VenueAccess
from application.records import AccountId
from application.vault import OpenSecret

FRESH = timedelta(seconds=10)
"""How long an account's options and keys are used without being read again."""
WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(slots=True)
class DeployedAccesses:
    """The accounts that are configured, with the keys that were sealed for them."""

    configuration: ConfigurationStore
    open_secret: OpenSecret
    clock: Clock
    _read: dict[AccountId, tuple[datetime, VenueAccess]] = field(
        default_factory=dict[AccountId, tuple[datetime, VenueAccess]]
    )

    async def access(self, account: AccountId) -> VenueAccess:
        """Return how the account's venue is reached."""
        now = self.clock.now()
        known = self._read.get(account)
        if known is not None and now - known[0] < FRESH:
            return known[1]
        read = await self._access(account)
        self._read[account] = (now, read)
        return read

    async def _access(self, account: AccountId) -> VenueAccess:
        deployed = await self.configuration.deployed()
        config = next((one.config for one in deployed.accounts if one.id == account), None)
        if config is None:
            raise NoCredentials(f"there is no account {account}")
        return VenueAccess(
            account=account,
            exchange=config.exchange,
            mode=config.mode,
            options=typed(config.options),
            credentials=await self._credentials(account, config.name, config.mode),
        )

    async def _credentials(self, account: AccountId, name: str, mode: Mode) -> Credentials:
        if mode == "paper":
            return Credentials({})
        try:
            parts = await self.open_secret(SecretPlace(SecretKind.ACCOUNT, account))
        except CannotOpen as error:
            raise NoCredentials(str(error)) from error
        if parts is None:
            text = f"account {name} has no keys: signalman account set-keys {name}"
            raise NoCredentials(text)
        return Credentials({part: secret.reveal() for part, secret in parts.items()})


def typed(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as CCXT wants them: a file's scalars are text, its options are not."""
    return {name: _typed(value) for name, value in options.items()}


def _typed(value: Any) -> Any:
    match value:
        case Mapping():
            return typed(value)
        case str() if value.casefold() in WORDS:
            return WORDS[value.casefold()]
        case str() if value.isascii() and value.removeprefix("-").isdigit():
            return int(value)
        case list() | tuple():
            return [_typed(one) for one in value]
        case _:
            return value
