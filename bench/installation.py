"""An installation on this machine for a benchmark: real servers that wait for the disk."""

import multiprocessing
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from multiprocessing.process import BaseProcess
from pathlib import Path

from adapters.configuration.yaml_file import read_yaml
from adapters.embedded.postgres import running_postgres
from adapters.embedded.valkey import running_valkey
from adapters.instruments.snapshot import listings
from application.ports.configuration import Author
from application.ports.inbox import Arrival
from application.proposal import Wishes
from application.records import FeedId
from domain.instrument import Kind
from domain.signal import Action, AlertId, Signal
from entrypoints.container import Container
from entrypoints.log import configure
from entrypoints.session import opened
from entrypoints.settings import Settings

RUNTIMES = ("memory", "dramatiq", "celery")
SYMBOLS = 40
IN_A_FILE = 4_000
"""How many bots are applied at once: a file is a megabyte at most."""
STOP_SECONDS = 30
AUTHOR = Author(name="bench", source="command line")
MINUTE = timedelta(minutes=1)
PRICE = Decimal(100)

_ACCOUNT = """
  - name: {name}
    exchange: binanceusdm
    mode: paper
    paper: {{balance: 100000000, currency: USDT, fee_rate: 0.0005, slippage_bps: 1}}
    limits: {{open_positions: 1000, position_notional: 100000000, daily_loss: 50000000,
              entries_per_minute: 1000000, drawdown_percent: 50, losses_in_row: 1000000}}
"""
_BOT = """
  - name: {name}
    account: {account}
    feed: bench
    chart: {{exchange: BINANCE, ticker: {ticker}, interval: 1m}}
    sizing: {{mode: quote, amount: 1000}}
    limits: {{position_notional: 5000, max_age_seconds: 3600}}
"""


@dataclass(frozen=True, slots=True)
class Bench:
    """The servers of a benchmark; every measurement has a database of its own."""

    directory: Path
    server: str
    valkey: str

    def settings(self, database_url: str, queue: str) -> Settings:
        """Return what a process is started with."""
        return Settings(
            database_url=database_url,
            redis_url="" if queue == "memory" else self.valkey,
            queue=queue,
            data_dir=self.directory,
        )


@contextmanager
def servers() -> Iterator[Bench]:
    """Yield a PostgreSQL that waits for the disk, and a Valkey."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        server = stack.enter_context(running_postgres(directory / "postgres"))
        valkey = stack.enter_context(running_valkey(directory / "valkey"))
        yield Bench(directory, server, valkey)


@asynccontextmanager
async def deployed(settings: Settings, bots: int) -> AsyncIterator[tuple[Container, str]]:
    """Yield a container over an empty database with so many bots, a key each.

    The feed's token comes with it.

    Forty bots share an account, and every account has every limit there is.
    """
    markets = [
        one.tv_ticker
        for one in listings()
        if one.instrument.exchange == "binanceusdm"
        and one.instrument.kind is Kind.PERPETUAL
        and one.instrument.settle == "USDT"
    ][:SYMBOLS]
    async with opened(settings, settings.redis_url) as container:
        tokens: dict[str, str] = {}
        for first in range(0, bots, IN_A_FILE):
            text = _file(markets, range(first, min(bots, first + IN_A_FILE)))
            applied = await container.apply()(read_yaml(text), Wishes(), AUTHOR)
            tokens |= applied.tokens
        yield container, tokens["bench"]


def _file(markets: Sequence[str], bots: range) -> str:
    """Return a configuration file with these bots and their accounts."""
    accounts = dict.fromkeys(number // SYMBOLS for number in bots)
    text = "feeds: [{name: bench}]\naccounts:" + "".join(
        _ACCOUNT.format(name=f"account-{number}") for number in accounts
    )
    return (
        text
        + "bots:"
        + "".join(
            _BOT.format(
                name=f"bot-{number}",
                account=f"account-{number // SYMBOLS}",
                ticker=markets[number % SYMBOLS],
            )
            for number in bots
        )
    )


def arrivals(bots: int, rounds: int) -> Iterator[Arrival]:
    """Yield alerts, bot by bot in every round; each enters, or closes what was entered."""
    now = datetime.now(UTC)  # noqa: TID251 - alerts that fire now
    for round in range(rounds):
        for bot in range(bots):
            signal = Signal(
                alert=AlertId(0),
                received_at=now,
                sent_at=now,
                bar_time=now - (rounds - round + 1) * MINUTE,
                rsi=20.0 if round % 2 == 0 else 50.0,
                action=Action.CLOSE if round % 2 else None,
                price=PRICE,
                bot=f"bot-{bot}",
            )
            yield Arrival(
                feed=FeedId(1),
                body="",
                digest=f"{round} {bot}",
                size=0,
                source="127.0.0.1",
                content_type="",
                key=f"id:{round} {bot}",
                key_expires=False,
                signal=signal,
            )


@contextmanager
def processes(program: str, settings: Sequence[Settings]) -> Iterator[list[BaseProcess]]:
    """Run processes of ours, as the command line does, and end them at the end."""
    context = multiprocessing.get_context("spawn")
    running = [context.Process(target=_run, args=(program, one)) for one in settings]
    for process in running:
        process.start()
    try:
        yield list(running)
    finally:
        for process in running:
            if process.is_alive():
                process.terminate()
        for process in running:
            process.join(STOP_SECONDS)
            if process.is_alive():
                process.kill()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(program: str, settings: Settings) -> None:
    """Run a process with its log as it is by default, which nobody reads here."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        sys.stderr = nowhere
        configure(settings)
        import_module(f"entrypoints.{program}").run(settings)
