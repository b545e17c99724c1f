"""What was configured when, by whom and why; any two side by side, and the way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath, FromQuery, SkipValidation, URLEncodedBody
from litestar.response import Redirect, Template

from adapters.configuration.yaml_file import write_yaml
from application.apply_configuration import (
    ApplyConfiguration,
    Back,
    ConfigurationInvalid,
    NoSuchRevision,
)
from application.configuration.tree import Tree
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
from entrypoints.web.pages.frame import Frame

Framed = SkipValidation[NamedDependency[Frame]]
Configuration = SkipValidation[NamedDependency[ConfigurationStore]]
Who = SkipValidation[NamedDependency[Identity]]


class Line(NamedTuple):
    """One setting, before and after, as text."""

    path: str
    old: str | None
    new: str | None


class Past(NamedTuple):
    """A revision, and what it changed."""

    row: RevisionRow
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class GoBack:
    """What the form asks for; ``seen`` is the newest revision that the page showed."""

    revision: int
    seen: int
    reason: str = ""
    adopt: str = ""


@get("/revisions/{kind:str}/{name:str}", include_in_schema=False)
async def revisions(  # noqa: PLR0913, PLR0917 - each is a part that the page shows
    kind: FromPath[Kind],
    name: FromPath[str],
    frame: Framed,
    configuration: Configuration,
    old: FromQuery[int | None] = None,
    new: FromQuery[int | None] = None,
) -> Template:
    """Show a thing's revisions, and what differs between two of them."""
    rows = await configuration.history(kind, name)
    if not rows:
        raise NotFoundException(f"There is no {kind.value} {name!r}, or it never changed.")
    after = _one(rows, new) if new is not None else rows[0]
    before = _one(rows, old) if old is not None else rows[min(1, len(rows) - 1)]
    context = {
        "frame": frame,
        "kind": kind.value,
        "name": name,
        "title": "Limits of everything" if kind is Kind.INSTALLATION else name,
        "past": [
            Past(row, _lines(diff(earlier.tree, row.tree) if earlier else ()))
            for row, earlier in zip(rows, [*rows[1:], None], strict=True)
        ],
        "before": before,
        "after": after,
        "newest": rows[0],
        "lines": _lines(diff(before.tree, after.tree)),
        "settings": write_yaml(dict(before.tree)),
    }
    return Template("revisions.html", context=context)


@post("/revisions/{kind:str}/{name:str}", include_in_schema=False, guards=[may_configure])
async def go_back(
    kind: FromPath[Kind],
    name: FromPath[str],
    data: URLEncodedBody[GoBack],
    identity: Who,
    apply: NamedDependency[ApplyConfiguration],
) -> Redirect:
    """Make an earlier revision true again, unless somebody has changed it meanwhile."""
    identity.must_have_proved()  # earlier settings may have wider limits
    back = Back(RevisionId(data.revision), RevisionId(data.seen))
    author = identity.author(data.reason.strip())
    try:
        await apply.roll_back(kind, name, back, Wishes(adopt=bool(data.adopt)), author)
    except NoSuchRevision as error:
        raise NotFoundException(f"{error}.") from None
    except ConfigurationInvalid as error:
        problems = "; ".join(map(str, error.problems))
        raise ClientException(problems, status_code=409) from None
    except EditRefused as error:
        raise ClientException(f"Nothing was changed: {error}.", status_code=409) from None
    return Redirect(f"/revisions/{kind.value}/{name}", status_code=303)


def _one(rows: Sequence[RevisionRow], number: int) -> RevisionRow:
    for row in rows:
        if row.id == number:
            return row
    raise NotFoundException(f"There is no revision {number} of it.")


def _lines(changes: Sequence[Change]) -> tuple[Line, ...]:
    return tuple(Line(path, _text(old), _text(new)) for path, old, new in changes)


def _text(tree: Tree) -> str | None:
    return tree if tree is None or isinstance(tree, str) else write_yaml(tree).strip()
