"""Where TradingView sends to, and how a new URL is told once."""

from rich.text import Text

from application.apply_configuration import webhook_path
from entrypoints import address
from entrypoints.cli.terminal import err, out
from entrypoints.cli.token_file import keep_token
from entrypoints.settings import Settings

_LOCAL = """\
  TradingView needs a public address: set SIGNALMAN_PUBLIC_URL to the https one under
  which this machine is reached; the path stays the same."""


def base_url(settings: Settings) -> str:
    """Return the public address of this installation, or its local one."""
    return settings.public_url or local_url(settings)


def local_url(settings: Settings) -> str:
    """Return where this machine serves: where `up` says it does, else as it is set."""
    served = address.read(settings)
    if served:
        return served
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    named = f"[{host}]" if ":" in host else host
    return f"http://{named}:{settings.port}"


def tell_url(settings: Settings, feed: str, token: str) -> None:
    """Print a feed's webhook URL, the only time it can be seen, and keep the token here."""
    url = f"{base_url(settings)}{webhook_path(token)}"
    err().print(
        Text.assemble("\nWebhook URL of feed ", (feed, "bold"), ", shown only now:")
    )
    out().print(Text(url), soft_wrap=True)
    path = keep_token(settings, feed, token)
    if path is not None:
        err().print(Text(f"  Kept for `signalman alert send` in {path}", style="dim"))
    if not settings.public_url:
        err().print(Text(_LOCAL, style="yellow"))
