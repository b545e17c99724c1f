"""What a process of the crash suite runs: the product's own, with a fate.

Processes are forked from a server that has imported everything, so that one starts in a
tenth of a second; what they run is what `signalman web`, `worker` and `scheduler` run.
"""

import multiprocessing
from importlib import import_module
from multiprocessing.context import ForkServerProcess
from typing import Any, cast

from dependency_injector.providers import Object, Singleton

from entrypoints.container import Container
from entrypoints.log import configure
from entrypoints.settings import Settings
from tests.crash.checkpoints import PORTS, Fate, Mortal

MODULES = {
    "web": "entrypoints.web.serve",
    "worker": "entrypoints.worker",
    "scheduler": "entrypoints.scheduler",
}
forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(
    [
        "tests.crash.program",
        *MODULES.values(),
        "adapters.queue.dramatiq_runtime",
        "adapters.queue.celery_runtime",
        "adapters.broker.ccxt",
        "adapters.market_data.ccxt",
        "celery.worker",
        "alembic.command",
    ]
)


def prepared() -> None:
    """Return when the server that processes are forked from has imported everything."""
    process = forks.Process(target=int, daemon=True)
    process.start()
    process.join()


def started(
    command: str, settings: Settings, fate: Fate | None = None
) -> ForkServerProcess:
    """Start a process, which may have a fate."""
    process = forks.Process(target=_run, args=(command, settings, fate), daemon=True)
    process.start()
    return process


def _run(command: str, settings: Settings, fate: Fate | None) -> None:
    configure(settings)
    if fate is not None:
        make_mortal(fate)
    try:
        import_module(MODULES[command]).run(settings)
    except KeyboardInterrupt:
        return


def make_mortal(fate: Fate) -> None:
    """Wire a decorator round every port that has a checkpoint, in this process."""
    for name in PORTS:
        provider = cast(Any, getattr(Container, name))
        if name == "queue":
            _make_queue_mortal(provider, fate)
            continue
        own = Singleton(provider.cls, *provider.args, **provider.kwargs)
        provider.override(Singleton(Mortal, own, Object(name), Object(fate)))


def _make_queue_mortal(selector: Any, fate: Fate) -> None:
    """The queue is one of several, chosen by a setting: each is decorated in its place."""
    for provider in selector.providers.values():
        own = Singleton(provider.cls, *provider.args, **provider.kwargs)
        provider.override(Singleton(Mortal, own, Object("queue"), Object(fate)))
