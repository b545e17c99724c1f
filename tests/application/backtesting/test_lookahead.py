from adapters.indicators.talib import TaLibIndicators
from application.backtesting.lookahead import check_lookahead
from application.ports.bars import FloatColumn
from tests.application.backtesting.histories import random_walk, request

BARS = random_walk(1500)


class IndicatorsThatKnowTheFuture(TaLibIndicators):
    """Looks three bars ahead, as a chart that repaints does."""

    def rsi(self, closes: FloatColumn, length: int) -> FloatColumn:
        values = super().rsi(closes, length)
        values[:-3] = values[3:]
        return values


def test_no_decision_of_ours_knows_the_future() -> None:
    found = check_lookahead(request(), BARS, TaLibIndicators())

    assert found.is_clean
    assert found.executions > 20
    assert len(found.cuts) > 100


def test_an_indicator_that_repaints_is_caught() -> None:
    found = check_lookahead(request(), BARS, IndicatorsThatKnowTheFuture())

    assert not found.is_clean
    assert all(one.bar <= one.cut for one in found.contradictions)


def test_rsi_is_said_to_settle_after_some_bars() -> None:
    found = check_lookahead(request(), BARS, TaLibIndicators(), cuts=1)

    settled = [one.settled or 0 for one in found.warm_up]
    assert [one.skipped for one in found.warm_up] == [50, 100, 150, 250, 500]
    assert all(14 < bars < 300 for bars in settled)
    assert found.bars_to_settle == max(settled)
