from datetime import timedelta

from domain.signal import Direction
from tests.domain.examples import bar, signal


def test_the_opposite_of_the_opposite_is_the_side_itself() -> None:
    assert Direction.LONG.opposite is Direction.SHORT
    assert Direction.SHORT.opposite is Direction.LONG


def test_an_alert_fired_when_it_says_it_was_sent() -> None:
    sent = bar(1) + timedelta(seconds=1)

    assert signal(sent_at=sent).fired_at == sent


def test_an_alert_that_does_not_say_fired_when_it_arrived() -> None:
    assert signal(at=0).fired_at == bar(1)
