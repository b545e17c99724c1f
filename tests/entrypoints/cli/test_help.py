import os
import resource
import subprocess
import sys
from pathlib import Path

from entrypoints.cli.main import PLACES, cli
from tests.entrypoints.cli.conftest import Terminal

SECONDS_MAX = 0.3


def test_the_help_lists_every_command(offline: Terminal) -> None:
    text = offline.ok("--help")

    assert [name for name in PLACES if f" {name} " not in text] == []


def test_every_command_that_is_listed_explains_itself(offline: Terminal) -> None:
    for name in cli.commands:
        assert "Usage: signalman" in offline.ok(name, "--help")


def test_the_help_is_there_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "entrypoints.cli.main", "--help"]
    cached = os.environ | {"PYTHONPYCACHEPREFIX": str(tmp_path)}
    cached.pop("PYTHONDONTWRITEBYTECODE", None)
    seconds = []
    for _ in range(4):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True, env=cached)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    assert min(seconds) < SECONDS_MAX, seconds


def test_an_unknown_command_is_a_usage_error_with_a_suggestion(offline: Terminal) -> None:
    result = offline("alrets")

    assert result.exit_code == 2
    assert "Did you mean 'alert'?" in result.stderr
