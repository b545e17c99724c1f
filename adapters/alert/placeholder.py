"""Placeholders that TradingView left as they were, and why it may have done so.

An unknown one, or one of a strategy in an indicator's alert, stays in the delivered body.

Source: https://www.tradingview.com/support/solutions/43000531021
"""

import re
from difflib import get_close_matches

from adapters.alert.malformed import MalformedAlert, place, shown
from domain.reasons import Reason

OPENING = "{{"
"""Stands in every text that holds a placeholder."""

_PLACEHOLDER = re.compile(r"\{\{(?P<content>[^{}\n]{0,200})")
_PLOT_TITLE = re.compile(r"""plot\(\s*\\?["'](?P<title>[^"'\\]*)\\?["']\s*\)""")
_WORD = re.compile(r"[A-Za-z_. ]+")
_PLOT_NUMBER = re.compile(r"plot_\d+")
_KNOWN = (
    *("ticker", "exchange", "interval", "time", "timenow"),
    *("open", "high", "low", "close", "volume"),
    *("syminfo.currency", "syminfo.basecurrency"),
)


def refuse_placeholder(text: str, where: str = "") -> None:
    """Return if ``text`` holds no ``{{``.

    ``where`` names the field if ``text`` is not the whole body.

    Raises:
        MalformedAlert: Naming the first placeholder, its place and the likely cause.
    """
    match = _PLACEHOLDER.search(text)
    if match is None:
        return
    content = match["content"].strip()
    found = shown(f"{{{{{content}}}}}")
    raise MalformedAlert(
        Reason.BODY_UNRESOLVED_PLACEHOLDER,
        f"TradingView did not fill in the placeholder {found} at"
        f" {where or place(text, match.start())}: {_cause(content)}.",
    )


def _cause(content: str) -> str:
    if content.startswith("strategy."):
        return (
            "placeholders of a strategy work only in alerts of a strategy,"
            " not of an indicator or a price"
        )
    if title := _PLOT_TITLE.fullmatch(content):
        return (
            "the script of this alert must have a plot titled exactly"
            f" {shown(title['title'])}; by number, {{{{plot_0}}}} is its first plot"
        )
    if _PLOT_NUMBER.fullmatch(content):
        return "the script has no plot of that number; only 0 to 19 can be used"
    if content in _KNOWN:
        return (
            "the message was probably sent by hand or made by alert(), where Pine"
            " must build the text itself, with str.tostring(close) for example"
        )
    similar = get_close_matches(content.lower(), _KNOWN, n=1)
    if similar and _WORD.fullmatch(content):
        return f"{{{{{similar[0]}}}}} was probably meant"
    return "TradingView knows no such placeholder, and does not calculate inside the braces"
