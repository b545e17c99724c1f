from urllib.parse import urlsplit

import pytest

from tests.entrypoints.cli.conftest import Terminal

BOT = "herenya-btc-4h"


def test_alerts_are_listed_with_what_they_led_to(traded: Terminal) -> None:
    alerts = traded.json("alert", "list")

    assert [one["outcomes"][0]["code"] for one in alerts] == [
        "rsi.neutral",
        "entry.opened",
        "entry.opened",
    ]


def test_the_trace_of_an_alert_begins_with_its_sentence(traded: Terminal) -> None:
    reversal = traded.json("alert", "list")[1]["id"]

    lines = traded.ok("alert", "show", str(reversal)).splitlines()

    assert lines[0].startswith("Closed 0.016 BTC long at 60,993.9, ")
    assert " and reversed: sold short 0.016 BTC at 60,993.9" in lines[0]
    assert any("not read, kept: tp = 9" in line for line in lines)
    assert any("1,000 USDT / 61,000 = 0.016393442..." in line for line in lines)


def test_a_trace_as_json_has_every_step(traded: Terminal) -> None:
    trace = traded.json("alert", "show", "1")

    titles = [step["title"] for step in trace["steps"]]
    assert titles[0] == "Received"
    assert titles[-2:] == ["Result", "Notified"]
    assert trace["sentence"].startswith("Bought 0.016 BTC")


def test_an_unknown_alert_is_a_failed_check(signalman: Terminal) -> None:
    result = signalman("alert", "show", "99")

    assert result.exit_code == 1
    assert "There is no alert 99." in result.stderr


def test_orders_positions_and_trades_have_money_as_text(traded: Terminal) -> None:
    orders, positions = traded.json("orders"), traded.json("positions")
    trades = traded.json("trades")

    assert [one["status"] for one in orders] == ["FILLED"] * 3
    assert (positions[0]["side"], positions[0]["quantity"]) == ("SHORT", "0.016")
    assert isinstance(trades[0]["pnl"], str)
    assert float(trades[0]["pnl"]) > 0


def test_tables_show_p_and_l_with_its_sign(traded: Terminal) -> None:
    trades, stats = traded.ok("trades"), traded.ok("stats")

    assert "+14." in trades
    assert "+14." in stats
    assert "100.0 %" in stats
    assert "✓ lost" in stats


def test_statistics_count_what_alerts_led_to(traded: Terminal) -> None:
    stats = traded.json("stats")

    assert (stats["alerts"], stats["lost"], stats["doubled"]) == (3, 0, 0)
    assert stats["decisions_by_code"]["rsi.neutral"] == 1
    assert stats["bots"][0]["bot"] == BOT
    assert isinstance(stats["bots"][0]["pnl"], str)


def test_an_open_position_keeps_its_market(traded: Terminal) -> None:
    result = traded("bot", "archive", BOT)

    assert result.exit_code == 5
    assert "Nothing was changed." in result.stderr


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("alert", "list"), "No alerts received yet."),
        (("orders",), "No orders yet"),
        (("positions",), "Flat, and no bot is deployed."),
        (("trades",), "No completed trades yet"),
        (("stats",), "Statistics start with the first closed trade"),
        (("bot", "list"), "No bots yet."),
        (("feed", "list"), "No feeds yet"),
        (("account", "list"), "No accounts yet"),
    ],
)
def test_an_empty_list_says_why_and_what_to_do_next(
    signalman: Terminal, command: tuple[str, ...], says: str
) -> None:
    result = signalman(*command)

    assert result.exit_code == 0
    assert says in result.stderr
    assert "→" in result.stderr


def test_flat_bots_say_what_they_are_watching(signalman: Terminal) -> None:
    signalman.deploy()

    result = signalman("positions")

    assert "Flat. 1 bot is watching 1 symbol; no alert has come yet." in result.stderr


@pytest.mark.parametrize(
    "command", ["orders", "positions", "trades", "stats", "state", "export", "doctor"]
)
def test_a_database_that_does_not_answer_is_told_without_a_traceback(
    offline: Terminal, command: str
) -> None:
    result = offline(command)

    assert result.exit_code == (1 if command == "doctor" else 4)
    assert "Traceback" not in result.output
    assert "SIGNALMAN_DATABASE_URL" in result.output


def test_settings_that_are_wrong_are_named(
    offline: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNALMAN_PORT", "http")

    result = offline("orders")

    assert result.exit_code == 3
    assert "SIGNALMAN_PORT: must be a number from 1 to 65535" in result.stderr


def test_a_wrong_password_is_told_without_a_traceback(
    signalman: Terminal, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = urlsplit(database_url)
    wrong = parts.netloc.replace(parts.password or "", "wrong")
    monkeypatch.setenv("SIGNALMAN_DATABASE_URL", parts._replace(netloc=wrong).geturl())

    result = signalman("orders")

    assert result.exit_code == 4
    assert "The database refused the connection." in result.stderr
    assert "password authentication failed" in result.stderr


def test_a_url_that_cannot_be_read_is_a_configuration_error(
    offline: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNALMAN_DATABASE_URL", "mysql://somewhere")

    result = offline("orders")

    assert result.exit_code == 3
    assert "SIGNALMAN_DATABASE_URL cannot be read." in result.stderr
