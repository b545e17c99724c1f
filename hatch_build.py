"""Runs when Signalman is built or installed: puts the files for browsers in their place."""

import importlib.util
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ASSETS = Path("entrypoints/web/assets.py")


class Assets(BuildHookInterface[Any]):
    """Copies the assets out of the wheels in `build-system.requires`, each hash checked."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Copy them; the wheel takes them in as artifacts."""
        if self.target_name == "wheel":
            assets(Path(self.root)).place(read)


def assets(root: Path) -> ModuleType:
    """Return the module that knows them, without the packages that it lies in."""
    spec = importlib.util.spec_from_file_location("signalman_assets", root / ASSETS)
    if spec is None or spec.loader is None:
        message = f"{ASSETS} cannot be loaded"
        raise ImportError(message)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def read(name: str, path: str) -> bytes:
    """Return a file of an installed distribution; nothing of it is imported."""
    try:
        return Path(str(distribution(name).locate_file(path))).read_bytes()
    except PackageNotFoundError as error:
        message = (
            f"{name} is missing. It stands in build-system.requires of pyproject.toml."
        )
        raise RuntimeError(message) from error
