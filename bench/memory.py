"""What `signalman up` takes of memory while nothing happens, with its embedded servers.

The sum of PSS over every process that runs in its data directory: shared pages count once.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.alerts import listening
from bench.installation import free_port, processes
from entrypoints.settings import Settings

SETTLE_SECONDS = 15.0


def main() -> dict[str, object]:
    """Start it, wait, and print what each kind of process takes."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        settings = Settings(data_dir=Path(directory), port=free_port())
        with processes("up", [settings]) as started:
            asyncio.run(_settled(settings.port))
            known = {one.pid for one in started}
            found: dict[str, float] = {}
            for pid in _tree({pid for pid in known if pid is not None}, directory):
                kind, megabytes = _kind(pid), _pss(pid)
                found[kind] = found.get(kind, 0.0) + megabytes
    total = sum(found.values())
    for kind, megabytes in sorted(found.items()):
        print(f"{kind:12}{megabytes:8.0f} MB")
    print(f"{'together':12}{total:8.0f} MB, of at most 400 MB")
    return {"megabytes": found, "together": total}


async def _settled(port: int) -> None:
    await listening(port)
    await asyncio.sleep(SETTLE_SECONDS)


def _tree(known: set[int], directory: str) -> set[int]:
    """Return these processes, all below them, and the servers of the directory."""
    parents = {pid: _parent(pid) for pid in _pids()}
    known |= {pid for pid in parents if directory in _command(pid)}
    while more := {pid for pid, up in parents.items() if up in known} - known:
        known |= more
    return known


def _pids() -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            yield int(entry.name)


def _parent(pid: int) -> int:
    stat = _read(pid, "stat")
    return int(stat.rpartition(")")[2].split()[1]) if stat else 0


def _command(pid: int) -> str:
    return _read(pid, "cmdline").replace("\0", " ")


def _kind(pid: int) -> str:
    command = _command(pid)
    if "postgres" in command:
        return "PostgreSQL"
    return "Valkey" if "valkey" in command or "redis" in command else "signalman"


def _pss(pid: int) -> float:
    """Return a process's share of memory in MB; 0 once it has ended."""
    lines = _read(pid, "smaps_rollup").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
