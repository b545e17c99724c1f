"""Seals: what opens them, and what does not."""

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.vault.aes_gcm import KeyRing
from adapters.vault.key_file import keys_beside
from adapters.vault.keys import KeyInvalid, new_key
from application.ports.vault import CannotOpen, CannotSeal, Sealed, SecretKind, SecretPlace

HERE = SecretPlace(SecretKind.ACCOUNT, 1)
ELSEWHERE = SecretPlace(SecretKind.ACCOUNT, 2)
PLAIN = b'{"apiKey": "a"}'
OLD, NEW = new_key(), new_key()


def test_what_was_sealed_opens_in_its_place() -> None:
    ring = KeyRing([OLD])

    assert ring.open(ring.seal(PLAIN, HERE), HERE) == PLAIN


def test_a_seal_shows_nothing_and_is_never_the_same_twice() -> None:
    ring = KeyRing([OLD])

    one, two = ring.seal(PLAIN, HERE), ring.seal(PLAIN, HERE)

    assert b"apiKey" not in one.body
    assert (one.body, one.wrapped) != (two.body, two.wrapped)


@pytest.mark.parametrize(
    "place", [ELSEWHERE, SecretPlace(SecretKind.TOTP, 1)], ids=["account", "kind"]
)
def test_a_seal_that_is_moved_elsewhere_does_not_open(place: SecretPlace) -> None:
    ring = KeyRing([OLD])

    with pytest.raises(CannotOpen):
        ring.open(ring.seal(PLAIN, HERE), place)


def test_a_single_changed_byte_keeps_it_shut() -> None:
    ring = KeyRing([OLD])
    sealed = ring.seal(PLAIN, HERE)

    for forged in (
        replace(sealed, body=changed(sealed.body)),
        replace(sealed, wrapped=changed(sealed.wrapped)),
    ):
        with pytest.raises(CannotOpen):
            ring.open(forged, HERE)


def changed(sealed: bytes) -> bytes:
    return sealed[:-1] + bytes([sealed[-1] ^ 1])


def test_the_first_key_seals_and_all_of_them_open() -> None:
    sealed = KeyRing([OLD]).seal(PLAIN, HERE)
    both = KeyRing([NEW, OLD])

    assert both.open(sealed, HERE) == PLAIN
    assert both.seal(PLAIN, HERE).key == both.keys()[0] != sealed.key


def test_after_rotation_the_old_key_can_be_retired() -> None:
    sealed = KeyRing([OLD]).seal(PLAIN, HERE)

    moved = KeyRing([NEW, OLD]).rewrap(sealed, HERE)

    assert moved.body == sealed.body
    assert KeyRing([NEW]).open(moved, HERE) == PLAIN
    with pytest.raises(CannotOpen, match="ENCRYPTION_KEYS does not have"):
        KeyRing([OLD]).open(moved, HERE)


def test_what_is_under_the_first_key_already_stays_as_it_is() -> None:
    ring = KeyRing([OLD])
    sealed = ring.seal(PLAIN, HERE)

    assert ring.rewrap(sealed, HERE) is sealed


def test_rotation_finds_what_was_changed() -> None:
    ring = KeyRing([OLD])
    sealed = ring.seal(PLAIN, HERE)
    forged = Sealed(key=sealed.key, wrapped=sealed.wrapped, body=changed(sealed.body))

    with pytest.raises(CannotOpen):
        ring.rewrap(forged, HERE)


def test_without_a_key_nothing_is_sealed_and_it_says_what_to_do() -> None:
    with pytest.raises(CannotSeal, match="signalman keys new"):
        KeyRing([]).seal(PLAIN, HERE)


@pytest.mark.parametrize("text", ["", "short", "x" * 44, new_key()[:-4]])
def test_a_key_that_is_none_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(KeyInvalid) as refused:
        KeyRing([text])

    assert text == "" or text not in str(refused.value)


def test_the_keys_of_a_directory_are_made_once_for_their_user_alone(tmp_path: Path) -> None:
    first, second = keys_beside(tmp_path / "data"), keys_beside(tmp_path / "data")

    file = tmp_path / "data" / "encryption.keys"
    assert first == second
    assert len(first) == 1
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in file.parent.iterdir()] == [file.name]
