"""What the doctor asks of the machine: Python, packages, settings, the data directory."""

import os
import platform
import re
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from entrypoints.cli.check_result import Check, bad, good, warn
from entrypoints.settings import Settings
from entrypoints.web.assets import AssetRefused, placed

PYTHON_MIN = (3, 11)
PACKAGE = "signalman"
_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9_.-]+)(\[[^\]]*\])?(>=(?P<least>[\d.]+))?")
_INSTALL = "make venv   (or install the wheel anew)"


def machine_checks(settings: Settings) -> Iterator[Check]:
    """Yield what can be told without a database."""
    yield _python()
    yield _packages()
    yield _assets()
    yield good("settings", _in_use(settings))
    yield _data_directory(settings.data_dir)
    yield _user()
    yield _public_url(settings.public_url)


def _python() -> Check:
    found = platform.python_version()
    if sys.version_info >= PYTHON_MIN:
        return good("python", found)
    least = ".".join(map(str, PYTHON_MIN))
    return bad("python", f"{found}, at least {least} is needed", "install a newer Python")


def _packages() -> Check:
    try:
        needed = [line for line in requires(PACKAGE) or () if "extra ==" not in line]
    except PackageNotFoundError:
        return warn("packages", f"{PACKAGE} runs without being installed", _INSTALL)
    wrong = [problem for line in needed if (problem := _package_problem(line))]
    if wrong:
        return bad("packages", "; ".join(wrong), _INSTALL)
    return good("packages", f"{len(needed)} as {PACKAGE} {version(PACKAGE)} needs them")


def _assets() -> Check:
    try:
        found = ", ".join(f"{one['name']} {one['version']}" for one in placed())
    except AssetRefused as error:
        return bad("files for browsers", str(error), _INSTALL)
    return good("files for browsers", found)


def _package_problem(line: str) -> str:
    """Return what is wrong with a required package; empty when nothing is."""
    match = _REQUIREMENT.match(line)
    if match is None:
        return ""
    name, least = match["name"], match["least"]
    try:
        found = version(name)
    except PackageNotFoundError:
        return f"{name} is missing"
    if least and _numbers(found) < _numbers(least):
        return f"{name} is {found}, at least {least} is needed"
    return ""


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _in_use(settings: Settings) -> str:
    database = "PostgreSQL by its URL" if settings.database_url else "embedded PostgreSQL"
    return f"{database}, queue {settings.queue}, {settings.host} port {settings.port}"


def _data_directory(directory: Path) -> Check:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=directory):
            pass
    except OSError as error:
        return bad(
            "data directory",
            f"{directory} cannot be written: {error.strerror}",
            "give it to this user, or set SIGNALMAN_DATA_DIR to another",
        )
    return good("data directory", f"{directory} is writable")


def _user() -> Check:
    if os.geteuid() != 0:
        return good("user", "not root")
    return warn(
        "user", "running as root", "run Signalman as a user of its own; it needs no rights"
    )


def _public_url(url: str) -> Check:
    name = "public URL"
    if not url:
        return warn(
            name,
            "not set: TradingView cannot reach this machine by a local address",
            "set SIGNALMAN_PUBLIC_URL to the https address under which it is reached",
        )
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return bad(
            name, f"{url} is no web address", "write it like https://alerts.example.com"
        )
    if _is_private(parts.hostname):
        return warn(
            name, f"{url} is a local address", "use the public name of this machine"
        )
    if parts.scheme == "http":
        return warn(
            name, f"{url} is not encrypted", "put TLS in front: the URL is a secret"
        )
    return good(name, url)


def _is_private(host: str) -> bool:
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith((".local", ".localhost"))
