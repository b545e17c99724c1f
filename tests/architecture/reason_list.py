"""The list in docs/reasons.md: every reason with its class, sentence, meaning and fix.

After a change of the reasons or their words, write it anew:

    .venv/bin/python -m tests.architecture.reason_list
"""

from collections.abc import Iterator

from domain.reason_catalogue import entry
from domain.reasons import Reason, ReasonClass
from tests.architecture.sources import ROOT

DOCUMENT = ROOT / "docs" / "reasons.md"
BEGIN = "<!-- reasons: written by tests/architecture/reason_list.py -->"
END = "<!-- end of reasons -->"


def reasons() -> str:
    """Return every reason, headed by what its code begins with."""
    families: dict[str, list[str]] = {}
    for reason in Reason:
        families.setdefault(_family(reason), []).extend(_described(reason))
    lines = [f"\n## {family}\n" + "\n".join(known) for family, known in families.items()]
    return "\n".join(lines).strip()


def with_reasons(document: str) -> str:
    """Return the document with the reasons of today between its markers."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{reasons()}\n{END}{after}"


def _family(reason: Reason) -> str:
    return reason.value.partition(".")[0].partition("_")[0]


def _described(reason: Reason) -> Iterator[str]:
    known = entry(reason)
    yield f"\n### `{reason.value}`\n"
    yield f"**{_shown(known.sentence)}** ({_class(known.reason_class)})\n"
    yield f"{known.explanation}\\\n*What to do:* {known.fix}"


def _shown(template: str) -> str:
    """Return a template with an ellipsis for every value, and its optional part in it."""
    for value in ("{value}", "{limit}"):
        template = template.replace(value, "…")
    return template.replace("{further}", " or further").replace("[", "").replace("]", "")


def _class(reason_class: ReasonClass) -> str:
    return reason_class.value


def main() -> None:
    """Write the reasons into the document, between its markers."""
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(with_reasons(text), encoding="utf-8")


if __name__ == "__main__":
    main()
