"""The words for the audit's head, kept where nobody on this machine can change it."""

from application.notice import Kind, Notice, Weight
from application.ports.audit import Head


def anchored(head: Head) -> Notice:
    """Return the notice of the chain's head, to be held against it later."""
    digest = head.hash.hex()
    return Notice(
        kind=Kind.AUDIT_HEAD,
        weight=Weight.NOTE,
        title=f"Audit: the chain has {head.position:,} rows",
        lines=(
            "Keep this message. Whether the chain still leads through it is told by:",
            f"signalman audit verify --anchor {head.position}:{digest}",
        ),
    )
