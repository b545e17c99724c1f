from decimal import Decimal

import pytest

from adapters.configuration.yaml_file import read_yaml
from application.exploring.grid import Axis, Grid, GridInvalid, read_grid, with_values

BOT = read_yaml("bots: [{name: a, rsi: {length: 14}}, {name: b}]").tree


def grid(text: str) -> Grid:
    return read_grid(read_yaml(text))


def mistakes(text: str) -> str:
    with pytest.raises(GridInvalid) as refused:
        grid(text)
    return str(refused.value)


def test_axes_are_lists_or_ranges_of_values() -> None:
    found = grid("axes: {rsi.length: [7, 14], rsi.oversold: {from: 20, to: 30, step: 5}}")

    assert found.axes == (
        Axis("rsi.length", ("7", "14")),
        Axis("rsi.oversold", ("20", "25", "30")),
    )
    assert found.size == len(list(found.combinations())) == 6


def test_a_setting_can_be_left_out_by_null() -> None:
    assert grid("axes: {exits.max_bars: [null, 5]}").axes[0].values == (None, "5")


def test_how_to_judge_can_be_said() -> None:
    text = "{axes: {a: [1]}, rank_by: sharpe, train: 0.7, walk_forward: 3, min_trades: 5}"
    found = grid(text)

    assert (found.rank_by, found.train) == ("sharpe", Decimal("0.7"))
    assert (found.walk_forward, found.min_trades) == (3, 5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must have axes"),
        ("axes: 5", "must map settings"),
        ("axes: {}", "must map settings"),
        ("axes: {a: []}", "list of values"),
        ("axes: {a: [1, 1]}", "each value once"),
        ("axes: {a: {from: 1, to: 9}}", "{from, to, step}"),
        ("axes: {a: {from: 1, to: 9, step: 0}}", "{from, to, step}"),
        ("axes: {a: {from: 9, to: 1, step: 1}}", "from 9 up to 1"),
        ("axes: {a: {from: 1, to: 999999, step: 1}}", "up to"),
        ("{axes: {a: [1]}, rank_by: luck}", "one of total_pnl"),
        ("{axes: {a: [1]}, train: 2}", "share of the bars"),
        ("{axes: {a: [1]}, walk_forward: -1}", "whole number"),
        ("{axes: {a: [1]}, axis: 1}", "did you mean 'axes'"),
        ("axes: {a: {from: 1, to: 999, step: 1}, b: {from: 1, to: 999, step: 1}}", "most"),
    ],
)
def test_a_bad_grid_says_what_would_be_right(text: str, said: str) -> None:
    assert said in mistakes(text)


def test_all_mistakes_are_told_at_once_with_their_lines() -> None:
    told = mistakes("axes:\n  a: []\nrank_by: luck\n")

    assert "line 2: axes.a" in told
    assert "line 3: rank_by" in told


def test_values_replace_the_settings_of_one_bot() -> None:
    axes = (Axis("rsi.length", ("7",)), Axis("exits.max_bars", (None,)))

    tree = with_values(BOT, "a", axes, ("7", None))

    assert tree == {
        "bots": [
            {"name": "a", "rsi": {"length": "7"}, "exits": {"max_bars": None}},
            {"name": "b"},
        ]
    }
