import pytest

from application.configuration.values import Chart, chart_key, name_key
from domain.timeframe import Timeframe


@pytest.mark.parametrize("interval", ["4h", "4H", "240"])
def test_a_chart_is_the_same_however_its_timeframe_is_written(interval: str) -> None:
    chart = Chart(
        exchange="binance", ticker="btcusdt.p", timeframe=Timeframe.parse(interval)
    )

    assert chart.key == "BINANCE:BTCUSDT.P:4h"


def test_a_free_name_is_the_same_chart_in_capitals() -> None:
    assert Chart(name="Herenya Capital").key == Chart(name="HERENYA  capital").key
    assert Chart(name="Herenya Capital").key == "name:herenya capital"


def test_a_named_chart_keeps_its_key_when_it_says_its_timeframe() -> None:
    chart = Chart(name="Herenya Capital", timeframe=Timeframe.parse("4h"))

    assert chart.key == "name:herenya capital"


def test_an_alert_s_chart_has_the_key_of_the_bot_s_chart() -> None:
    bar = Timeframe.parse("60")

    key = Chart(exchange="OKX", ticker="ETHUSDT.P", timeframe=bar).key

    assert key == chart_key("okx", "ETHUSDT.P", Timeframe.parse("1h"))
    assert Chart(name="Herenya").key == name_key("herenya")


def test_a_chart_is_either_named_or_complete() -> None:
    with pytest.raises(ValueError, match="needs a name, or an exchange"):
        Chart(exchange="BINANCE", ticker="BTCUSDT")
    with pytest.raises(ValueError, match="either a name or an exchange"):
        Chart(exchange="BINANCE", name="Herenya")
