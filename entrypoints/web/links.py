"""Addresses of pages that are printed rather than linked."""

import sys

from application.secret import Secret
from entrypoints import address
from entrypoints.container import Container
from entrypoints.settings import Settings


def login_link(settings: Settings, code: Secret) -> str:
    """Return the address of a one-time link, where this installation answers."""
    local = address.read(settings) or f"http://{settings.host}:{settings.port}"
    base = settings.public_url or local
    return f"{base}/login/link/{code.reveal()}"


async def print_first_link(container: Container) -> None:
    """Print how the first administrator comes in, on the console and nowhere else.

    Each start makes another link, and the one before stops working.
    """
    code = await container.enroll().first_link()
    if code is None:
        return
    link = login_link(container.settings(), code)
    sys.stderr.write(
        f"  users     none yet, so only this machine is answered\n"
        f"            {link}\n"
        f"            makes the first administrator, once, within a day\n"
    )
