"""The revisions that whoever edits has looked at: ``revisions:`` of a file."""

from collections.abc import Mapping

from application.configuration.scalar import Unusable, optional, whole
from application.configuration.section import Section
from application.configuration.tree import Problem, join
from application.configuration.values import SeenRevisions

_number = whole(1, 2**53 - 1)


def read_seen(section: Section) -> SeenRevisions:
    """Read which revisions a file was made from; none where it does not say."""
    with section:
        return SeenRevisions(
            feeds=_numbers(section, "feeds"),
            accounts=_numbers(section, "accounts"),
            bots=_numbers(section, "bots"),
            limits=section.read("limits", optional(_number), None),
        )


def _numbers(section: Section, name: str) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for thing, tree in section.mapping(name).items():
        try:
            found[thing] = _number(tree)
        except Unusable as error:
            path = join(join(section.path, name), thing)
            section.problems.append(Problem(path, str(error)))
    return found
