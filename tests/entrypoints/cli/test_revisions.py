"""Revisions of a bot on the command line: what differs, and the way back."""

from tests.entrypoints.cli.conftest import FILE, Terminal

BOT = "herenya-btc-4h"


def numbers(signalman: Terminal) -> list[int]:
    return [row["revision"] for row in signalman.json("bot", "history", BOT)]


def test_two_revisions_are_compared_and_the_older_one_comes_back(
    signalman: Terminal,
) -> None:
    signalman.deploy()
    signalman.deploy(FILE.replace("max_entries: 3", "max_entries: 5"))
    newest, first = numbers(signalman)

    changes = signalman.json("bot", "diff", BOT, str(first))
    back = signalman("bot", "rollback", BOT, str(first), "--reason", "too many entries")

    assert (changes[0]["old"], changes[0]["new"]) == ("3", "5")
    assert back.exit_code == 0, back.output
    history = signalman.json("bot", "history", BOT)
    assert len(history) == 3
    assert history[0]["reason"] == "too many entries"
    assert signalman.json("bot", "diff", BOT, str(first)) == []
    assert newest not in (first, history[0]["revision"])


def test_a_revision_that_a_bot_never_had_is_told_with_the_newest(
    signalman: Terminal,
) -> None:
    signalman.deploy()

    for command in (("diff", BOT, "999"), ("rollback", BOT, "999")):
        refused = signalman("bot", *command)
        assert refused.exit_code == 1
        assert f"The newest are {numbers(signalman)[0]}." in refused.stderr
    assert signalman("bot", "rollback", "herenya-btc-1h", "1").exit_code == 1


def test_limits_of_accounts_and_of_the_installation_go_back_too(
    signalman: Terminal,
) -> None:
    signalman.deploy(f"{FILE}\nlimits: {{open_positions: 3}}")
    changed = FILE.replace("limits: {open_positions: 3}", "limits: {daily_loss: 50}")
    signalman.deploy(f"{changed}\nlimits: {{open_positions: 7}}")

    for thing in (("account", "paper"), ("limits",)):
        command, *name = thing
        first = signalman.json(command, "history", *name)[-1]["revision"]
        assert signalman.json(command, "diff", *name, str(first))
        signalman.ok(command, "rollback", *name, str(first))
        assert signalman.json(command, "diff", *name, str(first)) == []
    assert signalman.json("limits", "show")["limits"]["open_positions"] == "3"


def test_a_file_that_names_its_revisions_overwrites_nothing_newer(
    signalman: Terminal,
) -> None:
    signalman.deploy()
    file = signalman.ok("export", "--revisions")
    mine = file.replace("open_positions: 3", "open_positions: 4")
    assert mine != file
    signalman.deploy(FILE.replace("open_positions: 3", "open_positions: 9"))

    told = signalman("apply", "-", "--dry-run", text=mine)
    refused = signalman("apply", "-", text=mine)

    assert "account paper was changed meanwhile" in " ".join(told.output.split())
    assert refused.exit_code == 5
    assert "made from revision" in " ".join(refused.stderr.split())
    assert "open_positions: 9" in signalman.ok("export")


def test_what_is_exported_is_what_was_applied(signalman: Terminal) -> None:
    signalman.deploy()
    file = signalman.ok("export")

    again = signalman.deploy(file)

    assert {one["verb"] for one in again["differences"]} == {"unchanged"}
    assert signalman.ok("export") == file


def test_an_indicator_is_printed_for_a_bot(signalman: Terminal) -> None:
    signalman.deploy()

    printed = signalman("pine", BOT)
    message = signalman.ok("pine", BOT, "--message")

    assert printed.stdout.startswith("//@version=6")
    assert "BINANCE:BTCUSDT.P:4h" in printed.stderr
    assert '"rsi_length": 14' in message
    assert "Did you mean" in signalman("pine", "herenya-btc-1h").stderr


def test_a_bot_that_follows_gets_messages_and_no_indicator(signalman: Terminal) -> None:
    signalman.deploy(FILE.replace("reverse: yes", "strategy: follow"))

    refused = signalman("pine", BOT)

    assert refused.exit_code == 1
    assert len(signalman.ok("pine", BOT, "--message").split('"v": 1')) == 4
