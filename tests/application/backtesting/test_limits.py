from collections import Counter
from dataclasses import replace
from decimal import Decimal

from adapters.indicators.talib import TaLibIndicators
from application.backtesting.result import BacktestResult
from application.backtesting.run import run
from domain.reasons import Reason
from domain.risk import Limits
from tests.application.backtesting.histories import random_walk, request

BARS = random_walk(3000)


def ran(bot: Limits | None = None, account: Limits | None = None) -> BacktestResult:
    asked = replace(request(), limits=bot or Limits(), account_limits=account or Limits())
    return run(asked, BARS, TaLibIndicators())


def refused(result: BacktestResult) -> Counter[Reason]:
    return Counter(one.finding.reason for one in result.refused)


def test_a_limit_on_the_position_refuses_what_would_exceed_it() -> None:
    result = ran(Limits(position_notional=Decimal(15_000)))

    assert {one.fill.number for one in result.executions} == {0, 1}
    assert refused(result)[Reason.LIMIT_POSITION_NOTIONAL] > 10
    assert "limit.position_notional" in result.warnings[0]


def test_entries_a_minute_are_counted_by_the_closes_of_bars() -> None:
    result = ran(account=Limits(entries_per_minute=1))

    assert result.executions == ran().executions
    assert not refused(result)


def test_a_brake_lets_no_entry_pass_any_more_and_exits_all_the_same() -> None:
    result = ran(account=Limits(losses_in_row=2))

    assert refused(result)[Reason.BRAKE_LOSSES_IN_ROW] == 1
    assert refused(result)[Reason.STATE_REDUCING] > 5
    assert result.position.is_flat
    assert "A brake fired at" in result.warnings[-1]


def test_a_loss_of_the_day_is_forgotten_on_the_next() -> None:
    worst = min(trade.pnl for trade in ran().trades)

    result = ran(account=Limits(daily_loss=-worst * 100))

    assert result.executions == ran().executions


def test_the_age_of_alerts_limits_nothing_in_history() -> None:
    assert ran(Limits(max_age_seconds=1)).executions == ran().executions
