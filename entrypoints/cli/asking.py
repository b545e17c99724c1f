"""From a command to the database and back; foreseeable failures in plain words."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from application.ports.configuration import Author, EditRefused
from application.ports.inbox import StoreUnavailable
from entrypoints.cli.failure import Exit, Failure
from entrypoints.settings import Settings, SettingsInvalid

if TYPE_CHECKING:
    from entrypoints.container import Container

T = TypeVar("T")

SOURCE = "command line"
_DATABASE_FIX = (
    "Check SIGNALMAN_DATABASE_URL and that PostgreSQL runs: signalman doctor\n"
    "Unset it to use the embedded PostgreSQL."
)


def read_settings(data_dir: Path | None = None, port: int | None = None) -> Settings:
    """Return the settings of this process; what the command line says comes first."""
    try:
        settings = Settings.read()
    except SettingsInvalid as error:
        raise Failure(
            Exit.CONFIGURATION,
            "The settings are not usable.",
            str(error),
            "Correct the environment or the file .env in this directory.",
        ) from None
    if data_dir is not None:
        settings = replace(settings, data_dir=data_dir.expanduser())
    return settings if port is None else replace(settings, port=port)


def ask(work: Callable[["Container"], Awaitable[T]], settings: Settings | None = None) -> T:
    """Run ``work`` over an open, migrated database, and return what it returns."""
    used = settings or read_settings()

    async def run() -> T:
        # Here, so that `signalman bot --help` needs no database driver.
        from entrypoints.session import opened  # noqa: PLC0415

        async with opened(used) as container:
            return await work(container)

    with foreseen():
        return asyncio.run(run())


def author(reason: str = "") -> Author:
    """Return who is at the keyboard."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError, ImportError):
        name = "unknown"
    return Author(name=name, source=SOURCE, reason=reason)


@contextmanager
def foreseen() -> Iterator[None]:
    """Turn what can go wrong by itself into a failure with its exit code."""
    from sqlalchemy.exc import InterfaceError, OperationalError  # noqa: PLC0415

    from adapters.embedded.account import EmbeddedServerFailed  # noqa: PLC0415

    try:
        yield
    except EditRefused as error:
        raise Failure(
            Exit.REFUSED, "Nothing was changed.", str(error), "Close the position first."
        ) from None
    except EmbeddedServerFailed as error:
        raise Failure(
            Exit.NETWORK, "The embedded PostgreSQL does not run.", str(error)
        ) from None
    except StoreUnavailable as error:
        raise _no_database(str(error)) from None
    except (InterfaceError, OperationalError) as error:
        raise _no_database(str(error.orig)) from None
    except OSError as error:
        raise _no_database(str(error)) from None


def _no_database(why: str) -> Failure:
    return Failure(Exit.NETWORK, "The database does not answer.", why, _DATABASE_FIX)
