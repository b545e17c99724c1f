"""A secret shows itself to nobody, and log lines know to hide it."""

import json
import pickle
from urllib.parse import quote

import msgspec
import pytest

from application.secret import HIDDEN, Secret, masked

ODD = 'k"e\\y/+ö 42'


@pytest.mark.parametrize("show", [str, repr, "{}".format, "{:>9}".format, "%s".__mod__])
def test_a_secret_prints_as_stars(show: object) -> None:
    assert show(Secret("abcdefgh")) == HIDDEN  # type: ignore[operator]


def test_a_secret_is_neither_pickled_nor_encoded() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret("abcdefgh"))
    with pytest.raises(TypeError):
        msgspec.json.encode(Secret("abcdefgh"))


def test_secrets_are_equal_by_what_they_hold() -> None:
    assert Secret("one") == Secret("one") != Secret("two")
    assert Secret("one") != "one"


@pytest.mark.parametrize(
    "spelled", [ODD, quote(ODD, safe=""), json.dumps(ODD)[1:-1], repr(ODD)[1:-1]]
)
def test_every_spelling_of_a_secret_is_hidden(spelled: str) -> None:
    Secret(ODD)

    assert masked(f"before {spelled} after") == f"before {HIDDEN} after"


def test_a_secret_within_another_hides_the_longer_one_whole() -> None:
    Secret("prefix-1")
    Secret("prefix-1-and-more")

    assert masked("prefix-1-and-more") == HIDDEN


def test_what_is_too_short_hides_no_ordinary_words() -> None:
    Secret("on")

    assert masked("on and on") == "on and on"
