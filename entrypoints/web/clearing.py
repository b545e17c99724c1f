"""`/api/v1/accounts/{name}/clearance`: what lets an account trade at a real venue."""

from datetime import datetime

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath, JSONBody, SkipValidation

from application.clearing import obstacle
from application.ports.clearances import Clearance, Clearances
from entrypoints.web.access import Identity, may_admin_proved
from entrypoints.web.answers import Unusable
from entrypoints.web.requests import Reason, Sent, Text

Kept = SkipValidation[NamedDependency[Clearances]]
Who = SkipValidation[NamedDependency[Identity]]


class ConfirmRequest(Sent, kw_only=True):
    """That real money may be traded: the account's name once more, and why."""

    account: Text
    reason: Reason


class FindingOut(msgspec.Struct, kw_only=True):
    """One line of an account's test."""

    name: str
    health: str
    detail: str
    fix: str


class ClearanceOut(msgspec.Struct, kw_only=True):
    """What is known of an account; ``not_cleared`` says why it may open nothing."""

    account: str
    exchange: str
    mode: str
    reason: str | None
    not_cleared: str | None
    keys_at: datetime | None
    tested_at: datetime | None
    test_counts: bool
    """Whether the kept test is one of the keys and options in force."""
    findings: list[FindingOut]
    confirmed_by: str | None
    confirmed_at: datetime | None


@get("/accounts/{name:str}/clearance")
async def clearance(name: FromPath[str], clearances: Kept) -> ClearanceOut:
    """Show what lets the account trade, or what is missing for it."""
    return clearance_out(await _named(name, clearances))


@post("/accounts/{name:str}/live", status_code=200, guards=[may_admin_proved])
async def confirm_live(
    name: FromPath[str], data: JSONBody[ConfirmRequest], clearances: Kept, identity: Who
) -> ClearanceOut:
    """Let an account in live mode trade real money; its name is given once more."""
    account = await _named(name, clearances)
    if data.account != name:
        message = f"Real money would be traded: account must be {name!r}."
        raise Unusable(message)
    if not await clearances.confirm(account.account, identity.author(data.reason.strip())):
        message = f"{name} is not in live mode, or was confirmed before."
        raise ClientException(message, status_code=409)
    return clearance_out(await _named(name, clearances))


@delete("/accounts/{name:str}/live", status_code=204, guards=[may_admin_proved])
async def revoke_live(name: FromPath[str], clearances: Kept, identity: Who) -> None:
    """Take the confirmation back: the account opens nothing any more."""
    await clearances.revoke((await _named(name, clearances)).account, identity.author())


def clearance_out(one: Clearance) -> ClearanceOut:
    """Return what is known as the API writes it."""
    finding = one.vetting.not_cleared
    return ClearanceOut(
        account=one.name,
        exchange=one.exchange,
        mode=one.mode,
        reason=finding.reason.value if finding else None,
        not_cleared=obstacle(one) or None,
        keys_at=one.keys_at,
        tested_at=one.tested_at,
        test_counts=one.vetting.failed is not None,
        findings=[
            FindingOut(
                name=line.name, health=line.health.value, detail=line.detail, fix=line.fix
            )
            for line in one.findings
        ],
        confirmed_by=one.confirmed_by,
        confirmed_at=one.confirmed_at,
    )


async def _named(name: str, clearances: Clearances) -> Clearance:
    for one in await clearances.all():
        if one.name == name:
            return one
    raise NotFoundException(f"There is no account {name!r} at a real venue.")
