"""The fast half of an alert: authenticate, keep, and only then answer."""

import logging
from dataclasses import dataclass
from hashlib import sha256

from application.context import about
from application.ports.alert_parser import AlertParser, ReadAlert
from application.ports.clock import Clock
from application.ports.inbox import (
    Arrival,
    Doorbell,
    Inbox,
    Outcome,
    Receipt,
    Refusal,
    TokenGone,
)
from application.secret import Secret
from domain.reasons import Reason
from domain.signal import AlertId

BODY_BYTES_MAX = 65_536
SAMPLE_CHARACTERS = 2_000
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One request as it came. ``token`` is None where the body carries it."""

    token: str | None
    body: bytes
    source: str
    content_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered: an accepted or duplicate alert, or a refusal with its reason."""

    alert: AlertId | None = None
    duplicate: bool = False
    reason: Reason | None = None
    detail: str = ""


def token_digest(token: str) -> str:
    """Return what is kept of a token: its SHA-256, as hexadecimal."""
    return sha256(token.encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class ReceiveAlert:
    """Keep one alert, once, before it is acknowledged."""

    inbox: Inbox
    parser: AlertParser
    doorbell: Doorbell
    clock: Clock

    async def __call__(self, incoming: Incoming) -> Answer:
        """Return the answer; what it says is committed.

        Raises:
            StoreUnavailable: If nothing is known to be kept.
        """
        if len(incoming.body) > BODY_BYTES_MAX:
            return await self._too_large(incoming)
        read = self.parser.read(incoming.body, self.clock.now())
        token = incoming.token if incoming.token is not None else read.token
        receipt = await self._kept(incoming, read, token) if token else None
        if receipt is None:
            return await self._unauthenticated(incoming, read)
        return await self._answer(read, receipt)

    async def _kept(
        self, incoming: Incoming, read: ReadAlert, token: str
    ) -> Receipt | None:
        """Return how the alert was kept; None if the token is that of no feed."""
        digest = token_digest(token)
        feed = await self.inbox.feed(digest)
        if feed is None:
            return None
        Secret(token)  # no log line shows it from here on
        try:
            return await self.inbox.receive(
                Arrival(
                    feed=feed.id,
                    token=digest,
                    body=read.text,
                    digest=read.digest,
                    size=len(incoming.body),
                    source=incoming.source,
                    content_type=incoming.content_type[:100],
                    key=read.key,
                    key_expires=read.key_expires,
                    signal=read.signal,
                    reason=read.reason,
                    detail=read.detail,
                )
            )
        except TokenGone:
            return None

    async def _answer(self, read: ReadAlert, receipt: Receipt) -> Answer:
        with about(receipt.alert):
            log.info("alert kept", extra={"outcome": receipt.outcome.value})
        match receipt.outcome:
            case Outcome.ACCEPTED:
                await self.doorbell.ring(())
                return Answer(alert=receipt.alert)
            case Outcome.DUPLICATE:
                return Answer(alert=receipt.alert, duplicate=True)
            case Outcome.REFUSED:
                return Answer(alert=receipt.alert, reason=read.reason, detail=read.detail)
            case Outcome.ID_REUSED:
                return Answer(
                    alert=receipt.alert,
                    reason=Reason.ALERT_ID_REUSED,
                    detail=(
                        "This id came before with another body, so nothing was executed. "
                        "Give every intended action an id of its own."
                    ),
                )

    async def _unauthenticated(self, incoming: Incoming, read: ReadAlert) -> Answer:
        detail = (
            "The token in the URL (or the field `token`) is not that of any feed. "
            "`signalman feed rotate NAME` makes a new one."
        )
        await self._refuse(Reason.AUTH_BAD_TOKEN, detail, incoming, read.text)
        return Answer(reason=Reason.AUTH_BAD_TOKEN, detail=detail)

    async def _too_large(self, incoming: Incoming) -> Answer:
        detail = f"An alert is at most {BODY_BYTES_MAX:,} bytes."
        await self._refuse(Reason.BODY_TOO_LARGE, detail, incoming, "")
        return Answer(reason=Reason.BODY_TOO_LARGE, detail=detail)

    async def _refuse(
        self, reason: Reason, detail: str, incoming: Incoming, body: str
    ) -> None:
        await self.inbox.refuse(
            Refusal(
                reason=reason,
                detail=detail,
                source=incoming.source,
                size=len(incoming.body),
                body=body[:SAMPLE_CHARACTERS],
            )
        )
