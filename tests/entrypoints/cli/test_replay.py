from tests.entrypoints.cli.conftest import FILE, Terminal

BOT = "herenya-btc-4h"
CHANGED = FILE.replace("    reverse: yes", "    reverse: yes\n    rsi: {oversold: 20}")


def test_what_was_decided_is_compared_with_today(traded: Terminal) -> None:
    replayed = traded.json("alert", "replay")

    assert (replayed["alerts"], replayed["differences"]) == (3, [])
    assert [one["bot"] for one in replayed["bots"]] == [BOT]
    assert replayed["bots"][0]["old"] == replayed["bots"][0]["new"]


def test_a_file_is_tried_before_it_is_applied(traded: Terminal) -> None:
    shown = traded("apply", "-", "--preview", "5", text=CHANGED)
    seen = traded.json("apply", "-", "--preview", text=CHANGED)

    assert shown.exit_code == 0
    assert "With your last 3 alerts" in shown.stdout
    assert "entry.opened" in shown.stdout
    turned = [(one["old"], one["new"]) for one in seen["preview"]["differences"]]
    assert turned == [("entry.opened", "rsi.neutral")]
    assert len(traded.json("bot", "history", BOT)) == 1


def test_a_replay_can_look_at_one_bot_and_one_time(traded: Terminal) -> None:
    found = traded.json("alert", "replay", "--since", "1d", "--bot", BOT)

    assert found["alerts"] == 3


def test_a_time_that_cannot_be_read_is_explained(traded: Terminal) -> None:
    result = traded("alert", "replay", "--since", "yesterday")

    assert result.exit_code == 2
    assert "2026-11-01" in result.output


def test_a_bad_file_says_what_is_wrong(traded: Terminal) -> None:
    result = traded("apply", "-", "--preview", text=FILE.replace("4h}", "4x}"))

    assert result.exit_code == 3
    assert "chart.interval" in result.output


def test_without_alerts_there_is_nothing_to_try_on(signalman: Terminal) -> None:
    signalman.deploy()

    assert "No alerts" in signalman.ok("alert", "replay")
