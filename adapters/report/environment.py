"""The templates of reports. Everything that they are given is escaped."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined


def templates() -> PackageLoader:
    """Return the templates, whose macros the dashboard draws with as well."""
    return PackageLoader("adapters.report")


@cache
def environment() -> Environment:
    """Return the environment, read once."""
    return Environment(
        loader=templates(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
