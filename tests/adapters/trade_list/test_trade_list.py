from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.indicators.talib import TaLibIndicators
from adapters.trade_list.reading import parse_trade_list, read_trade_list
from adapters.trade_list.writing import write_trade_list
from application.backtesting.listing import listed
from application.backtesting.run import run
from application.ports.trade_list import BadTradeList, ListedTrade
from domain.signal import Direction
from tests.application.backtesting.histories import random_walk, request

LIST = Path(__file__).parents[2] / "data" / ("RSI Strategy_FX_EURUSD_60_List_of_Trades.csv")
UNTIL_2024 = """\
Trade #,Type,Signal,Date/Time,Price USD,Contracts,Profit USD,Profit %,Cum. Profit USD
3,Exit Short,Open,,,,,,
3,Entry Short,Short,2024-01-05 10:00,103,2,,,
2,Exit Short,Cover,2024-01-03 10:00,101.5,2,-3,-1.5,7
2,Entry Short,Short,2024-01-02 10:00,100,2,-3,-1.5,7
1,Exit Long,Sell,2024-01-02 10:00,105,2,10,5,10
1,Entry Long,Buy,2024-01-01 10:00,100,2,10,5,10
"""
OF_2025 = """\
Trade #,Type,Date/Time,Signal,Price USD,Position size (qty),Position size (value),Profit
1,Entry long,2024-01-01T10:00:00+0000,Buy,100,2,200,10
1,Exit long,2024-01-02T10:00:00+0000,Sell,105,2,200,10
2,Entry short,2024-01-02T10:00:00+0000,Short,100,2,200,-3
2,Exit short,2024-01-03T10:00:00+0000,Cover,101.5,2,200,-3
3,Entry short,2024-01-05T10:00:00+0000,Short,103,2,206,1
3,Exit short,2024-01-06T10:00:00+0000,Open,102.5,2,206,1
"""
OF_2026 = """\
\ufeffTrade #,Type,Date and time,Signal,Price USD,Size (qty),Size (value),Net P&L USD
1,Exit long,2024-01-02 10:00,Sell,105,2,200,10
1,Entry long,2024-01-01 10:00,Buy,100,2,200,10
2,Exit short,2024-01-03 10:00,Cover,101.5,2,200,(3)
2,Entry short,2024-01-02 10:00,Short,100,2,200,(3)
3,Exit short,2024-01-06 10:00,Open,102.5,2,206,1
3,Entry short,2024-01-05 10:00,Short,103,2,206,1
"""
JAPANESE = """\
\ufeffトレード番号,タイプ,日時,シグナル,価格 USD,サイズ,サイズ(値),純損益 USD
1,ロングエグジット,2024-01-02 10:00,Sell,105,2,200,10
1,ロングエントリー,2024-01-01 10:00,Buy,100,2,200,10
2,ショートエグジット,2024-01-03 10:00,Cover,101.5,2,200,\u22123
2,ショートエントリー,2024-01-02 10:00,Short,100,2,200,\u22123
3,ショートエグジット,2024-01-06 10:00,オープン,102.5,2,206,1
3,ショートエントリー,2024-01-05 10:00,Short,103,2,206,1
"""
UNKNOWN_LANGUAGE = """\
#,A,B,C,D,E,F,G
1,Uit x,2024-01-02 10:00,Sell,105,2,200,10
1,In x,2024-01-01 10:00,Buy,100,2,200,10
2,Uit y,2024-01-03 10:00,Cover,101.5,2,200,-3
2,In y,2024-01-02 10:00,Short,100,2,200,-3
3,Uit y,2024-01-06 10:00,open,102.5,2,206,1
3,In y,2024-01-05 10:00,Short,103,2,206,1
"""


def essence(trades: tuple[ListedTrade, ...]) -> list[tuple[object, ...]]:
    """Return what every generation tells of a trade."""
    return [
        (one.side.value, one.entry_at.day, one.entry_price, one.quantity, one.is_open)
        for one in trades
    ]


@pytest.mark.parametrize(
    "text",
    [UNTIL_2024, OF_2025, OF_2026, JAPANESE, UNKNOWN_LANGUAGE],
    ids=["until 2024", "2025", "2026", "Japanese", "no language known"],
)
def test_every_generation_and_language_tells_the_same_trades(text: str) -> None:
    trades = parse_trade_list(text, UTC)

    assert essence(trades) == [
        ("LONG", 1, 100, 2, False),
        ("SHORT", 2, 100, 2, False),
        ("SHORT", 5, 103, 2, True),
    ]
    assert trades[1].exit_price == Decimal("101.5")
    assert trades[1].pnl == -3


def test_a_time_without_an_offset_is_of_the_charts_zone() -> None:
    first = parse_trade_list(OF_2026, ZoneInfo("America/New_York"))[0]

    assert first.entry_at == datetime(2024, 1, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "it has no trades"),
        ("a,b,c\nx,y,z\n", "line 2 is no row of TradingView's list"),
        (
            OF_2026.replace("2024-01-03 10:00", "Wednesday"),
            "line 4: 'Wednesday' is no time",
        ),
        (OF_2026.replace("101.5", "a lot"), "line 4: 'a lot' is no number"),
    ],
)
def test_a_list_that_cannot_be_used_says_where_and_why(text: str, told: str) -> None:
    with pytest.raises(BadTradeList, match=told):
        parse_trade_list(text, UTC)


def test_tradingviews_own_list_is_read_whole() -> None:
    trades = read_trade_list(LIST, UTC)

    assert len(trades) == 194
    assert trades[0].side is Direction.LONG
    assert trades[0].entry_price == Decimal("1.13018")
    assert [trade.number for trade in trades if trade.is_open] == [194]


def test_what_is_written_is_read_back_as_it_was() -> None:
    result = run(request(), random_walk(2000), TaLibIndicators())

    back = parse_trade_list(write_trade_list(result), UTC)

    ours = listed(result)
    assert len(back) == len(ours) > 20
    for mine, theirs in zip(ours, back, strict=True):
        assert theirs[:5] == mine._replace(number=theirs.number)[:5]
        assert theirs.is_open is mine.is_open
        if not mine.is_open:
            assert theirs[6:8] == mine[6:8]
            assert theirs.pnl == mine.pnl


def test_a_written_list_looks_like_tradingviews_newest() -> None:
    text = write_trade_list(run(request(), random_walk(2000), TaLibIndicators()))

    header, exit_row, entry_row, *_ = text.splitlines()
    assert header.startswith(
        "\ufeffTrade #,Type,Date and time,Signal,Price USDT,Size (qty)"
    )
    assert header.endswith("Cumulative P&L USDT,Cumulative P&L %")
    assert exit_row.startswith("1,Exit ")
    assert entry_row.startswith("1,Entry ")
