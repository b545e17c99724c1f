"""`signalman up`, `web`, `worker`, `scheduler` and `migrate`: the processes themselves."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import rich_click as click

from entrypoints.cli.asking import foreseen, read_settings
from entrypoints.cli.failure import Exit, Failure
from entrypoints.cli.terminal import say
from entrypoints.settings import PORT_MAX, Settings

data_dir_option = click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the embedded servers keep their data (~/.signalman).",
)
port_option = click.option(
    "--port",
    type=click.IntRange(1, PORT_MAX),
    help="The port to listen on; the next free one if it is taken (8000).",
)


@click.command()
@port_option
@data_dir_option
def up(port: int | None, data_dir: Path | None) -> None:
    """Start everything in one process: web, workers and scheduler, on embedded servers.

    The first start makes a database in the data directory; later ones go on with it.
    """
    _run("entrypoints.up", read_settings(data_dir, port))


@click.command()
def web() -> None:
    """Serve the webhook, the API and the pages until told to stop."""
    from entrypoints.web.serve import free_port  # noqa: PLC0415

    settings = read_settings()
    if free_port(settings.host, settings.port) != settings.port:
        raise Failure(
            Exit.NETWORK,
            f"Port {settings.port} of {settings.host} is taken.",
            "Another server listens there; it may be Signalman already.",
            "Stop it, or set SIGNALMAN_PORT to another.",
        )
    _run("entrypoints.web.serve", settings)


@click.command()
def worker() -> None:
    """Work alerts into orders until told to stop. Any number of them may run."""
    _run("entrypoints.worker", read_settings())


@click.command()
def scheduler() -> None:
    """Route what waits, and turn timers that are due into work, until told to stop."""
    _run("entrypoints.scheduler", read_settings())


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema; nothing happens when it is there already."""
    from adapters.store.postgres.migrate import current, head, upgrade  # noqa: PLC0415
    from entrypoints.session import database  # noqa: PLC0415

    with foreseen(), database(read_settings()) as url:
        before = current(url)
        if before == head():
            say(f"✓ The database is at the newest schema ({before}).", "green")
            return
        upgrade(url)
        say(f"✓ The database went from {before or 'empty'} to {head()}.", "green")


def _run(module: str, settings: Settings) -> None:
    """Run a process to its end; Ctrl-C is how it is meant to end."""
    from entrypoints.log import configure  # noqa: PLC0415
    from entrypoints.web.serve import PortTaken  # noqa: PLC0415

    configure(settings)
    run: Callable[[Settings], None] = import_module(module).run
    try:
        with foreseen():
            run(settings)
    except PortTaken as error:
        raise Failure(
            Exit.NETWORK,
            "There is no port to listen on.",
            str(error),
            "Choose one: --port N",
        ) from None
    except KeyboardInterrupt:
        say("Stopped.")
