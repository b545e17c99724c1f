"""How large a file, a function and a list of parameters may become.

The aims of CONTRIBUTING.md are smaller; what is beyond them is printed (`pytest -rP`).
"""

import ast
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.architecture.sources import (
    LAYERS,
    ROOT,
    Function,
    functions,
    place,
    python_files,
    tree_of,
)

FILE_STOP, FILE_AIM, DOMAIN_FILE_AIM = 400, 300, 150
FUNCTION_STOP, FUNCTION_AIM = 70, 30
CLASS_AIM = 150
PARAMETERS_STOP, PARAMETERS_AIM = 6, 5


def test_no_source_file_is_longer_than_the_hard_stop() -> None:
    lengths = {path: lines_of(path) for path in python_files(*LAYERS)}

    tell(
        f"{path.relative_to(ROOT)}: {length} lines, the aim is {file_aim(path)}"
        for path, length in lengths.items()
        if length > file_aim(path)
    )
    long = {
        p.relative_to(ROOT): length for p, length in lengths.items() if length > FILE_STOP
    }
    assert long == {}


def test_no_function_is_longer_than_the_hard_stop() -> None:
    lengths = {
        f"{place(path, node)} {node.name}": span(node)
        for path in python_files(*LAYERS, "tests", "bench")
        for node in functions(path)
    }

    tell(
        f"{name}: {length} lines, the aim is {FUNCTION_AIM}"
        for name, length in lengths.items()
        if length > FUNCTION_AIM
    )
    assert {name: n for name, n in lengths.items() if n > FUNCTION_STOP} == {}


def test_no_class_is_longer_than_a_file_may_be() -> None:
    lengths = {
        f"{place(path, node)} {node.name}": span(node)
        for path in python_files(*LAYERS)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef)
    }

    tell(
        f"{name}: {length} lines, the aim is {CLASS_AIM}"
        for name, length in lengths.items()
        if length > CLASS_AIM
    )
    assert {name: n for name, n in lengths.items() if n > FILE_STOP} == {}


def test_no_function_takes_more_parameters_than_the_hard_stop() -> None:
    counts = {
        f"{place(path, node)} {node.name}": parameters(node)
        for path in python_files(*LAYERS)
        for node in functions(path)
        if not is_command(node)
    }

    tell(
        f"{name}: {count} parameters, the aim is {PARAMETERS_AIM}"
        for name, count in counts.items()
        if count > PARAMETERS_AIM
    )
    assert {name: n for name, n in counts.items() if n > PARAMETERS_STOP} == {}


def tell(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def file_aim(path: Path) -> int:
    return DOMAIN_FILE_AIM if path.relative_to(ROOT).parts[0] == "domain" else FILE_AIM


def span(node: Function | ast.ClassDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def parameters(node: Function) -> int:
    """Return how many arguments a caller gives; ``self`` and ``cls`` are not among them."""
    given = node.args
    names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


def is_command(node: Function) -> bool:
    """Say whether it is a command of the command line: one parameter for each option."""
    return any("command" in ast.unparse(one) for one in node.decorator_list)
