import json

import pytest

from entrypoints.web.serve import free_port
from tests.entrypoints.cli.conftest import Terminal
from tests.entrypoints.stack import alert

BOT = "herenya-btc-4h"


def test_a_message_is_explained_with_the_bots_it_would_reach(signalman: Terminal) -> None:
    signalman.deploy()

    text = signalman.ok("alert", "check", "-", text=json.dumps(alert(rsi=25, tp="1")))

    assert "Understood as RSI 25, price 60,000 on BINANCE:BTCUSDT.P 4h." in text
    assert "not read, kept: tp = 1" in text
    assert f"it reaches bot {BOT}" in text


def test_a_message_says_what_each_bot_would_do_with_the_numbers(
    signalman: Terminal,
) -> None:
    signalman.deploy()
    body = json.dumps(alert(rsi=25, price=61000))

    text = signalman.ok("alert", "check", "-", text=body)
    checked = signalman.json("alert", "check", "-", text=body)

    assert "This is Signalman's own message." in text
    assert f"Bot {BOT}: It would open the first entry." in text
    assert "✓ RSI 25 meets the level 30." in text
    assert "1,000 USDT / 61,000 = 0.016393442..." in text
    assert [one["code"] for one in checked["would"][BOT]] == ["entry.opened"]


def test_checking_leaves_nothing_behind(signalman: Terminal) -> None:
    signalman.deploy()

    signalman.ok("alert", "check", "-", text=json.dumps(alert(rsi=25)))

    assert signalman.json("alert", "list") == []
    assert signalman.json("orders") == []
    assert signalman.json("positions") == []


def test_a_message_for_another_receiver_is_explained_field_by_field(
    signalman: Terminal,
) -> None:
    signalman.deploy()
    body = {"ticker": "BTCUSDT.P", "action": "sell", "sentiment": "flat", "price": "61000"}

    text = signalman.ok("alert", "check", "-", text=json.dumps(body))

    assert "This is a TradersPost message." in text
    assert "sentiment = flat  →  CLOSE, of a LONG" in text
    assert "price = 61000  →  price" in text
    assert f"Bot {BOT}: It would do nothing. Skipped: there is nothing to close." in text


def test_a_message_on_another_chart_reaches_nobody(signalman: Terminal) -> None:
    signalman.deploy()

    checked = signalman.json("alert", "check", "-", text=json.dumps(alert(interval="15")))

    assert checked["reaches"] == [
        {"feed": "tradingview", "bots": [], "code": "chart.unknown"}
    ]


def test_a_malformed_message_is_told_where_and_what_would_be_right(
    signalman: Terminal,
) -> None:
    result = signalman("alert", "check", "-", text='{"rsi": 25,\n "price": -1}')

    assert result.exit_code == 1
    assert "price must be above 0" in result.stderr


def test_a_malformed_message_is_a_failed_check_in_json_too(signalman: Terminal) -> None:
    result = signalman("alert", "check", "-", "--json", text="buy BTC")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["code"] == "body.command_language"


def test_sending_needs_to_know_what(signalman: Terminal) -> None:
    assert signalman("alert", "send").exit_code == 2


def test_sending_without_a_token_says_how_to_get_one(signalman: Terminal) -> None:
    signalman.deploy()
    (signalman.data_dir / "feeds" / "tradingview.token").unlink()

    result = signalman("alert", "send", "--bot", BOT, "--rsi", "25")

    assert result.exit_code == 3
    assert "signalman feed rotate tradingview" in result.stderr


def test_sending_to_no_server_says_how_to_start_one(signalman: Terminal) -> None:
    signalman.deploy()
    url = f"http://127.0.0.1:{free_port('127.0.0.1', 28_000)}"

    result = signalman("alert", "send", "--bot", BOT, "--rsi", "25", "--url", url)

    assert result.exit_code == 4
    assert "No server answers at" in result.stderr
    assert "signalman up" in result.stderr


def test_the_doctor_finds_an_empty_installation_worth_a_warning(
    signalman: Terminal,
) -> None:
    checks = {one["name"]: one for one in signalman.json("doctor")}

    assert checks["migrations"]["health"] == "ok"
    assert checks["bots"]["health"] == "warning"
    assert all(one["fix"] for one in checks.values() if one["health"] != "ok")


def test_the_doctor_is_content_with_a_deployed_bot(signalman: Terminal) -> None:
    signalman.deploy()

    checks = {one["name"]: one["health"] for one in signalman.json("doctor")}

    assert [checks[name] for name in ("feeds", "bots", "database", "accounted")] == [
        "ok"
    ] * 4


def test_migrating_twice_changes_nothing(signalman: Terminal) -> None:
    result = signalman("migrate")

    assert result.exit_code == 0
    assert "The database is at the newest schema" in result.stderr


def test_a_process_that_never_lived_here_is_not_well(signalman: Terminal) -> None:
    result = signalman("health", "worker")

    assert result.exit_code == 4
    assert "No worker has ever run on" in result.stderr


def test_a_web_server_that_does_not_answer_is_not_well(
    signalman: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNALMAN_PORT", str(free_port("127.0.0.1", 28_100)))

    result = signalman("health", "web")

    assert result.exit_code == 4
    assert "does not answer" in result.stderr
