"""One check of the doctor: how it went, what was seen, and what to do."""

from dataclasses import dataclass
from enum import Enum


class Health(Enum):
    """How a check went; only BAD makes the doctor end with 1."""

    GOOD = "ok"
    WARN = "warning"
    BAD = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A line of the doctor's."""

    name: str
    health: Health
    detail: str
    fix: str = ""


def good(name: str, detail: str) -> Check:
    """Return a check that went well."""
    return Check(name=name, health=Health.GOOD, detail=detail)


def warn(name: str, detail: str, fix: str) -> Check:
    """Return a check that found something worth knowing."""
    return Check(name=name, health=Health.WARN, detail=detail, fix=fix)


def bad(name: str, detail: str, fix: str) -> Check:
    """Return a check that failed."""
    return Check(name=name, health=Health.BAD, detail=detail, fix=fix)
