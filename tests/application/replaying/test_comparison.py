from datetime import UTC, datetime, timedelta
from decimal import Decimal

from application.ports.rehearsal import BotBook, Rehearsed
from application.ports.views import AlertSummary
from application.replaying.comparison import Comparison, compared, only, sentence
from domain.position import Fill, Position, Trade
from domain.reasons import Reason
from domain.signal import AlertId, Direction
from tests.domain.runs import trade

AT = datetime(2026, 11, 1, tzinfo=UTC)
OPENED, NEUTRAL = Reason.ENTRY_OPENED, Reason.RSI_NEUTRAL


def alert(id: int) -> AlertSummary:
    return AlertSummary(
        id=AlertId(id),
        feed="feed",
        received_at=AT + timedelta(hours=id),
        signal=None,
        reason=Reason.ROUTED,
        duplicates=0,
        outcomes=(),
    )


def way(*trades: Trade, **decisions: Reason) -> Rehearsed:
    """Return what bot ``b`` decided on alerts ``a1``, ``a2``, with its trades."""
    outcomes = {(AlertId(int(name[1:])), "b"): one for name, one in decisions.items()}
    return Rehearsed(
        outcomes=outcomes, books={"b": BotBook(currency="USDT", trades=trades)}
    )


def both(old: Rehearsed, new: Rehearsed, count: int = 2) -> Comparison:
    return compared([alert(id) for id in range(1, count + 1)], old, new)


def test_only_what_differs_is_told() -> None:
    found = both(way(a1=OPENED, a2=NEUTRAL), way(a1=OPENED, a2=OPENED))

    (turn,) = found.turns
    assert (turn.alert, turn.bot, turn.old, turn.new) == (2, "b", NEUTRAL, OPENED)
    assert turn.received_at == AT + timedelta(hours=2)
    assert found.decisions == 2


def test_an_alert_that_only_one_way_decides_on_differs() -> None:
    found = both(way(), way(a1=OPENED))

    assert [(turn.old, turn.new) for turn in found.turns] == [(None, OPENED)]


def test_the_same_both_ways_changes_nothing() -> None:
    found = both(way(trade("5", 1), a1=OPENED), way(trade("5", 1), a1=OPENED))

    assert found.changes_nothing
    assert sentence(found) == "With your last 2 alerts this would have changed nothing."


def test_the_sentence_has_trades_and_money_both_ways() -> None:
    old = way(trade("5", 1), trade("-7", 2), a1=OPENED, a2=OPENED)
    found = both(old, way(trade("5", 1), a1=OPENED, a2=NEUTRAL))

    assert sentence(found) == (
        "With your last 2 alerts, 1 decision of 2 would have been different; "
        "b would have made 1 trade and +5 USDT instead of 2 and \u22122."
    )
    assert found.bots[0].pnl_change == 7


def test_what_is_open_counts_at_the_last_price_after_fees() -> None:
    fill = Fill(Direction.LONG, 1, Decimal(2), Decimal(100), Decimal("0.2"), AT)
    book = BotBook(currency="USDT", position=Position().after(fill), mark=Decimal(110))

    assert book.open_pnl == Decimal("19.8")
    assert BotBook(currency="USDT").open_pnl == 0


def test_a_bot_that_is_new_or_gone_is_told_as_such() -> None:
    nothing = Rehearsed(outcomes={})
    appeared = sentence(both(nothing, way(a1=OPENED)))
    gone = sentence(both(way(a1=OPENED), nothing))

    assert appeared.endswith("b would have made 0 trades and 0 USDT.")
    assert gone.endswith("b would not have traded.")


def test_one_bot_can_be_looked_at_alone() -> None:
    found = both(way(a1=OPENED), way(a1=NEUTRAL))

    assert only(found, "b").turns == found.turns
    assert (only(found, "x").turns, only(found, "x").bots) == ((), ())


def test_turns_are_counted_by_kind_the_most_frequent_first() -> None:
    old = way(a1=OPENED, a2=OPENED, a3=NEUTRAL)
    found = both(old, way(a1=NEUTRAL, a2=NEUTRAL, a3=OPENED), 3)

    assert found.kinds == [((OPENED, NEUTRAL), 2), ((NEUTRAL, OPENED), 1)]


def test_without_alerts_there_is_nothing_to_try_on() -> None:
    assert "nothing to try" in sentence(compared([], way(), way()))
