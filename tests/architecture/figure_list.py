"""The list in docs/results.md: every figure with its formula, meaning and source.

After a change of the figures or their words, write it anew:

    .venv/bin/python -m tests.architecture.figure_list
"""

from application.results.metric import Metric, Section
from application.results.metrics import of_section
from tests.architecture.sources import ROOT

DOCUMENT = ROOT / "docs" / "results.md"
BEGIN = "<!-- figures: written by tests/architecture/figure_list.py -->"
END = "<!-- end of figures -->"


def figures() -> str:
    """Return a table of each section."""
    return "\n\n".join(_section(section) for section in Section)


def with_figures(document: str) -> str:
    """Return the document with the figures of today between its markers."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{figures()}\n{END}{after}"


def _section(section: Section) -> str:
    titles = ("figure", "formula", "meaning", "where there is none", "source")
    head = f"| {' | '.join(titles)} |\n{'|---' * len(titles)}|"
    rows = [_row(metric) for metric in of_section(section)]
    return "\n".join((f"### {section.value}\n", head, *rows))


def _row(metric: Metric) -> str:
    words = (metric.formula, metric.meaning, metric.nothing, metric.source)
    cells = " | ".join(one.replace("|", "\\|") for one in words)
    return f"| **{metric.title}**<br>`{metric.key}` | {cells} |"


def main() -> None:
    """Write the figures into the document, between its markers."""
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(with_figures(text), encoding="utf-8")


if __name__ == "__main__":
    main()
