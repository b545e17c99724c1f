"""The alert parser of the application: every dialect, read without ever raising."""

from datetime import datetime

from adapters.alert.malformed import MalformedAlert
from adapters.alert.masking import masked
from adapters.alert.message import body_digest, duplicate_key
from adapters.alert.reading import parse
from application.ports.alert_parser import ReadAlert
from domain.signal import AlertId

UNKNOWN = AlertId(0)
"""What an alert is called until the store has named it."""


class DialectParser:
    """Reads an alert's body in whichever of the known dialects it is."""

    def read(self, body: bytes, received_at: datetime) -> ReadAlert:
        """Return what the body says, or what is wrong with it."""
        try:
            message = parse(body)
        except MalformedAlert as error:
            text = masked(body, None)
            return ReadAlert(
                text=text,
                digest=body_digest(text),
                reason=error.reason,
                detail=error.detail,
            )
        text = masked(body, message)
        key = duplicate_key(message, text)
        return ReadAlert(
            text=text,
            digest=body_digest(text),
            key=key.key,
            key_expires=not key.keeps_for_ever,
            token=message.token,
            detail=" ".join(message.hints),
            signal=message.signal(UNKNOWN, received_at),
        )
