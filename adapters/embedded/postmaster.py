"""The living server: whether it lives and answers, how it ends, and what it said.

A file lock that every process of the server inherits tells whether it lives, not the
number in ``postmaster.pid``: the system lets go of the lock even after ``kill -9``, and no
stranger can come to hold it, as one can come to have an old number.
"""

import fcntl
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from adapters.embedded.account import EmbeddedServerFailed

LOOPBACK = "127.0.0.1"
SOCKET_PORT = 5432

SSL_REQUEST = bytes.fromhex("0000000804d2162f")
"""The shortest question that PostgreSQL answers, with one letter.

Connecting alone proves little: the system still accepts for a server that is dying.
Source: PostgreSQL's manual, "Message Formats", SSLRequest.
"""

ANSWER_SECONDS = 10.0

START_SECONDS = 300.0
"""Recovery after a crash reads the log since the last checkpoint, which takes a while."""

STOP_SECONDS = 60.0
POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What a server writes about itself into ``postmaster.pid``."""

    pid: int
    port: int
    address: str
    """Empty where it listens on its socket only."""


def socket_of(root: Path) -> Path:
    """Return the path of the server's socket, which is named after the port."""
    return root / f".s.PGSQL.{SOCKET_PORT}"


@contextmanager
def locked_for_life(root: Path) -> Iterator[int]:
    """Give the open lock file that a server is to inherit, free again when it is gone."""
    lock = os.open(root / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)  # not unlocked: a server that has inherited it holds it still


def answering(root: Path) -> Postmaster | None:
    """Return the server when it serves connections now."""
    postmaster = _read(root) if _lives(root) else None
    if postmaster is None:
        return None
    family = socket.AF_INET if postmaster.address else socket.AF_UNIX
    address = (LOOPBACK, postmaster.port) if postmaster.address else str(socket_of(root))
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_SECONDS)
        try:
            connection.connect(address)
            connection.sendall(SSL_REQUEST)
            answered = connection.recv(1)
        except OSError:
            return None
    return postmaster if answered else None


def answering_or_gone(root: Path) -> Postmaster | None:
    """Wait while a server starts, recovers or ends; return it, or None if none is left.

    Raises:
        EmbeddedServerFailed: It lives, and yet took no connection for five minutes.
    """
    deadline = time.monotonic() + START_SECONDS
    while _lives(root):
        postmaster = answering(root)
        if postmaster is not None:
            return postmaster
        if time.monotonic() > deadline:
            raise EmbeddedServerFailed(
                f"PostgreSQL is there but does not answer. {last_words(root)}"
            )
        time.sleep(POLL_SECONDS)
    return None


def shut_down(root: Path, postmaster: Postmaster) -> None:
    """End the server, whatever is connected; return when no process of it is left.

    Raises:
        EmbeddedServerFailed: It cannot be reached from here, or still ran after a minute.
    """
    if sys.platform == "linux" and not _works_in(root, postmaster.pid):
        raise EmbeddedServerFailed(
            f"The PostgreSQL in {root} was started from another container: stop it there."
        )
    with suppress(ProcessLookupError):
        os.kill(postmaster.pid, signal.SIGINT)  # "fast shutdown", in PostgreSQL's words
    deadline = time.monotonic() + STOP_SECONDS
    while _lives(root):
        if time.monotonic() > deadline:
            raise EmbeddedServerFailed(
                f"PostgreSQL (process {postmaster.pid}) did not end. {last_words(root)}"
            )
        time.sleep(POLL_SECONDS)


def forget_the_dead(root: Path) -> None:
    """Remove pid files whose number has gone to another process; call it with the lock.

    PostgreSQL takes any process that has the number in such a file for its predecessor,
    and refuses to start. After ``kill -9`` or a reboot that may be any process of ours.
    A number that is nobody's is left to PostgreSQL, which then tidies up more than files;
    and so is everything where there is no ``/proc``.
    """
    file = root / "data" / "postmaster.pid"
    try:
        pid = int(file.read_text().partition("\n")[0])
    except (FileNotFoundError, ValueError):
        return
    if Path(f"/proc/{pid}").exists() and not _works_in(root, pid):
        file.unlink()
        socket_of(root).with_name(f"{socket_of(root).name}.lock").unlink(missing_ok=True)


def last_words(root: Path) -> str:
    """Return the end of the newest log, and where the rest of it is."""
    logs = [path for path in (root / "start.log", *root.glob("log/*")) if path.exists()]
    if not logs:
        return "It left no log."
    newest = max(logs, key=lambda path: path.stat().st_mtime)
    lines = newest.read_text(errors="replace").splitlines()
    return "\n  ".join([f"The end of {newest}:", *lines[-5:]])


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


def _read(root: Path) -> Postmaster | None:
    """Read the server's own file; None while it is missing, incomplete or not ready.

    Source: ``src/include/utils/pidfile.h`` in PostgreSQL, the meaning of each line.
    """
    try:
        lines = (root / "data" / "postmaster.pid").read_text().splitlines()
        pid, _, _, port, _, address, _, status = lines
        postmaster = Postmaster(int(pid), int(port), address)
    except (FileNotFoundError, ValueError):
        return None
    return postmaster if status.strip() == "ready" else None


def _works_in(root: Path, pid: int) -> bool:
    """Return whether that process is at work in the cluster; on Linux only."""
    process = Path(f"/proc/{pid}")
    try:
        return (process / "cwd").samefile(root / "data")
    except PermissionError:  # root in a container may not look at another user's process
        program, _, _ = (process / "cmdline").read_bytes().partition(b"\0")
        return program.endswith(b"/postgres")
    except OSError:
        return False
