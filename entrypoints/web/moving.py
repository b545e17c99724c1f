"""`/api/v1/accounts/{name}/movements`: deposits, withdrawals and funding."""

from datetime import UTC, datetime
from decimal import Decimal

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import JSONBody, SkipValidation

from application.ports.configuration import ConfigurationStore
from application.ports.movements import Movement, MovementDiffers, MovementKind, Movements
from application.records import AccountId
from entrypoints.web.access import Identity, may_configure
from entrypoints.web.answers import Unusable
from entrypoints.web.parameters import Name
from entrypoints.web.render import exact
from entrypoints.web.requests import MovementIn
from entrypoints.web.schemas import MovementOut

FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
Configuration = SkipValidation[NamedDependency[ConfigurationStore]]
Kept = SkipValidation[NamedDependency[Movements]]
Who = SkipValidation[NamedDependency[Identity]]


@get("/accounts/{name:str}/movements")
async def movements(
    name: Name, configuration: Configuration, moved: Kept
) -> list[MovementOut]:
    """List what came to an account or left it otherwise than by trading, oldest first."""
    account = await _account(configuration, name)
    return [_out(one) for one in await moved.of(account, FIRST, LAST)]


@post("/accounts/{name:str}/movements", guards=[may_configure])
async def record_movement(
    name: Name,
    data: JSONBody[MovementIn],
    configuration: Configuration,
    moved: Kept,
    identity: Who,
) -> MovementOut:
    """Record a movement; with the same reference again nothing is recorded twice."""
    account = await _account(configuration, name)
    movement = _movement(data)
    try:
        await moved.add(account, movement, identity.author(data.reason.strip()))
    except MovementDiffers as error:
        raise ClientException(f"{error}.", status_code=409) from None
    return _out(movement)


async def _account(configuration: ConfigurationStore, name: str) -> AccountId:
    for one in (await configuration.deployed()).accounts:
        if one.config.name == name:
            return one.id
    raise NotFoundException(f"There is no account {name!r}.")


def _movement(data: MovementIn) -> Movement:
    try:
        return Movement(
            kind=MovementKind(data.kind),
            amount=Decimal(data.amount),
            currency=data.currency.strip().upper(),
            at=data.at.astimezone(UTC),
            reference=data.reference.strip(),
        )
    except (OverflowError, ValueError) as error:
        raise Unusable(f"{error}") from None


def _out(one: Movement) -> MovementOut:
    return MovementOut(
        kind=one.kind.value,
        amount=exact(one.amount),
        currency=one.currency,
        at=one.at,
        reference=one.reference,
    )
