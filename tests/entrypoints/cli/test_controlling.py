from tests.entrypoints.cli.conftest import Terminal

BOT = "herenya-btc-4h"


def states(signalman: Terminal) -> dict[tuple[str, str], str]:
    return {(one["scope"], one["name"]): one["state"] for one in signalman.json("state")}


def test_everything_is_active_until_somebody_says_otherwise(signalman: Terminal) -> None:
    assert states(signalman) == {("global", ""): "active"}


def test_a_state_is_set_with_its_reason(signalman: Terminal) -> None:
    signalman.ok("state", "halted", "--reason", "maintenance")

    now = signalman.json("state")[0]
    assert (now["state"], now["reason"], now["source"]) == (
        "halted",
        "maintenance",
        "command line",
    )


def test_a_state_without_a_reason_is_not_set(signalman: Terminal) -> None:
    result = signalman("state", "halted")

    assert result.exit_code == 2
    assert states(signalman) == {("global", ""): "active"}


def test_a_bot_is_paused_and_resumed(signalman: Terminal) -> None:
    signalman.deploy()

    signalman.ok("bot", "pause", BOT)
    paused = states(signalman)
    signalman.ok("bot", "resume", BOT)

    assert paused["bot", BOT] == "reducing"
    assert ("bot", BOT) not in states(signalman)


def test_an_account_is_halted_by_its_name(signalman: Terminal) -> None:
    signalman.deploy()

    signalman.ok("state", "halted", "--account", "paper", "--reason", "audit")

    assert states(signalman)["account", "paper"] == "halted"
    assert "halted (account)" in signalman.ok("bot", "list")


def test_a_name_that_nothing_has_is_told_with_the_nearest(signalman: Terminal) -> None:
    signalman.deploy()

    for command in (
        ("bot", "pause", "herenya-btc-1h"),
        ("bot", "show", "herenya-btc-1h"),
        ("bot", "archive", "herenya-btc-1h"),
        ("bot", "history", "herenya-btc-1h"),
        ("orders", "--bot", "herenya-btc-1h"),
        ("state", "halted", "--bot", "herenya-btc-1h", "--reason", "x"),
    ):
        result = signalman(*command)
        assert result.exit_code == 1, command
        assert f"Did you mean {BOT}?" in result.stderr


def test_a_bot_shows_its_settings_and_the_message_for_tradingview(
    signalman: Terminal,
) -> None:
    signalman.deploy()

    text = signalman.ok("bot", "show", BOT)
    configuration = signalman.json("bot", "show", BOT)["configuration"]

    assert '"rsi": {{plot("RSI")}}, "rsi_length": 14' in text
    assert configuration["symbol"] == "BTC/USDT:USDT"


def test_a_flat_bot_is_archived_and_kept(signalman: Terminal) -> None:
    signalman.deploy()

    signalman.ok("bot", "archive", BOT)

    assert signalman.json("bot", "list") == []
    assert signalman.json("bot", "list", "--all")[0]["archived"]
