"""`/api/v1/revisions`: what was configured when and by whom, what differs, and back."""

from collections.abc import Sequence
from typing import Annotated

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath, JSONBody, QueryParameter, SkipValidation

from application.apply_configuration import (
    ApplyConfiguration,
    Back,
    ConfigurationInvalid,
    NoSuchRevision,
)
from application.configuration.writer import Change, diff
from application.ports.configuration import (
    ConfigurationStore,
    EditRefused,
    Kind,
    RevisionRow,
)
from application.proposal import Wishes
from application.records import RevisionId
from entrypoints.web.access import Identity, may_configure
from entrypoints.web.answers import Unusable
from entrypoints.web.configuring import applied_out
from entrypoints.web.parameters import Name
from entrypoints.web.requests import ID_MAX, RollbackRequest
from entrypoints.web.schemas import AppliedOut, ChangeOut, RevisionOut

Configuration = SkipValidation[NamedDependency[ConfigurationStore]]
Who = SkipValidation[NamedDependency[Identity]]
Old = Annotated[int, QueryParameter(ge=1, le=ID_MAX)]
New = Annotated[int | None, QueryParameter(ge=1, le=ID_MAX)]


@get("/revisions/{kind:str}/{name:str}")
async def revisions(
    configuration: Configuration, kind: FromPath[Kind], name: Name
) -> list[RevisionOut]:
    """List a thing's revisions, newest first, each with what it changed.

    The installation's own limits are those of ``installation/installation``.
    """
    rows = await _history(configuration, kind, name)
    return [
        RevisionOut(
            revision=row.id,
            at=row.at,
            author=row.author.name,
            source=row.author.source,
            reason=row.author.reason,
            configuration=dict(row.tree),
            changes=_changes(diff(before.tree, row.tree) if before else ()),
        )
        for row, before in zip(rows, [*rows[1:], None], strict=True)
    ]


@get("/revisions/{kind:str}/{name:str}/diff")
async def difference(
    configuration: Configuration,
    kind: FromPath[Kind],
    name: Name,
    old: Old,
    new: New = None,
) -> list[ChangeOut]:
    """Say what differs between any two revisions; without ``new``, the newest."""
    rows = await _history(configuration, kind, name)
    before = _one(rows, old)
    after = rows[0] if new is None else _one(rows, new)
    return _changes(diff(before.tree, after.tree))


@post("/revisions/{kind:str}/{name:str}/rollback", status_code=200, guards=[may_configure])
async def roll_back(
    kind: FromPath[Kind],
    name: Name,
    data: JSONBody[RollbackRequest],
    apply: NamedDependency[ApplyConfiguration],
    identity: Who,
) -> AppliedOut:
    """Give a thing the settings of an earlier revision; that is a new revision."""
    identity.must_have_proved()  # earlier settings may have wider limits
    wishes = Wishes(adopt=data.open_positions == "adopt")
    author = identity.author(data.reason.strip())
    seen = None if data.seen is None else RevisionId(data.seen)
    back = Back(RevisionId(data.revision), seen)
    try:
        return applied_out(await apply.roll_back(kind, name, back, wishes, author))
    except NoSuchRevision as error:
        raise NotFoundException(f"{error}.") from None
    except ConfigurationInvalid as error:
        raise Unusable("; ".join(map(str, error.problems))) from None
    except EditRefused as error:
        raise ClientException(str(error), status_code=409) from None


async def _history(
    configuration: ConfigurationStore, kind: Kind, name: str
) -> Sequence[RevisionRow]:
    rows = await configuration.history(kind, name)
    if not rows:
        raise NotFoundException(f"There is no {kind.value} {name!r}, or it never changed.")
    return rows


def _one(rows: Sequence[RevisionRow], number: int) -> RevisionRow:
    for row in rows:
        if row.id == number:
            return row
    raise NotFoundException(f"{rows[0].kind.value} {rows[0].name} has no {number}.")


def _changes(changes: Sequence[Change]) -> list[ChangeOut]:
    return [ChangeOut(path=path, old=old, new=new) for path, old, new in changes]
