"""What Dockerfile and docker-compose.yml say, carried out without a container engine.

The build's instructions run as they stand, with the image's directories moved below one of
ours. A service's command and health check run as they stand too: in the environment that
the two files give them and in nothing else, with the same secrets in the same files.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.architecture.sources import ROOT

PLACES = ("/opt/signalman", "/build", "/src", "/var/lib/signalman", "/run/secrets")
"""Directories of the image; each is moved below one of ours."""
_ASKED = re.compile(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\}")
_PIP = ("PIP_CONFIG_FILE", "PIP_INDEX_URL", "UV_DEFAULT_INDEX")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One line of a Dockerfile, its continuations joined."""

    verb: str
    rest: str


@dataclass(slots=True)
class Image:
    """The image as directories of this machine."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict[str, str])
    """What the last stage sets with ENV."""

    def moved(self, text: str) -> str:
        """Return a text in which the image's directories are ours."""
        for place in PLACES:
            text = re.sub(rf"(?<![\w./-]){place}\b", f"{self.home}{place}", text)
        return text

    def build(self) -> None:
        """Carry the Dockerfile out, both stages in one place."""
        directory, building = self.home, dict[str, str]()
        for number, stage in enumerate(stages()):
            for one in stage:
                match one.verb:
                    case "WORKDIR":
                        directory = Path(self.moved(one.rest))
                        directory.mkdir(parents=True, exist_ok=True)
                    case "ENV":
                        into = building if number == 0 else self.environment
                        into |= dict(pair.split("=", 1) for pair in shlex.split(one.rest))
                    case "COPY" if not one.rest.startswith("--from"):
                        _copy(one.rest, directory)
                    case "RUN" if not one.rest.startswith("useradd"):
                        self._run(one.rest, directory, building)

    def _run(self, command: str, directory: Path, building: Mapping[str, str]) -> None:
        """Run a command of the build; where packages come from is this machine's affair."""
        kept = {name: os.environ[name] for name in _PIP if name in os.environ}
        python = str(Path(sys.executable).resolve().parent)
        path = f"{python}:{os.defpath}"
        given = {**kept, **building, "PATH": path, "HOME": str(Path.home())}
        subprocess.run(
            ["/bin/sh", "-c", self.moved(command)], cwd=directory, env=given, check=True
        )

    def running(self, service: Mapping[str, Any], **settings: str) -> dict[str, str]:
        """Return the environment of a service, and of nothing else."""
        asked = {
            name: _ASKED.sub(lambda match: match["default"] or "", str(value))
            for name, value in service["environment"].items()
        }
        given = {**self.environment, **asked, **settings}
        return {
            name: self.moved(value.replace("$PATH", os.defpath))
            for name, value in given.items()
        }

    def directory(self, place: str) -> Path:
        """Return one of the image's directories, made if need be."""
        found = Path(self.moved(place))
        found.mkdir(parents=True, exist_ok=True)
        return found


def stages() -> list[list[Instruction]]:
    """Return the Dockerfile's stages."""
    found: list[list[Instruction]] = []
    for one in _instructions():
        if one.verb == "FROM":
            found.append([])
        elif found:
            found[-1].append(one)
    return found


def composed() -> dict[str, Any]:
    """Return docker-compose.yml as it is read, its anchors resolved."""
    read: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return read


def check_of(service: Mapping[str, Any]) -> Sequence[str]:
    """Return the command of a service's health check."""
    kind, *command = service["healthcheck"]["test"]
    assert kind == "CMD"
    return [str(word) for word in command]


def _instructions() -> Iterator[Instruction]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            verb, _, rest = line.strip().partition(" ")
            yield Instruction(verb, rest.strip())


def _copy(rest: str, directory: Path) -> None:
    """Copy what git keeps; the vendored files of browsers are made anew by the build."""
    *names, target = rest.split()
    for name in names:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "vendor")
            shutil.copytree(source, directory / target, ignore=ignored)
        else:
            shutil.copy2(source, directory / target)
