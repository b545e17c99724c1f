"""What an account at a real venue lacks before it may open anything."""

from dataclasses import replace

from application.ports.clearances import Clearance
from application.records import Desk
from domain.clearance import SWITCHED_OFF
from domain.reason_catalogue import headline


def in_this_process(desk: Desk, *, live_trading: bool) -> Desk:
    """Return the desk as a process sees it that may, or may not, trade real money."""
    if live_trading or desk.account.mode != "live":
        return desk
    return replace(desk, not_cleared=SWITCHED_OFF)


def obstacle(one: Clearance) -> str:
    """Return why an account may open nothing, in a sentence; nothing when it may."""
    finding = one.vetting.not_cleared
    return headline(finding) if finding is not None else ""
