from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.cautions import Evidence, cautions

SOUND = Evidence(
    trades=200,
    span=timedelta(days=700),
    win_rate=Decimal("0.5"),
    profit_factor=Decimal("1.4"),
    sharpe=1.1,
    lowest_equity=Decimal(9_000),
    fees=Decimal(120),
    rsi_length=14,
    bars_before_first_signal=140,
)


def codes(**changes: Any) -> list[str]:
    return [one.code for one in cautions(replace(SOUND, **changes))]


def test_a_sound_result_needs_no_caution() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"trades": 0}, "trades.none"),
        ({"trades": 29}, "trades.few"),
        ({"trades": 99}, "trades.some"),
        ({"span": timedelta(days=89)}, "period.short"),
        ({"open_at_end": True}, "result.open_at_end"),
        ({"fees": Decimal(0)}, "costs.no_fees"),
        ({"profit_factor": Decimal("4.1")}, "result.profit_factor_high"),
        ({"sharpe": 3.1}, "result.sharpe_high"),
        ({"win_rate": Decimal("0.91")}, "result.win_rate_high"),
        ({"lowest_equity": Decimal(0)}, "result.ruined"),
        ({"gaps": 2, "missing_bars": 9}, "bars.gaps"),
        ({"unfinished_bar": True}, "bars.unfinished"),
        ({"bars_before_first_signal": 139}, "rsi.warm_up"),
    ],
)
def test_each_thing_to_know_is_said_once(changes: dict[str, Any], code: str) -> None:
    assert codes(**changes) == [code]


def test_a_result_at_the_edge_of_belief_is_still_believed() -> None:
    edge = {"profit_factor": Decimal(4), "sharpe": 3.0, "win_rate": Decimal("0.9")}

    assert codes(**edge) == []


def test_a_handful_of_trades_cannot_be_too_good() -> None:
    lucky = {"trades": 5, "profit_factor": Decimal(90), "sharpe": 9.0}

    assert codes(**lucky) == ["trades.few"]


def test_the_numbers_stand_in_the_sentence() -> None:
    (few,) = cautions(replace(SOUND, trades=12))

    assert "12 trades" in few.text
