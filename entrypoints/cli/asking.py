"""From a command to the database and back; foreseeable failures in plain words."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

from application.apply_configuration import ApplyConfiguration
from application.audit import KeepAudit, RebuildPositions, VerifyAudit
from application.check_account import CheckAccount
from application.configuration.charts import Listing
from application.execute import Execute
from application.flatten import PursueFlattenings
from application.logging_in import Enroll
from application.ports.access import ApiTokens, Codes, Passwords, Sessions, Users
from application.ports.audit import AuditChain, Journal
from application.ports.backtests import Backtests
from application.ports.clearances import Clearances
from application.ports.clock import Clock
from application.ports.comparisons import Comparisons
from application.ports.configuration import (
    Author,
    ChangedMeanwhile,
    ConfigurationStore,
    EditRefused,
)
from application.ports.flattening import Flattenings
from application.ports.inbox import StoreUnavailable
from application.ports.movements import Movements
from application.ports.notifier import ChatLink
from application.ports.outbox import Outbox
from application.ports.overview import Overviews
from application.ports.pulse import Pulse
from application.ports.standing import Standings
from application.ports.vault import Opener, SealedSecrets
from application.ports.views import Views
from application.preview_alert import PreviewAlert
from application.reconcile import Reconcile
from application.replaying.replay import Replay
from application.settle_difference import SettleDifference
from application.settle_order import SettleOrder
from application.vault import RotateKeys, SealSecret
from entrypoints.cli.failure import Exit, Failure
from entrypoints.settings import Settings, SettingsInvalid

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


class Parts(Protocol):
    """What the commands use of the container, told without importing what it wires."""

    def views(self) -> Views:
        """Return the reading side."""
        ...

    def overviews(self) -> Overviews:
        """Return the counts and sums."""
        ...

    def standings(self) -> Standings:
        """Return how things stand."""
        ...

    def configuration(self) -> ConfigurationStore:
        """Return what is configured."""
        ...

    def apply(self) -> ApplyConfiguration:
        """Return the use case that deploys."""
        ...

    def backtests(self) -> Backtests:
        """Return where results of backtests are kept."""
        ...

    def replay(self) -> Replay:
        """Return the use case that runs recorded alerts once more."""

    def reconcile(self) -> Reconcile:
        """Return the use case that compares with the venues."""
        ...

    def settle_difference(self) -> SettleDifference:
        """Return the use case that does something about a difference."""
        ...

    def comparisons(self) -> Comparisons:
        """Return what was compared last."""
        ...

    def movements(self) -> Movements:
        """Return what was compared last."""
        ...

    def clearances(self) -> Clearances:
        """Return what lets accounts trade at real venues."""
        ...

    def check_account(self) -> CheckAccount:
        """Return the use case that asks an account's venue."""
        ...

    def known_listings(self) -> tuple[Listing, ...]:
        """Return the markets that come with the package."""
        ...

    def sealed_secrets(self) -> SealedSecrets:
        """Return what is kept sealed."""
        ...

    def seal_secret(self) -> SealSecret:
        """Return the use case that takes keys in."""
        ...

    def opener(self) -> Opener:
        """Return the keys that open."""
        ...

    def rotate_keys(self) -> RotateKeys:
        """Return the use case that moves on to another key."""
        ...

    def verify_audit(self) -> VerifyAudit:
        """Return the use case that holds the chain against the rows."""
        ...

    def keep_audit(self) -> KeepAudit:
        """Return the use case that chains what is new."""
        ...

    def rebuild_positions(self) -> RebuildPositions:
        """Return the use case that computes positions anew."""
        ...

    def journal(self) -> Journal:
        """Return what happened, in order."""
        ...

    def audit_chain(self) -> AuditChain:
        """Return the chain."""
        ...

    def users(self) -> Users:
        """Return the people."""
        ...

    def sessions(self) -> Sessions:
        """Return who is logged in."""
        ...

    def api_tokens(self) -> ApiTokens:
        """Return the programs that may come in."""
        ...

    def passwords(self) -> Passwords:
        """Return what hashes passwords."""
        ...

    def codes(self) -> Codes:
        """Return what checks one-time codes."""
        ...

    def enroll(self) -> Enroll:
        """Return the use case that takes people in."""
        ...

    def pulse(self) -> Pulse:
        """Return the processes' signs of life."""
        ...

    def preview_alert(self) -> PreviewAlert:
        """Return the use case that plans and undoes it."""
        ...

    def outbox(self) -> Outbox:
        """Return what people are to be told."""
        ...

    def telegram_link(self) -> ChatLink:
        """Return what links a chat."""
        ...

    def flattenings(self) -> Flattenings:
        """Return the requests to flatten."""
        ...

    def pursue_flattenings(self) -> PursueFlattenings:
        """Return the use case that takes them further."""
        ...

    def settle_order(self) -> SettleOrder:
        """Return the use case that records what a person found out of an order."""
        ...

    def execute(self) -> Execute:
        """Return what works a key."""
        ...

    def clock(self) -> Clock:
        """Return what tells the time."""
        ...


def ask(work: Callable[[Parts], Awaitable[T]], settings: Settings | None = None) -> T:
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
    # Here, so that the help needs no database driver.
    from asyncpg import PostgresError  # noqa: PLC0415
    from asyncpg.exceptions import ClientConfigurationError  # noqa: PLC0415
    from sqlalchemy.exc import InterfaceError, OperationalError  # noqa: PLC0415

    from adapters.embedded.account import EmbeddedServerFailed  # noqa: PLC0415

    try:
        yield
    except ChangedMeanwhile as error:
        raise Failure(
            Exit.REFUSED,
            "Nothing was changed.",
            str(error),
            "signalman bot history NAME   (account, limits: the same) shows by whom",
        ) from None
    except EditRefused as error:
        raise Failure(
            Exit.REFUSED, "Nothing was changed.", str(error), "Close the position first."
        ) from None
    except EmbeddedServerFailed as error:
        raise Failure(
            Exit.NETWORK, "The embedded PostgreSQL does not run.", str(error)
        ) from None
    except ClientConfigurationError as error:
        raise _no_url(error) from None
    except PostgresError as error:  # of a statement it would be wrapped by SQLAlchemy
        raise _no_database("refused the connection", error) from None
    except (StoreUnavailable, InterfaceError, OperationalError) as error:
        raise _no_database("does not answer", error) from None
    except OSError as error:
        raise _no_file(error) or _no_database("does not answer", error) from None


def _no_url(error: Exception) -> Failure:
    return Failure(
        Exit.CONFIGURATION,
        "SIGNALMAN_DATABASE_URL cannot be read.",
        str(error),
        "Write it like postgresql://user:password@host:5432/database",
    )


def _no_database(what: str, error: Exception) -> Failure:
    why = getattr(error, "orig", None) or error
    return Failure(Exit.NETWORK, f"The database {what}.", str(why), _DATABASE_FIX)


def _no_file(error: OSError) -> Failure | None:
    """Return what to say where a file or directory is what failed."""
    if error.filename is None:
        return None
    return Failure(
        Exit.CONFIGURATION,
        f"{error.filename} cannot be used.",
        f"{error.strerror}.",
        "Let SIGNALMAN_DATA_DIR name a directory that this user may write.",
    )
