"""The settings of one process, read once from the environment and `.env`."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from adapters.vault.keys import KeyInvalid, key_bytes
from application.secret import Secret

PREFIX = "SIGNALMAN_"
QUEUES = ("dramatiq", "celery", "memory")
REDIS_SCHEMES = ("redis://", "rediss://", "unix://")
SWITCH = ("off", "on")
LOG_FORMATS = ("console", "json")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
PORT_MAX = 65_535
TELEGRAM_TOKEN = re.compile(r"[0-9]{5,}:[A-Za-z0-9_-]{20,}")


class SettingsInvalid(Exception):
    """Settings that cannot be used. Says all of what is wrong, a line each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that is set from outside. An empty URL means the embedded server."""

    database_url: str = field(default="", repr=False)
    redis_url: str = field(default="", repr=False)
    encryption_keys: tuple[str, ...] = field(default=(), repr=False)
    telegram_token: str = field(default="", repr=False)
    telegram_api_url: str = ""
    queue: str = "dramatiq"
    live_trading: bool = False
    data_dir: Path = Path("~/.signalman")
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    trusted_proxies: tuple[str, ...] = ()
    log_format: str = "console"
    log_level: str = "INFO"

    @classmethod
    def read(
        cls, environment: Mapping[str, str] | None = None, file: Path | None = None
    ) -> "Settings":
        """Read the environment; what it leaves out is taken from ``file`` (`.env`).

        Raises:
            SettingsInvalid: Naming every setting that is wrong and what would be right.
        """
        own = _own(os.environ if environment is None else environment)
        known = _own(_env_file(file or Path(".env"))) | own
        problems = [f"{PREFIX}{name}: there is no such setting" for name in _unknown(known)]
        values = {name: _secret(known, name, problems) for name in NAMES}
        settings = cls(
            database_url=_url(values["DATABASE_URL"]),
            redis_url=_redis_url(_url(values["REDIS_URL"]), problems),
            encryption_keys=_keys(values["ENCRYPTION_KEYS"], problems),
            telegram_token=_telegram_token(values["TELEGRAM_TOKEN"], problems),
            telegram_api_url=_api_url(values["TELEGRAM_API_URL"], problems),
            queue=_choice("QUEUE", values["QUEUE"] or "dramatiq", QUEUES, problems),
            live_trading=_choice(
                "LIVE_TRADING", values["LIVE_TRADING"] or "off", SWITCH, problems
            )
            == "on",
            data_dir=Path(values["DATA_DIR"] or "~/.signalman").expanduser(),
            host=values["HOST"] or "127.0.0.1",
            port=_port(values["PORT"] or "8000", problems),
            public_url=values["PUBLIC_URL"].rstrip("/"),
            trusted_proxies=tuple(values["TRUSTED_PROXIES"].replace(",", " ").split()),
            log_format=_choice(
                "LOG_FORMAT", values["LOG_FORMAT"] or "console", LOG_FORMATS, problems
            ),
            log_level=_choice(
                "LOG_LEVEL", (values["LOG_LEVEL"] or "INFO").upper(), LOG_LEVELS, problems
            ),
        )
        if problems:
            raise SettingsInvalid("\n".join(problems))
        return settings


NAMES = (
    "DATABASE_URL",
    "REDIS_URL",
    "ENCRYPTION_KEYS",
    "TELEGRAM_TOKEN",
    "TELEGRAM_API_URL",
    "QUEUE",
    "LIVE_TRADING",
    "DATA_DIR",
    "HOST",
    "PORT",
    "PUBLIC_URL",
    "TRUSTED_PROXIES",
    "LOG_FORMAT",
    "LOG_LEVEL",
)
SECRETS = ("DATABASE_URL", "REDIS_URL", "ENCRYPTION_KEYS", "TELEGRAM_TOKEN")
_TESTS = ("TEST_DATABASE_URL",)


def _own(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(PREFIX): value
        for name, value in environment.items()
        if name.startswith(PREFIX)
    }


def _unknown(known: Mapping[str, str]) -> list[str]:
    files = {f"{name}_FILE" for name in SECRETS}
    return sorted(set(known) - set(NAMES) - files - set(_TESTS))


def _secret(known: Mapping[str, str], name: str, problems: list[str]) -> str:
    """Return a value, or the content of the file that ``NAME_FILE`` points to."""
    path = known.get(f"{name}_FILE", "") if name in SECRETS else ""
    if not path:
        return known.get(name, "").strip()
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        problems.append(f"{PREFIX}{name}_FILE: {path} cannot be read ({error.strerror})")
        return ""


def _choice(name: str, value: str, choices: tuple[str, ...], problems: list[str]) -> str:
    if value not in choices:
        problems.append(
            f"{PREFIX}{name}: must be one of {', '.join(choices)}, was {value!r}"
        )
    return value


def _redis_url(value: str, problems: list[str]) -> str:
    if value and not value.startswith(REDIS_SCHEMES):
        # The value is not repeated: it holds a password.
        problems.append(f"{PREFIX}REDIS_URL: must begin with {' or '.join(REDIS_SCHEMES)}")
    return value


def _keys(value: str, problems: list[str]) -> tuple[str, ...]:
    """Return the key-encryption keys, which are known to be secret from here on."""
    keys = tuple(value.replace(",", " ").split())
    for number, key in enumerate(keys, start=1):
        try:
            key_bytes(Secret(key).reveal())
        except KeyInvalid as error:
            problems.append(f"{PREFIX}ENCRYPTION_KEYS, number {number}: {error}")
    return keys


def _telegram_token(value: str, problems: list[str]) -> str:
    if value and not TELEGRAM_TOKEN.fullmatch(Secret(value).reveal()):
        # The value is not repeated: whoever has it is the bot.
        problems.append(
            f"{PREFIX}TELEGRAM_TOKEN: must be what @BotFather shows, such as"
            " 123456789:AAE…, digits, a colon and 35 letters"
        )
    return value


def _api_url(value: str, problems: list[str]) -> str:
    if value and not value.startswith(("http://", "https://")):
        problems.append(
            f"{PREFIX}TELEGRAM_API_URL: must begin with http:// or https://, was {value!r}"
        )
    return value.rstrip("/")


def _url(value: str) -> str:
    """Return a URL, whose password is known to be secret from here on."""
    try:
        Secret(urlsplit(value).password or "")
    except ValueError:
        Secret(value)
    return value


def _port(value: str, problems: list[str]) -> int:
    if value.isascii() and value.isdigit() and 0 < int(value) <= PORT_MAX:
        return int(value)
    problems.append(f"{PREFIX}PORT: must be a number from 1 to {PORT_MAX}, was {value!r}")
    return 0


def _env_file(path: Path) -> dict[str, str]:
    """Read NAME=VALUE lines; quotes round a value are dropped, `#` begins a comment."""
    if not path.is_file():
        return {}
    pairs: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            pairs[name.strip()] = value.strip().strip("\"'")
    return pairs
