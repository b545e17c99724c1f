"""Users and tokens on the command line."""

import pytest

from tests.entrypoints.cli.conftest import Terminal

PASSWORD = "correct horse battery\n"  # noqa: S105 - of a user that lives for a test


def test_a_user_is_added_with_a_password_from_a_pipe(signalman: Terminal) -> None:
    told = signalman("user", "add", "grace", "--role", "admin", text=PASSWORD)

    assert told.exit_code == 0, told.output
    assert "correct horse" not in told.output
    user = signalman.json("user", "list")[0]
    assert (user["name"], user["role"], user["has_password"]) == ("grace", "admin", True)


def test_a_user_may_choose_the_password_through_a_link(signalman: Terminal) -> None:
    link = signalman.ok("user", "add", "grace", "--link").strip()

    assert link.startswith("http://127.0.0.1:8000/login/link/")
    assert not signalman.json("user", "list")[0]["has_password"]


@pytest.mark.parametrize(
    ("text", "why"), [("short\n", "at least 12"), ("I am grace hopper\n", "the name")]
)
def test_a_weak_password_is_refused(signalman: Terminal, text: str, why: str) -> None:
    refused = signalman("user", "add", "grace", text=text)

    assert refused.exit_code == 2
    assert why in refused.stderr
    assert signalman.json("user", "list") == []


def test_a_user_changes_and_is_shut_out(signalman: Terminal) -> None:
    signalman.ok("user", "add", "grace", text=PASSWORD)

    signalman.ok("user", "role", "grace", "operator")
    signalman.ok("user", "password", "grace", text="another horse battery\n")
    signalman.ok("user", "sessions", "grace", "--end")
    signalman.ok("user", "disable", "grace")

    user = signalman.json("user", "list")[0]
    assert (user["role"], user["disabled"]) == ("operator", True)


def test_names_that_are_taken_or_unknown_are_told(signalman: Terminal) -> None:
    signalman.ok("user", "add", "grace", text=PASSWORD)

    assert "already" in signalman("user", "add", "Grace", text=PASSWORD).stderr
    assert "Did you mean grace?" in signalman("user", "disable", "grac").stderr


def test_a_token_is_printed_once_and_revoked(signalman: Terminal) -> None:
    made = signalman.ok("token", "add", "grafana", "--scope", "trade").strip()
    listed = signalman.ok("token", "list")

    signalman.ok("token", "revoke", "grafana")

    assert made.startswith("sgm_")
    assert "read, trade" in listed
    assert made not in listed
    assert signalman.json("token", "list")[0]["revoked"]
    assert signalman("token", "revoke", "grafana").exit_code == 1
