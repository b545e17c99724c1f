"""Runs of backtests as JSON and back. Every number that must be exact is text."""

from typing import Any

import msgspec

from application.runs import Run


def run_tree(run: Run) -> dict[str, Any]:
    """Return a run as plain values."""
    tree: dict[str, Any] = msgspec.to_builtins(run, str_keys=True)
    return tree


def run_of(tree: dict[str, Any]) -> Run:
    """Return the run of plain values."""
    return msgspec.convert(tree, Run)
