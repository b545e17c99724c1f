"""Keys on the command line: they go in by prompt or pipe, and never come out."""

import json

import pytest

from adapters.vault.keys import new_key
from tests.entrypoints.cli.conftest import Terminal

KEYS = json.dumps({"apiKey": "PLANTED-1", "secret": "PLANTED-2"})
OLD, NEW = new_key(), new_key()


@pytest.fixture
def sealed(signalman: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("SIGNALMAN_ENCRYPTION_KEYS", OLD)
    signalman.deploy()
    signalman.ok("account", "set-keys", "paper", text=KEYS)
    return signalman


def test_keys_come_from_a_pipe_as_json_or_lines(sealed: Terminal) -> None:
    told = sealed("account", "set-keys", "paper", text="apiKey=PLANTED-3\nuid = 42\n")

    assert told.exit_code == 0, told.output
    assert "apiKey, uid" in told.stderr
    assert "PLANTED" not in told.output
    assert sealed.json("account", "list")[0]["keys"] == ["apiKey", "uid"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Nothing came."),
        ("{", "It is no JSON."),
        ("PLANTED-4=PLANTED-5", "A name is none that an exchange knows."),
        ("apiKey=", "apiKey has no text."),
        ('{"secret": 5}', "secret has no text."),
    ],
)
def test_what_cannot_be_read_is_explained_and_not_repeated(
    sealed: Terminal, text: str, why: str
) -> None:
    refused = sealed("account", "set-keys", "paper", text=text)

    assert refused.exit_code == 2
    assert why in refused.stderr
    assert "PLANTED" not in refused.output
    assert sealed.json("account", "list")[0]["keys"] == ["apiKey", "secret"]


def test_an_account_that_is_not_there_is_told_with_the_nearest(sealed: Terminal) -> None:
    refused = sealed("account", "set-keys", "papr", text=KEYS)

    assert refused.exit_code == 1
    assert "Did you mean paper?" in refused.stderr


def test_a_key_is_rotated_and_then_retired(
    sealed: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNALMAN_ENCRYPTION_KEYS", f"{NEW},{OLD}")
    before = sealed.json("keys", "list")
    told = sealed("keys", "rotate")
    monkeypatch.setenv("SIGNALMAN_ENCRYPTION_KEYS", NEW)
    after = sealed.json("keys", "list")

    assert [one["secrets"] for one in before] == [0, 1]
    assert "1 put under the first key" in told.stderr
    assert [(one["known"], one["secrets"]) for one in after] == [(True, 1)]


def test_a_key_that_was_taken_away_too_early_is_named(
    sealed: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNALMAN_ENCRYPTION_KEYS", NEW)

    refused = sealed("keys", "rotate")

    assert refused.exit_code == 3
    assert "account 1 is sealed under key" in refused.stderr
    assert "missing" in sealed.ok("keys", "list")


def test_without_a_key_it_says_how_to_get_one(signalman: Terminal) -> None:
    signalman.deploy()

    refused = signalman("account", "set-keys", "paper", text=KEYS)

    assert refused.exit_code == 3
    assert "signalman keys new" in refused.stderr


def test_a_setting_that_is_no_key_is_refused_without_repeating_it(
    signalman: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNALMAN_ENCRYPTION_KEYS", f"{NEW},PLANTED-6")

    refused = signalman("state")

    assert refused.exit_code == 3
    assert "ENCRYPTION_KEYS, number 2" in refused.stderr
    assert "PLANTED" not in refused.output


def test_a_new_key_can_be_used_at_once(
    signalman: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNALMAN_ENCRYPTION_KEYS", signalman.ok("keys", "new").strip())

    assert len(signalman.json("keys", "list")) == 1
