"""The backtest has no rules of its own: it asks the domain, as live does."""

import ast
from dataclasses import fields

import grimp

from domain.rules import ExitRules, OrderRules, RsiRules, Rules, Scaling, Sizing
from tests.architecture.sources import ROOT, python_files, tree_of

BACKTEST = "application.backtesting"
LIVE = ("application.deciding", "application.entering", "application.recording")
SHARED = (
    *("domain.decision", "domain.sizing", "domain.exits", "domain.position"),
    *("domain.fills", "domain.risk", "domain.state"),
)
READ_FOR_THE_SEARCH = {
    *("length", "oversold", "overbought", "trigger", "rearm"),
    *("trailing_percent", "max_bars", "leverage", "timeframe", "strategy"),
    *("collar_percent", "windows", "cooldown_bars"),
}
"""What finding the bars to ask about needs to know; the answers are the domain's."""

SETTINGS = {
    field.name
    for kind in (Rules, RsiRules, Sizing, Scaling, ExitRules, OrderRules)
    for field in fields(kind)
} - {"rsi", "sizing", "scaling", "exits", "order", "amount"}


def test_backtest_and_live_reach_the_same_rules() -> None:
    graph = grimp.build_graph("application", "domain", cache_dir=None)
    engine = {BACKTEST, *graph.find_descendants(BACKTEST)}

    for rules in SHARED:
        assert any(_reaches(graph, module, rules) for module in engine), rules
        assert any(_reaches(graph, module, rules) for module in LIVE), rules


def test_the_backtest_reads_no_rule_that_it_could_only_judge_by() -> None:
    read = {
        f"{path.relative_to(ROOT)}: {node.attr}"
        for path in python_files("application")
        if path.parent.name == "backtesting"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in SETTINGS - READ_FOR_THE_SEARCH
    }

    assert read == set()


def test_the_rules_are_defined_in_the_domain_alone() -> None:
    rules = {"decide", "size_entry", "exit_due", "through", "fill_price", "fee"}
    elsewhere = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in python_files("application", "adapters", "entrypoints")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef) and node.name in rules
    ]

    assert elsewhere == []


def _reaches(graph: grimp.ImportGraph, module: str, rules: str) -> bool:
    return rules in graph.find_modules_directly_imported_by(module)
