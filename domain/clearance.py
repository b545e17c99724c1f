"""Whether an account may open anything at a real venue, limits apart."""

from dataclasses import dataclass

from domain.reasons import Finding, Reason, refusal

SWITCHED_OFF = refusal(Reason.LIVE_SWITCHED_OFF, "off", "on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vetting:
    """What is known of an account at a real venue.

    ``failed`` names the checks that its last test found broken, empty where all passed; it
    is None where no test of the keys and options in force is kept. ``confirmed`` says that
    an administrator lets it trade real money.
    """

    is_live: bool
    confirmed: bool
    failed: str | None

    @property
    def not_cleared(self) -> Finding | None:
        """Return why the account may open nothing; None when it may.

        On a testnet a test is not demanded, but one that failed counts.
        """
        if self.is_live and self.failed is None:
            return refusal(Reason.ACCOUNT_UNTESTED)
        if self.failed:
            return refusal(Reason.ACCOUNT_TEST_FAILED, self.failed)
        if self.is_live and not self.confirmed:
            return refusal(Reason.LIVE_NOT_CONFIRMED)
        return None
