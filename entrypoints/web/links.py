"""Addresses of pages that are printed rather than linked."""

from application.secret import Secret
from entrypoints import address
from entrypoints.settings import Settings


def login_link(settings: Settings, code: Secret) -> str:
    """Return the address of a one-time link, where this installation answers."""
    local = address.read(settings) or f"http://{settings.host}:{settings.port}"
    base = settings.public_url or local
    return f"{base}/login/link/{code.reveal()}"
