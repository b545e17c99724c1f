"""An account's monthly statement as one HTML page that prints, with nothing to load."""

from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from application import wording
from application.ports.audit import Head
from application.statement import Statement

_HERE = Path(__file__).parent


def statement_page(statement: Statement, head: Head, now: datetime) -> str:
    """Return the page."""
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "money": wording.money,
        "gain": wording.gain,
        "number": wording.number,
    }
    page = environment.get_template("statement.html")
    return page.render(s=statement, head=head, now=wording.moment(now)[:19])
