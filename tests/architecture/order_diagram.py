"""The order table as the diagram in ARCHITECTURE.md.

After a change in ``domain/order.py``, write it anew:

    .venv/bin/python -m tests.architecture.order_diagram
"""

from collections import Counter

from domain.order import TRANSITIONS, OrderEvent, OrderStatus
from tests.architecture.sources import ROOT

DOCUMENT = ROOT / "ARCHITECTURE.md"
BEGIN = "<!-- order states: written by tests/architecture/order_diagram.py -->"
END = "<!-- end of order states -->"


def diagram() -> str:
    """Return the table as a Mermaid flowchart, a line for each status.

    An arrow has a label where something else happens than what usually leads there.
    """
    lines = ["flowchart LR"]
    for status in OrderStatus:
        moves = {
            event: after for (one, event), after in TRANSITIONS.items() if one is status
        }
        usual = [after.value for event, after in moves.items() if event is _usual(after)]
        if usual:
            lines.append(f"    {status.value} --> {' & '.join(usual)}")
        lines += [
            f'    {status.value} -- "{event.value}" --> {after.value}'
            for event, after in moves.items()
            if event is not _usual(after)
        ]
        if not moves:
            lines.append(f"    {status.value}([{status.value}])")
    return "\n".join(["```mermaid", *lines, "```"])


def _usual(target: OrderStatus) -> OrderEvent:
    """Return what leads to a status most often."""
    events = Counter(event for (_, event), after in TRANSITIONS.items() if after is target)
    return events.most_common(1)[0][0]


def with_diagram(document: str) -> str:
    """Return the document with the diagram of today between its markers."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{diagram()}\n{END}{after}"


def main() -> None:
    """Write the diagram into the document, between its markers."""
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(with_diagram(text), encoding="utf-8")


if __name__ == "__main__":
    main()
