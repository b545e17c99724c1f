"""`/api/v1/configuration`: `signalman apply` and `export` by JSON."""

from collections.abc import Mapping
from typing import Any

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import ClientException
from litestar.params import FromQuery, JSONBody, SkipValidation

from application.apply_configuration import (
    Applied,
    ApplyConfiguration,
    ConfigurationInvalid,
    in_force,
    revisions_tree,
)
from application.configuration.tree import Source, Tree
from application.configuration.writer import document_tree
from application.ports.configuration import ConfigurationStore, EditRefused
from application.proposal import Wishes
from entrypoints.web.access import Identity, may_configure
from entrypoints.web.answers import Unusable
from entrypoints.web.requests import ApplyRequest
from entrypoints.web.schemas import AppliedOut, ChangeOut, DifferenceOut

Configuration = SkipValidation[NamedDependency[ConfigurationStore]]
Who = SkipValidation[NamedDependency[Identity]]


@get("/configuration")
async def exported(
    configuration: Configuration, *, revisions: FromQuery[bool] = False
) -> dict[str, Any]:
    """Return everything that is deployed, as a document that can be applied again.

    With ``revisions`` it names them, and what was changed since is not overwritten when it
    is applied.
    """
    deployed = await configuration.deployed()
    document = document_tree(in_force(deployed))
    return document | ({"revisions": revisions_tree(deployed)} if revisions else {})


@post("/configuration", status_code=200, guards=[may_configure])
async def apply(
    data: JSONBody[ApplyRequest], apply: NamedDependency[ApplyConfiguration], identity: Who
) -> AppliedOut:
    """Make a document true, whole or not at all; with ``dry_run`` only say what changes.

    Scalars are text, as in the file. ``revisions`` of a document names those that you have
    looked at: where somebody was faster, nothing is changed and the answer is 409.
    """
    wishes = Wishes(prune=data.prune, adopt=data.open_positions == "adopt")
    source = Source(_texts(data.document))
    try:
        if data.dry_run:
            proposal = await apply.preview(source, wishes)
            return applied_out(Applied(proposal=proposal, changed=False))
        await _ask_for_proof(apply, source, wishes, identity)
        return applied_out(
            await apply(source, wishes, identity.author(data.reason.strip()))
        )
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


def applied_out(applied: Applied) -> AppliedOut:
    """Return what was changed, or would be."""
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
