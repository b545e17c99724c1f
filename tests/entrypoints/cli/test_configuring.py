from pathlib import Path

import yaml

from tests.entrypoints.cli.conftest import FILE, Terminal


def verbs(applied: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {one["name"]: one["verb"] for one in applied["differences"]}


def test_a_file_is_deployed_and_its_webhook_is_shown_once(signalman: Terminal) -> None:
    first = signalman("apply", "-", text=FILE)
    again = signalman("apply", "-", text=FILE)

    assert first.exit_code == again.exit_code == 0
    assert "http://127.0.0.1:8000/webhooks/tradingview/" in first.stdout
    assert "/webhooks/" not in again.output
    assert "Nothing to change" in again.stderr


def test_the_same_file_again_changes_nothing(signalman: Terminal) -> None:
    signalman.deploy()

    again = signalman.deploy()

    assert not again["changed"]
    assert set(verbs(again).values()) == {"unchanged"}
    assert len(signalman.json("bot", "history", "herenya-btc-4h")) == 1


def test_a_token_is_kept_for_its_owner_alone(signalman: Terminal) -> None:
    applied = signalman.deploy()

    kept = signalman.data_dir / "feeds" / "tradingview.token"
    assert applied["webhooks"]["tradingview"].endswith(kept.read_text())
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_dry_run_shows_the_change_and_makes_none(signalman: Terminal) -> None:
    signalman.deploy()

    shown = signalman.ok("apply", "-", "--dry-run", text=FILE.replace("1000}", "2000}"))
    after = signalman.json("apply", "-", "--dry-run", text=FILE)

    assert "sizing.amount  1000 → 2000" in shown
    assert set(verbs(after).values()) == {"unchanged"}


def test_a_change_is_a_revision_that_says_who_and_why(signalman: Terminal) -> None:
    signalman.deploy()
    changed = FILE.replace("amount: 1000", "amount: 2000")
    signalman.ok("apply", "-", "--reason", "more", text=changed)

    newest, first = signalman.json("bot", "history", "herenya-btc-4h")

    assert newest["changes"] == [{"path": "sizing.amount", "old": "1000", "new": "2000"}]
    assert (newest["reason"], newest["source"]) == ("more", "command line")
    assert first["changes"] == []


def test_what_the_file_omits_goes_on_unless_it_is_pruned(signalman: Terminal) -> None:
    signalman.deploy()
    without = FILE.split("bots:", maxsplit=1)[0]

    left = signalman.deploy(without)
    pruned = signalman.json("apply", "-", "--prune", text=without)

    assert verbs(left)["herenya-btc-4h"] == "left as it is"
    assert verbs(pruned)["herenya-btc-4h"] == "archived"
    assert signalman.json("bot", "list") == []


def test_what_is_exported_can_be_applied_and_changes_nothing(signalman: Terminal) -> None:
    signalman.deploy()

    exported = signalman.ok("export")

    assert yaml.safe_load(exported)["bots"][0]["name"] == "herenya-btc-4h"
    assert not signalman.deploy(exported)["changed"]


def test_every_mistake_of_a_file_is_told_with_its_line(
    signalman: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "bots.yaml"
    file.write_text(FILE.replace("amount: 1000", "amount: -1").replace("4h}", "4x}"))

    result = signalman("apply", str(file))

    assert result.exit_code == 3
    assert "bots.yaml cannot be applied: 2 problems. Nothing was changed." in result.stderr
    assert "line 14: bots[0].chart.interval must be a timeframe" in result.stderr
    assert "line 16: bots[0].sizing.amount must be a positive number" in result.stderr


def test_bad_yaml_is_told_with_line_and_column(signalman: Terminal) -> None:
    result = signalman("apply", "-", text="bots:\n  - {name: x")

    assert result.exit_code == 3
    assert "line 2: cannot be read as YAML at column" in result.stderr


def test_a_chart_that_maps_to_no_market_is_refused(signalman: Terminal) -> None:
    result = signalman("apply", "-", text=FILE.replace("BTCUSDT.P", "BTCUSDT"))

    assert result.exit_code == 3
    assert "never becomes a perpetual by itself" in result.stderr


def test_a_feed_that_is_not_there_is_refused(signalman: Terminal) -> None:
    result = signalman("apply", "-", text=FILE.replace("feed: trading", "feed: treading"))

    assert result.exit_code == 3
    assert "did you mean 'tradingview'?" in result.stderr


def test_a_file_that_is_not_there_is_a_usage_error(signalman: Terminal) -> None:
    assert signalman("apply", "nothing.yaml").exit_code == 2


def test_a_feed_is_added_once(signalman: Terminal) -> None:
    first = signalman("feed", "add", "second")
    again = signalman("feed", "add", "second")

    assert first.exit_code == 0
    assert "/webhooks/tradingview/" in first.stdout
    assert again.exit_code == 1
    assert "signalman feed rotate second" in again.stderr


def test_a_feed_needs_a_name_that_fits_an_address(signalman: Terminal) -> None:
    assert signalman("feed", "add", "a b").exit_code == 2


def test_rotating_gives_another_url_and_keeps_its_token(signalman: Terminal) -> None:
    before = signalman.deploy()["webhooks"]["tradingview"]

    after = signalman.ok("feed", "rotate", "tradingview").strip()

    kept = (signalman.data_dir / "feeds" / "tradingview.token").read_text()
    assert after != before
    assert after.endswith(kept)


def test_rotating_an_unknown_feed_names_the_nearest(signalman: Terminal) -> None:
    signalman.deploy()

    result = signalman("feed", "rotate", "tradingvew")

    assert result.exit_code == 1
    assert "Did you mean tradingview?" in result.stderr


def test_feeds_are_listed_with_their_bots(signalman: Terminal) -> None:
    signalman.deploy()

    feeds = signalman.json("feed", "list")

    assert [(one["name"], one["bots"]) for one in feeds] == [
        ("tradingview", ["herenya-btc-4h"])
    ]


def test_accounts_are_listed_without_anything_secret(signalman: Terminal) -> None:
    signalman.deploy()

    account = signalman.json("account", "list")[0]

    assert (account["name"], account["exchange"], account["mode"]) == (
        "paper",
        "binanceusdm",
        "paper",
    )
