"""The demo's processes, each one of its own, so that some may be killed."""

import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from entrypoints.demo.run import START_SECONDS, NotStarted, environment, is_ready
from entrypoints.settings import Settings

Process = subprocess.Popen[bytes]


@dataclass(slots=True)
class Processes:
    """`signalman web`, `scheduler` and workers; they share the servers of a directory."""

    settings: Settings
    count: int
    """Of workers."""
    workers: list[Process] = field(default_factory=list[Process])
    """The one that has run longest comes first."""
    _others: list[Process] = field(default_factory=list[Process])

    @property
    def address(self) -> str:
        """Return where the web process answers."""
        return f"http://{self.settings.host}:{self.settings.port}"

    def __enter__(self) -> Self:
        """Start them all, and wait until the web process answers."""
        try:
            self._others.extend(map(self._started, ("web", "scheduler")))
            self.workers.extend(self._started("worker") for _ in range(self.count))
            self._wait()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Stop them all."""
        self._end()

    def replace_a_worker(self) -> int:
        """Kill the worker that has run longest, as a power cut would; start another.

        Returns the number of the process that is gone.
        """
        victim = self.workers.pop(0)
        victim.kill()
        victim.wait()
        self.workers.append(self._started("worker"))
        return victim.pid

    def _started(self, command: str) -> Process:
        with (self.settings.data_dir / f"{command}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own program, no shell
                [sys.executable, "-m", "entrypoints.cli.main", command],
                env=environment(self.settings)
                | {"SIGNALMAN_PORT": str(self.settings.port)},
                cwd=self.settings.data_dir,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not is_ready(self.address):
            if time.monotonic() > deadline or self._others[0].poll() is not None:
                log = (self.settings.data_dir / "web.log").read_text(encoding="utf-8")
                raise NotStarted(f"the web process did not start; it said:\n{log}")
            time.sleep(0.05)

    def _end(self) -> None:
        running = [*self.workers, *self._others]
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(timeout=START_SECONDS)
