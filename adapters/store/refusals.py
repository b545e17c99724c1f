"""Why an edit cannot be made, in the words that both stores use."""

from collections.abc import Sequence

from application.ports.configuration import ChangedMeanwhile, EditRefused, Kind, RevisionRow
from application.wording import listed

HOLDS = "holds a position"
ORDERS = "has an order under way"
WAITS = "has alerts that are being worked"


def moving(bot: str, moved: Sequence[str], held: str) -> EditRefused:
    """Say why a bot's account, symbol or chart cannot change now."""
    return EditRefused(
        f"bot {bot}: its {listed(list(moved))} cannot change while it {held}"
    )


def archiving(bot: str, held: str) -> EditRefused:
    """Say why a bot cannot be archived now."""
    return EditRefused(f"bot {bot} cannot be archived: it {held}")


def unknown_bot(bot: str) -> EditRefused:
    """Say that there is no such bot."""
    return EditRefused(f"there is no bot {bot}")


def fixed_for_life(account: str, name: str, was: str) -> EditRefused:
    """Say that an account keeps its exchange and its mode."""
    return EditRefused(f"account {account}: its {name} is {was} for life")


def without_token(feed: str) -> EditRefused:
    """Say that a new feed needs a token."""
    return EditRefused(f"feed {feed} is new and needs a token")


def unreadable(kind: Kind, name: str) -> EditRefused:
    """Say that a tree means nothing to this version."""
    return EditRefused(f"{kind.value} {name}: its configuration cannot be read")


def changed_meanwhile(kind: Kind, name: str, newest: RevisionRow) -> ChangedMeanwhile:
    """Say who was faster, so that nothing of theirs is overwritten."""
    who = f"{newest.author.name} ({newest.author.source})"
    return ChangedMeanwhile(
        f"{kind.value} {name} was changed meanwhile by {who}: it is at revision "
        f"{newest.id} now; look at it again"
    )


def left_out(bot: str, symbol: str, account: str) -> EditRefused:
    """Say that a bot trades what its account may not; a file is checked before as well."""
    return EditRefused(
        f"bot {bot} trades {symbol}, which `symbols` of account {account} leaves out"
    )


def unresolved(bot: str) -> EditRefused:
    """Say that a bot refers to something that is not there."""
    return EditRefused(f"bot {bot}: its account, feed or symbol is not known")
