"""The files that browsers load and others wrote: where they come from, held by hash.

They lie in wheels that are needed to build, are copied when Signalman is installed, and are
never in the repository. Only the standard library is used: the build has nothing else.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

VENDOR = Path(__file__).parent / "static" / "vendor"
MANIFEST = "manifest.json"
ICONS = "icons.svg"
MISSING = "the files for browsers are missing; install them with: pip install -e ."
_SVG = "http://www.w3.org/2000/svg"

Read = Callable[[str, str], bytes]
"""Returns a file of an installed distribution."""


class AssetRefused(Exception):
    """A file is not the one that was looked at when it was chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file of somebody else: its place here, its origin, its license, its hash."""

    file: str
    name: str
    version: str
    distribution: str
    path: str
    upstream: str
    license: str
    notice: str
    sha256: str


ASSETS = (
    Asset(
        file="htmx.min.js",
        name="htmx",
        version="2.0.10",
        distribution="django-htmx",
        path="django_htmx/static/django_htmx/htmx-2.min.js",
        upstream="https://htmx.org",
        license="0BSD",
        notice="Zero-Clause BSD: free to use, copy, modify and distribute, with no"
        " warranty.",
        sha256="71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de",
    ),
    Asset(
        file="lightweight-charts.js",
        name="TradingView Lightweight Charts\u2122",
        version="5.1.0",
        distribution="litecharts",
        path="litecharts/js/lightweight-charts.js",
        upstream="https://www.tradingview.com/",
        license="Apache-2.0",
        notice="TradingView Lightweight Charts\u2122. Copyright (c) 2025 TradingView, Inc. "
        "https://www.tradingview.com/",
        sha256="756b0ba9f58930226d6b8b9d47ad310448ab85d799ea1f7c2c02304777c10b52",
    ),
    Asset(
        file="lucide.zip",
        name="Lucide",
        version="1.1.4",
        distribution="lucide",
        path="lucide/lucide.zip",
        upstream="https://lucide.dev",
        license="ISC",
        notice="Copyright (c) for portions of Lucide are held by Cole Bemis 2013-2022 as"
        " part of Feather (MIT). All other copyright (c) for Lucide are held by Lucide"
        " Contributors 2022. Permission to use, copy, modify, and/or distribute this"
        " software for any purpose with or without fee is hereby granted, provided that the"
        " above copyright notice and this permission notice appear in all copies. The"
        ' software is provided "as is", without warranty of any kind.',
        sha256="522230c8b53f88517710e3e1693ffc03ffe68f2e839893909f1d9e0305a6eadf",
    ),
)
ICON_NAMES = (
    *("activity", "arrow-left-right", "badge-check", "bell", "bot", "chart-line", "check"),
    *("chevron-right", "circle-check", "circle-dot", "circle-minus", "circle-pause"),
    *("circle-question-mark", "circle-slash", "circle-x", "clock", "copy", "flask-conical"),
    *("file-text", "heart-pulse", "history", "landmark", "layers", "layout-dashboard"),
    *(
        "list",
        "minus",
        "moon",
        "octagon-pause",
        "octagon-x",
        "pause",
        "play",
        "radio-tower",
    ),
    *("scale", "search", "settings", "shield", "sun", "triangle-alert", "users", "webhook"),
    *("x", "zap"),
)


def place(read: Read, target: Path = VENDOR) -> list[str]:
    """Copy every file and the icons that are used into ``target``; return their names.

    Raises:
        AssetRefused: If a file has another hash than the one written here.
    """
    target.mkdir(parents=True, exist_ok=True)
    kept: list[dict[str, object]] = []
    for asset in ASSETS:
        content = _checked(asset, read(asset.distribution, asset.path))
        name = asset.file
        if name.endswith(".zip"):
            name, content = ICONS, sprite(content)
        (target / name).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        kept.append({**asdict(asset), "placed": name, "size": len(content), "is": digest})
    (target / MANIFEST).write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return [str(one["placed"]) for one in kept]


def placed(target: Path = VENDOR) -> list[dict[str, str]]:
    """Return what lies in ``target`` as its manifest says, each file checked.

    Raises:
        AssetRefused: If a file is missing or was changed.
    """
    try:
        kept: list[dict[str, str]] = json.loads((target / MANIFEST).read_bytes())
        found = {one["placed"]: (target / one["placed"]).read_bytes() for one in kept}
    except OSError as error:
        raise AssetRefused(MISSING) from error
    for one in kept:
        if hashlib.sha256(found[one["placed"]]).hexdigest() != one["is"]:
            message = f"{one['placed']} was changed; put it back with: pip install -e ."
            raise AssetRefused(message)
    return kept


def sprite(archive: bytes) -> bytes:
    """Return the icons that are used as symbols of one SVG file."""
    symbols = "".join(_symbols(archive))
    return f'<svg xmlns="{_SVG}">{symbols}</svg>\n'.encode()


def _symbols(archive: bytes) -> Iterator[str]:
    ET.register_namespace("", _SVG)
    with zipfile.ZipFile(BytesIO(archive)) as icons:
        for name in ICON_NAMES:
            # The archive's hash was checked: it is what was looked at.
            icon = ET.fromstring(icons.read(f"{name}.svg"))  # noqa: S314
            shapes = "".join(ET.tostring(one, "unicode").strip() for one in icon)
            shapes = shapes.replace(f' xmlns="{_SVG}"', "")
            yield (
                f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
                f' stroke-width="2" stroke-linecap="round" stroke-linejoin="round">'
                f"{shapes}</symbol>"
            )


def _checked(asset: Asset, content: bytes) -> bytes:
    found = hashlib.sha256(content).hexdigest()
    if found != asset.sha256:
        message = (
            f"{asset.distribution}: {asset.path} has the SHA-256 {found}, and {asset.name}"
            f" {asset.version} has {asset.sha256}. Compare it with {asset.upstream} first."
        )
        raise AssetRefused(message)
    return content
