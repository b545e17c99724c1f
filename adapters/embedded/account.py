"""Under which account the embedded servers run, since PostgreSQL refuses to be root.

An ordinary user runs them as itself. Root, on Linux, takes the first way that the server's
directory and the system allow:

===========================  ============================================================
it is another user's         become that user, so that no file changes its owner
user namespaces are allowed  stay root on disk, and be ``nobody`` to PostgreSQL only
``nobody`` can reach it      become ``nobody`` and give it the server's directory
otherwise                    the same, with the one right to pass closed directories
===========================  ============================================================

No way ever changes the mode or the owner of anything above the server's directory.
"""

import os
import pwd
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = 0

ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}
"""Of every program: nothing of the user's own settings, above all no ``PG...``."""

PASS_CLOSED_DIRECTORIES = (
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
    "--securebits=+no_setuid_fixup",  # so that access(2), which PostgreSQL asks, agrees
)
"""For ``setpriv``: the one right of root that is kept, where a parent has mode 0700."""


class EmbeddedServerFailed(Exception):
    """The embedded server cannot run; the message says why and what can be done."""


@dataclass(frozen=True, slots=True)
class Account:
    """Runs programs under one account: this process's own unless told otherwise."""

    prefix: tuple[str, ...] = ()
    """The command that changes the account and then becomes the program after it."""

    owner: tuple[int, int] | None = None
    """The user and group that files must belong to; None where nothing changes."""

    def run(
        self,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str] | None = None,
        text: str = "",
    ) -> str:
        """Run a program to its end with ``text`` on its input; return what it printed.

        Raises:
            EmbeddedServerFailed: It could not be run, or ended with another code than 0.
        """
        program = Path(command[0]).name
        try:
            done = subprocess.run(
                [*self.prefix, *command],
                check=True,
                capture_output=True,
                text=True,
                input=text,
                cwd="/",
                env={**ENVIRONMENT, **(environment or {})},
            )
        except subprocess.CalledProcessError as error:
            said = (error.stderr or error.stdout).strip()
            raise EmbeddedServerFailed(f"{program} failed: {said}") from error
        except OSError as error:
            raise EmbeddedServerFailed(f"{program} could not be run: {error}") from error
        return done.stdout

    def spawn(self, command: Sequence[str | Path], *, log: Path, keep: int) -> None:
        """Start a server that outlives this process, in a session of its own.

        The session keeps Ctrl-C in the terminal away from it, and the shell in between
        makes it nobody's child, so that no one needs to wait for it. Its output is added
        to ``log``; it inherits the open file ``keep``.
        """
        with log.open("ab") as output:
            subprocess.run(
                [*self.prefix, "/bin/sh", "-c", '"$0" "$@" &', *command],
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=ENVIRONMENT,
                pass_fds=(keep,),
                start_new_session=True,
            )

    def adopt(self, directory: Path) -> None:
        """Give the directory and all it holds to the account that root steps down to."""
        if self.owner is None:
            return
        user, group = self.owner
        for place, _, names in os.walk(directory):
            for path in (Path(place), *(Path(place, name) for name in names)):
                if path.lstat().st_uid != user:
                    os.chown(path, user, group, follow_symlinks=False)


def account_for(directory: Path, program: Path) -> Account:
    """Return the account under which ``program`` can serve from an existing directory.

    Raises:
        EmbeddedServerFailed: This is root, and no unprivileged account gets that far.
    """
    if os.geteuid() != ROOT:
        return Account()
    for account in _ways_down(directory.stat().st_uid):
        with suppress(EmbeddedServerFailed):
            account.run(["test", "-x", directory.parent, "-a", "-x", program])
            return account
    raise EmbeddedServerFailed(
        f"{program.name} refuses to run as root, and on this system root can step down to "
        f"no account that reaches {directory} and {program}. Run Signalman as an ordinary "
        "user, or set SIGNALMAN_DATABASE_URL to a PostgreSQL of your own."
    )


def _ways_down(owner: int) -> Iterator[Account]:
    entries = [entry for entry in pwd.getpwall() if entry.pw_uid != ROOT]
    entries.sort(key=lambda entry: (entry.pw_uid != owner, entry.pw_name != "nobody"))
    for entry in entries[:1]:
        if owner == ROOT:
            ids = (f"--map-user={entry.pw_uid}", f"--map-group={entry.pw_gid}")
            yield Account(("unshare", "--user", *ids, "--"))
        yield _become(entry)
        yield _become(entry, *PASS_CLOSED_DIRECTORIES)


def _become(entry: pwd.struct_passwd, *rights: str) -> Account:
    ids = (f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups")
    return Account(("setpriv", *ids, *rights, "--"), (entry.pw_uid, entry.pw_gid))
