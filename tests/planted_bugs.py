"""Plant one-line bugs, one at a time, and see that the suite catches each.

    .venv/bin/python -m tests.planted_bugs            every bug
    .venv/bin/python -m tests.planted_bugs 3 7        these alone

Each is planted in a copy of the sources, and only the tests that should see it are run. It
ends with 1 if one goes unnoticed, or if its line is no longer there to be broken.
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = ("domain", "application", "adapters", "entrypoints", "tests", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Bug:
    """A line that is broken, what that would mean, and who should notice."""

    name: str
    file: str
    line: str
    broken: str
    tests: tuple[str, ...]


STORMS = "tests/simulation/test_storms.py"
PROTECTION = "tests/entrypoints/test_protection.py"
MATRIX = "tests/adapters/broker/test_fault_matrix.py"
LIMITS = "tests/adapters/store/test_limit_orders.py"
BUGS = (
    Bug(
        "an unknown answer is taken for a refusal",
        "adapters/venue/outcome.py",
        '    return Verdict(Proof.UNKNOWN, "", text, banned_until=_ban(str(error)))',
        '    return Verdict(Proof.REFUSED, "", text, banned_until=_ban(str(error)))',
        (MATRIX,),
    ),
    Bug(
        "an order without an id is taken for placed",
        "adapters/broker/ccxt_answer.py",
        '    if not isinstance(raw, Mapping) or not raw.get("id"):',
        "    if not isinstance(raw, Mapping):",
        (MATRIX,),
    ),
    Bug(
        "CCXT may repeat a request blindly",
        "adapters/venue/clients.py",
        '    forced = {"options": {"maxRetriesOnFailure": 0}, "maxRetriesOnFailure": 0}',
        "    forced: dict[str, Any] = {}",
        (MATRIX,),
    ),
    Bug(
        "a late order leaves all the same",
        "adapters/venue/guarded.py",
        "    if departure.latest is not None and now > departure.latest:",
        "    if departure.latest is not None and now < 0:",
        (MATRIX,),
    ),
    Bug(
        "a duplicate id is not looked up",
        "adapters/venue/outcome.py",
        "        return Proof.EXISTS",
        "        return Proof.REFUSED",
        (MATRIX,),
    ),
    Bug(
        "Bybit is asked with an order id of None beside ours",
        "adapters/venue/capabilities.py",
        '                Lookup(method="fetch_open_orders", id_parameter="orderLinkId"),',
        '                Lookup(method="fetch_order", id_parameter="orderLinkId",'
        ' further={"acknowledged": True}),',
        (MATRIX,),
    ),
    Bug(
        "an order that may still arrive is sent again",
        "application/resolving.py",
        "    if order.venue_order_id is not None or not _cannot_arrive(desk, order):",
        "    if order.venue_order_id is not None:",
        ("tests/application/test_resolving.py", STORMS),
    ),
    Bug(
        "a lookup without authority proves that there is no order",
        "application/resolving.py",
        "    if answer.authoritative:",
        "    if answer.authoritative or answer.evidence:",
        ("tests/application/test_resolving.py",),
    ),
    Bug(
        "silence makes an open order unknown",
        "application/resolving.py",
        "            submitting = order.status is OrderStatus.SUBMITTING",
        "            submitting = True",
        ("tests/application/test_resolving.py",),
    ),
    Bug(
        "an execution counts twice",
        "application/recording.py",
        "        if report.trade_id not in ledger.trade_ids:",
        "        if report.trade_id:",
        ("tests/adapters/store/test_sending.py", "tests/simulation", STORMS),
    ),
    Bug(
        "what was not placed is forgotten",
        "application/recording.py",
        "    if order.status is OrderStatus.NOT_PLACED:",
        "    if order.status is OrderStatus.PLANNED:",
        (STORMS,),
    ),
    Bug(
        "an order is sent before it is kept as sent",
        "application/sending.py",
        "    sent = working.order.after(OrderEvent.SUBMITTED)",
        "    sent = working.order",
        ("tests/simulation/test_crashes.py", STORMS),
    ),
    Bug(
        "every try of an order has the same id",
        "application/recording.py",
        "        desk.installation, working.intent, leg=order.leg, generation=number",
        "        desk.installation, working.intent, leg=order.leg, generation=1",
        ("tests/entrypoints/test_testnet.py",),
    ),
    Bug(
        "a close may open the other side",
        "adapters/broker/ccxt_request.py",
        '        parameters["reduceOnly"] = True',
        '        parameters["reduceOnly"] = False',
        ("tests/entrypoints/test_testnet.py",),
    ),
    Bug(
        "Gate is sent ids that begin with t",
        "adapters/venue/client_id.py",
        'GATE_FIRST = "s"',
        'GATE_FIRST = "t"',
        ("tests/adapters/venue/test_client_id.py",),
    ),
    Bug(
        "one read is enough to stop entries, and none is",
        "application/reconcile.py",
        "        gates = surplus != ZERO and confirmed",
        "        gates = surplus != ZERO and not confirmed",
        ("tests/entrypoints/test_testnet.py",),
    ),
    Bug(
        "a ban is kept to by one process only",
        "adapters/venue/guarded.py",
        "            await self.budget.ban(self.venue, pause)",
        "            await asyncio.sleep(0)",
        ("tests/adapters/venue/test_guarded.py",),
    ),
    Bug(
        "contracts are sent as base",
        "adapters/broker/ccxt_request.py",
        "    amount = divide_down(order.order.quantity, size)",
        "    amount = order.order.quantity + size - size",
        ("tests/adapters/broker/test_other_venues.py",),
    ),
    Bug(
        "a stop is removed before the one that replaces it rests",
        "application/protecting.py",
        "        good = [one for one in resting if _meets(one, want)]",
        "        good = [one for one in resting if _meets(one, want)] or [None]",
        ("tests/application/test_protecting.py",),
    ),
    Bug(
        "a stop is not replaced after a scale-in",
        "domain/protection.py",
        "        if quantity != self.quantity:",
        "        if quantity > self.quantity:",
        ("tests/application/test_protecting.py",),
    ),
    Bug(
        "a stop stays at the venue after the close",
        "application/protecting.py",
        "            found += resting",
        "            found += resting[:0]",
        (PROTECTION,),
    ),
    Bug(
        "a stop that triggered enters the books under another id",
        "application/triggering.py",
        "        id=triggered.order,",
        "        id=type(triggered.order)(triggered.order[::-1]),",
        (PROTECTION,),
    ),
    Bug(
        "our own rule fires although a stop rests",
        "domain/protection.py",
        "    if ProtectionKind.STOP in kinds:",
        "    if not kinds:",
        (PROTECTION,),
    ),
    Bug(
        "a stop that nobody holds alarms nobody",
        "application/watch_stops.py",
        "        late = held.now - since >= PATIENCE and not held.told",
        "        late = held.now - since < PATIENCE and not held.told",
        (PROTECTION,),
    ),
    Bug(
        "a stale price fires a stop",
        "application/ports/market_data.py",
        "        return now - self.at <= STALE",
        "        return now >= self.at - STALE",
        ("tests/simulation/test_watchdog.py",),
    ),
    Bug(
        "an entry goes on resting while trading is halted",
        "application/limit_entries.py",
        "    if bot.trading_state is not TradingState.ACTIVE:",
        "    if bot.trading_state is None:",
        (LIMITS,),
    ),
    Bug(
        "the opposite signal enters beside an entry that rests",
        "application/deciding.py",
        "        if stands_in_the_way(desk, own):",
        "        if not own:",
        (LIMITS,),
    ),
    Bug(
        "what a person settled is sent again",
        "application/recording.py",
        "    if not ledger.was_over:",
        "    if ledger.order.filled == ZERO:",
        ("tests/adapters/store/test_settling.py",),
    ),
    Bug(
        "leverage is changed under a position",
        "adapters/broker/ccxt_preparing.py",
        "    if await _is_held(client, symbol):",
        "    if not symbol:",
        ("tests/adapters/broker/test_preparing.py",),
    ),
    Bug(
        "a rest that nobody takes keeps its trade open",
        "application/recording.py",
        "    if intent.status is IntentStatus.DONE:",
        "    if intent.status is IntentStatus.DENIED:",
        ("tests/adapters/store/test_dust.py",),
    ),
)


def main() -> int:
    """Plant each bug, and say who noticed."""
    wanted = [int(one) for one in sys.argv[1:]] or list(range(1, len(BUGS) + 1))
    unnoticed = 0
    with tempfile.TemporaryDirectory(prefix="signalman-bugs-") as directory:
        copy = Path(directory) / "copy"
        _copied(copy)
        for number in wanted:
            bug = BUGS[number - 1]
            verdict = _tried(bug, copy)
            unnoticed += verdict is None
            mark = "✓" if verdict else "✗"
            print(
                f"{mark} {number:2} {bug.name}: {verdict or 'nobody noticed'}", flush=True
            )
    print(f"{len(wanted) - unnoticed} of {len(wanted)} bugs were caught")
    return 1 if unnoticed else 0


def _copied(copy: Path) -> None:
    copy.mkdir()
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, copy / name, ignore=ignored)
        else:
            shutil.copy(source, copy / name)


def _tried(bug: Bug, copy: Path) -> str | None:
    """Return what failed with the bug in place; None if nothing did."""
    path = copy / bug.file
    whole = path.read_text(encoding="utf-8")
    if whole.count(bug.line) != 1:
        print(f"the line of {bug.name!r} is not (once) in {bug.file}")
        return None
    path.write_text(whole.replace(bug.line, bug.broken), encoding="utf-8")
    try:
        return _noticed(bug, copy)
    finally:
        path.write_text(whole, encoding="utf-8")


def _noticed(bug: Bug, copy: Path) -> str | None:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    ran = subprocess.run(
        [*command, *bug.tests],
        cwd=copy,
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(copy), "SIGNALMAN_SEEDS": "20"},
    )
    failed = [one for one in ran.stdout.splitlines() if one.startswith(("FAILED", "ERROR"))]
    if ran.returncode != 1 or not failed:
        return None
    return failed[0].partition(" - ")[0].removeprefix("FAILED ")


if __name__ == "__main__":
    sys.exit(main())
