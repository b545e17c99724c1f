"""The decision tables of docs/trading-rules.md, answered by the real functions.

After a change of the rules, write them anew:

    .venv/bin/python -m tests.architecture.trading_rules
"""

from collections.abc import Iterator

from domain.reason_catalogue import sentence
from tests.architecture.sources import ROOT
from tests.domain.situations import DECIDED, MEASURED, SIZED, Situation

DOCUMENT = ROOT / "docs" / "trading-rules.md"
BEGIN = "<!-- tables: written by tests/architecture/trading_rules.py -->"
END = "<!-- end of tables -->"


def tables() -> str:
    """Return every table: what is decided, how large an entry is, what the limits say."""
    return "\n".join([*_decisions(), *_sizes(), *_limits()]).strip()


def with_tables(document: str) -> str:
    """Return the document with the tables of today between its markers."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


def _decisions() -> Iterator[str]:
    for one in DECIDED:
        if one.group:
            yield from _head(
                one.group, "the bot is", "the alert says", "its rules", "it does"
            )
        yield _row(one.bot, one.alert, one.given or "as usual", one.does, _code(one))


def _sizes() -> Iterator[str]:
    yield from _head("The size of the first entry at a price of 100", "sizing", "it buys")
    for one in SIZED:
        yield _row(one.given, one.does or _said(one), _code(one))


def _limits() -> Iterator[str]:
    yield from _head("An entry of 10 at 100 against the limits", "limit", "it says")
    for one in MEASURED:
        yield _row(one.given, _said(one) or "It passes.", _code(one))


def _said(one: Situation) -> str:
    refused = [finding for finding in one.findings if not finding.passed]
    return " ".join(sentence(finding) for finding in refused)


def _code(one: Situation) -> str:
    return f"`{one.reason.value}`" if one.reason else ""


def _head(title: str, *columns: str) -> Iterator[str]:
    yield f"\n### {title}\n"
    yield _row(*columns, "reason")
    yield "|---" * (len(columns) + 1) + "|"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the tables into the document, between its markers."""
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(with_tables(text), encoding="utf-8")


if __name__ == "__main__":
    main()
