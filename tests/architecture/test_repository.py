"""What must not stand in any file that git keeps."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, python_files, tracked_files, tree_of

THIS = Path(__file__)
LOCKS = (ROOT / "requirements.lock", ROOT / "bench" / "requirements.lock")

MACHINE_PATHS = re.compile(
    r"(?<![\w.~$}<-])/(?:work|root|home|Users)(?:/[\w.-]+|(?=[\"'\s:]|$))"
)
REGISTRIES = re.compile(
    r"\b(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|crates\.io|proxy\.golang\.org"
    r"|conda\.anaconda\.org|repo\d?\.maven\.org|rubygems\.org|index-url\s*=?\s*http)",
    re.IGNORECASE,
)
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
ADDRESS = re.compile(
    r"\w+://|^\s*-(?:i|f)\b|--(?:extra-)?index-url|--find-links", re.MULTILINE
)


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    assert [*found(MACHINE_PATHS)] == []


def test_no_file_names_the_host_of_a_package_registry() -> None:
    assert [*found(REGISTRIES)] == []


def test_no_file_is_left_unfinished() -> None:
    assert [*found(UNFINISHED)] == []


@pytest.mark.parametrize("file", LOCKS, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_lock_file_has_hashes_and_no_address_of_an_index(file: Path) -> None:
    lock = file.read_text(encoding="utf-8")

    assert "--hash=sha256:" in lock
    assert ADDRESS.findall(lock) == []


def test_no_test_and_no_source_patches_what_it_does_not_own() -> None:
    patching = [
        str(path.relative_to(ROOT))
        for path in python_files("domain", "application", "adapters", "entrypoints")
        + python_files("tests", "bench")
        for name in imported(path)
        if name.partition(".")[0] == "mock" or name.startswith("unittest")
    ]

    assert patching == []


def found(pattern: re.Pattern[str]) -> Iterator[str]:
    """Yield ``README.md:7: the match`` for every place but this file itself."""
    for path in tracked_files():
        content = path.read_bytes()
        if path == THIS or b"\0" in content:  # as git tells what is binary
            continue
        for number, line in enumerate(content.decode().splitlines(), start=1):
            if match := pattern.search(line):
                yield f"{path.relative_to(ROOT)}:{number}: {match[0]}"


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
