"""What may import what, and what the domain must not know at all."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp

from tests.architecture.sources import ROOT, functions, place, python_files, tree_of

ALLOWED_IN_DOMAIN = {
    *("collections", "dataclasses", "datetime", "decimal", "enum", "functools"),
    *("itertools", "math", "re", "types", "typing"),
}
"""Standard library without a clock, randomness, files, logging or threads."""

CLOCKS = ("now", "utcnow", "today")
MONEY = {
    *("amount", "balance", "cash", "cost", "equity", "fee", "fees", "leverage", "margin"),
    *("mark", "money", "notional", "percent", "pnl", "price", "prices", "proceeds"),
    *("profit", "quantity", "rate", "realized", "reserved", "unrealized"),
}
"""A name with one of these words in it holds a price, a quantity or money."""


def test_every_import_contract_of_the_project_is_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")

    checked = subprocess.run(
        [linter, "--no-logo", "--no-cache"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_neither_the_web_nor_the_container_loads_what_asks_venues() -> None:
    loads = "import sys, entrypoints.web.app; sys.exit('ccxt' in sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", loads], cwd=ROOT, check=False)

    assert loaded.returncode == 0


def test_the_domain_imports_nothing_but_itself_and_a_few_quiet_standard_modules() -> None:
    graph = grimp.build_graph("domain", include_external_packages=True, cache_dir=None)

    imported = {
        (module, target)
        for module in graph.modules
        for target in graph.find_modules_directly_imported_by(module)
        if target.partition(".")[0] != "domain"
    }

    assert {(m, t) for m, t in imported if t not in ALLOWED_IN_DOMAIN} == set()


def test_the_domain_never_waits() -> None:
    waiting = [
        place(path, node)
        for path in python_files("domain")
        for node in functions(path)
        if isinstance(node, ast.AsyncFunctionDef)
    ]

    assert waiting == [], "\n".join(waiting)


def test_neither_the_domain_nor_the_use_cases_read_a_clock() -> None:
    reads = [
        place(path, node)
        for path in python_files("domain", "application")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
        and ast.unparse(node.func.value) in ("datetime", "date", "time")
    ]

    assert reads == [], "\n".join(reads)


def test_no_money_price_or_quantity_is_a_float() -> None:
    floats = [
        f"{place(path, node)} {name}: {ast.unparse(annotation)}"
        for path in python_files("domain", "application")
        for node, name, annotation in annotated(path)
        if is_money(name) and "float" in words_of(ast.unparse(annotation))
    ]

    assert floats == [], "\n".join(floats)


def test_no_money_price_or_quantity_is_turned_into_a_float() -> None:
    turned = [
        f"{place(path, node)} {ast.unparse(node)}"
        for path in python_files("domain", "application")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "float"
        and any(is_money(name) for one in node.args for name in last_names(one))
    ]

    assert turned == [], "\n".join(turned)


def test_money_is_computed_by_the_exact_functions_and_never_by_an_operator() -> None:
    """An operator rounds to the 28 digits of the default context, and says nothing."""
    inexact = [
        f"{place(path, node)} {ast.unparse(node)}"
        for path in python_files("domain", "application", "adapters")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.BinOp | ast.UnaryOp)
        and any(is_money(name) for one in operands(node) for name in last_names(one))
    ]

    assert inexact == [], "\n".join(inexact)


def annotated(path: Path) -> Iterator[tuple[ast.stmt | ast.arg, str, ast.expr]]:
    """Yield every parameter, field and result of a file that has a name and a type."""
    for node in ast.walk(tree_of(path)):
        match node:
            case ast.arg(arg=name, annotation=ast.expr() as kind):
                yield node, name, kind
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind):
                yield node, name, kind
            case ast.AnnAssign(target=ast.Attribute(attr=name), annotation=kind):
                yield node, name, kind
            case ast.FunctionDef(name=name, returns=ast.expr() as kind):
                yield node, name, kind
            case ast.AsyncFunctionDef(name=name, returns=ast.expr() as kind):
                yield node, name, kind
            case _:
                pass


def operands(node: ast.BinOp | ast.UnaryOp) -> tuple[ast.expr, ...]:
    """Return what an arithmetic operator works on; nothing for ``not`` and ``|``."""
    if isinstance(node, ast.UnaryOp):
        return (node.operand,) if isinstance(node.op, ast.USub | ast.UAdd) else ()
    if isinstance(node.op, ast.BitOr | ast.BitAnd):
        return ()
    return (node.left, node.right)


def last_names(node: ast.expr) -> tuple[str, ...]:
    """Return the name that says what an expression is: ``fee`` of ``report.fee``.

    A column of a table, ``fills.c.fee``, is computed by the database, which is exact.
    """
    match node:
        case ast.Attribute(value=ast.Attribute(attr="c")):
            return ()
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return (name,)
        case ast.Call(func=func):
            return last_names(func)
        case _:
            return ()


def is_money(name: str) -> bool:
    return bool(words_of(name) & MONEY)


def words_of(text: str) -> set[str]:
    plain = "".join(letter if letter.isalnum() else " " for letter in text)
    return set(plain.lower().split())
