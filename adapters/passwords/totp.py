"""One-time codes by pyotp: six digits every thirty seconds."""

import hmac
from datetime import datetime

import pyotp

from application.secret import Secret

ISSUER = "Signalman"
EITHER_WAY = 1
"""How many steps a clock may be off."""


class TotpCodes:
    """Time-based one-time codes, as RFC 6238 and every authenticator have them."""

    def new_secret(self) -> Secret:
        """Return 160 random bits in base32."""
        return Secret(pyotp.random_base32())

    def uri(self, secret: Secret, name: str) -> Secret:
        """Return the address that an authenticator scans."""
        totp = pyotp.TOTP(secret.reveal())
        return Secret(totp.provisioning_uri(name=name, issuer_name=ISSUER))

    def step(self, secret: Secret, code: str, at: datetime) -> int | None:
        """Return the time step that a code is right for."""
        totp = pyotp.TOTP(secret.reveal())
        now = totp.timecode(at)
        for step in range(now - EITHER_WAY, now + EITHER_WAY + 1):
            if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
                return step
        return None
