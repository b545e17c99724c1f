"""`/api/v1/configuration` and the revisions of bots: `signalman apply` by JSON."""

from collections.abc import Mapping
from typing import Any

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import JSONBody, SkipValidation

from application.apply_configuration import (
    Applied,
    ApplyConfiguration,
    ConfigurationInvalid,
    NoSuchRevision,
    in_force,
)
from application.configuration.tree import Source, Tree
from application.configuration.writer import diff, document_tree
from application.ports.configuration import ConfigurationStore, EditRefused, Kind
from application.proposal import Wishes
from application.records import RevisionId
from entrypoints.web.access import Identity, may_configure
from entrypoints.web.answers import Unusable
from entrypoints.web.parameters import Name
from entrypoints.web.requests import ApplyRequest, RollbackRequest
from entrypoints.web.schemas import AppliedOut, ChangeOut, DifferenceOut, RevisionOut

Configuration = SkipValidation[NamedDependency[ConfigurationStore]]
Who = SkipValidation[NamedDependency[Identity]]


@get("/configuration")
async def exported(configuration: Configuration) -> dict[str, Any]:
    """Return everything that is deployed, as a document that can be applied again."""
    return dict(document_tree(in_force(await configuration.deployed())))


@post("/configuration", status_code=200, guards=[may_configure])
async def apply(
    data: JSONBody[ApplyRequest], apply: NamedDependency[ApplyConfiguration], identity: Who
) -> AppliedOut:
    """Make a document true, whole or not at all; with ``dry_run`` only say what changes.

    Scalars are text, as in the file. ``expected`` names the revisions of the bots that you
    have looked at: where somebody was faster, nothing is changed and the answer is 409.
    """
    wishes = Wishes(
        prune=data.prune,
        adopt=data.open_positions == "adopt",
        expected={name: RevisionId(number) for name, number in data.expected.items()},
    )
    source = Source(_texts(data.document))
    try:
        if data.dry_run:
            proposal = await apply.preview(source, wishes)
            return _applied(Applied(proposal=proposal, changed=False))
        await _ask_for_proof(apply, source, wishes, identity)
        return _applied(await apply(source, wishes, identity.author(data.reason.strip())))
    except ConfigurationInvalid as error:
        raise Unusable("; ".join(map(str, error.problems))) from None
    except EditRefused as error:
        raise ClientException(str(error), status_code=409) from None


@get("/bots/{name:str}/revisions")
async def revisions(configuration: Configuration, name: Name) -> list[RevisionOut]:
    """List a bot's revisions, newest first, each with what it changed."""
    rows = await configuration.history(Kind.BOT, name)
    if not rows:
        raise NotFoundException(f"There is no bot {name!r}.")
    return [
        RevisionOut(
            revision=row.id,
            at=row.at,
            author=row.author.name,
            source=row.author.source,
            reason=row.author.reason,
            configuration=dict(row.tree),
            changes=[
                ChangeOut(path=path, old=old, new=new)
                for path, old, new in (diff(before.tree, row.tree) if before else ())
            ],
        )
        for row, before in zip(rows, [*rows[1:], None], strict=True)
    ]


@post("/bots/{name:str}/rollback", status_code=200, guards=[may_configure])
async def roll_back(
    name: Name,
    data: JSONBody[RollbackRequest],
    apply: NamedDependency[ApplyConfiguration],
    identity: Who,
) -> AppliedOut:
    """Give a bot the settings of an earlier revision; that is a new revision."""
    identity.must_have_proved()  # earlier settings may have wider limits
    wishes = Wishes(adopt=data.open_positions == "adopt")
    author = identity.author(data.reason.strip())
    try:
        return _applied(
            await apply.roll_back(name, RevisionId(data.revision), wishes, author)
        )
    except NoSuchRevision as error:
        raise NotFoundException(f"{error}.") from None
    except ConfigurationInvalid as error:
        raise Unusable("; ".join(map(str, error.problems))) from None
    except EditRefused as error:
        raise ClientException(str(error), status_code=409) from None


async def _ask_for_proof(
    apply: ApplyConfiguration, source: Source, wishes: Wishes, identity: Identity
) -> None:
    """Ask a person for the password once more where limits or real money are changed."""
    if not identity.has_proved and (await apply.preview(source, wishes)).touches_brakes:
        identity.must_have_proved()


def _texts(value: object) -> Tree:
    """Return a document as its file would be read: every scalar is text."""
    match value:
        case None | str():
            return value
        case bool():
            return "yes" if value else "no"
        case Mapping():
            return {str(name): _texts(branch) for name, branch in value.items()}
        case list():
            return [_texts(item) for item in value]
        case _:
            return str(value)


def _applied(applied: Applied) -> AppliedOut:
    return AppliedOut(
        changed=applied.changed,
        differences=[
            DifferenceOut(
                kind=one.kind.value,
                name=one.name,
                verb=one.verb.value,
                note=one.note,
                changes=[
                    ChangeOut(path=path, old=old, new=new) for path, old, new in one.changes
                ],
            )
            for one in applied.proposal.differences
        ],
        obstacles=list(applied.proposal.obstacles),
        webhook_paths=dict(applied.webhook_paths),
    )
