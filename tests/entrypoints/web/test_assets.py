"""The files of others: exactly those that were chosen, and none in the repository."""

from pathlib import Path

import pytest

from entrypoints.web.assets import ASSETS, VENDOR, Asset, AssetRefused, place, placed
from tests.architecture.sources import tracked_files

BANNERS = (b"TradingView Lightweight Charts\xe2\x84\xa2 v", b"var htmx=function")


def one_byte_more(distribution: str, path: str) -> bytes:
    return b" " + (VENDOR / name_of(distribution, path)).read_bytes()


def name_of(distribution: str, path: str) -> str:
    asset = next(
        one for one in ASSETS if (one.distribution, one.path) == (distribution, path)
    )
    return asset.file


def test_what_is_installed_is_what_was_chosen() -> None:
    found = {one["name"]: one["is"] for one in placed()}

    for asset in ASSETS:
        if asset.file.endswith(".js"):
            assert found[asset.name] == asset.sha256
    assert b'id="octagon-x"' in (VENDOR / "icons.svg").read_bytes()


def test_a_file_that_differs_by_one_byte_is_refused(tmp_path: Path) -> None:
    asset: Asset = ASSETS[0]

    with pytest.raises(AssetRefused, match=f"{asset.distribution}: .* has the SHA-256"):
        place(one_byte_more, tmp_path)

    assert not (tmp_path / asset.file).exists()


def test_a_file_that_was_changed_afterwards_is_named(tmp_path: Path) -> None:
    for file in VENDOR.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "htmx.min.js").write_text("changed")

    with pytest.raises(AssetRefused, match=r"htmx\.min\.js was changed"):
        placed(tmp_path)


def test_files_that_are_missing_come_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(AssetRefused, match=r"pip install -e \."):
        placed(tmp_path)


def test_no_file_of_others_is_in_the_repository() -> None:
    kept = [
        str(path)
        for path in tracked_files()
        if path.suffix in (".js", ".css", ".svg")
        and any(banner in path.read_bytes() for banner in BANNERS)
    ]

    assert kept == []
