"""`/api/v1/differences`: what venues hold beside what our books say, and what is done."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import ClientException
from litestar.params import JSONBody, SkipValidation

from application.differences import Remedy
from application.ports.comparisons import Comparisons
from application.settle_difference import NotPossible, SettleDifference
from entrypoints.web.access import Identity, may_trade
from entrypoints.web.differing import ComparisonOut, DifferenceRequest, comparison_out

Compared = SkipValidation[NamedDependency[Comparisons]]
Settle = NamedDependency[SettleDifference]
Who = SkipValidation[NamedDependency[Identity]]


@get("/differences")
async def differences(comparisons: Compared) -> list[ComparisonOut]:
    """List every market of a real venue as it was compared last, differences first."""
    return [comparison_out(one) for one in await comparisons.all()]


@post("/differences/settle", status_code=202, guards=[may_trade])
async def settle_difference(
    data: JSONBody[DifferenceRequest], settle_market: Settle, identity: Who
) -> ComparisonOut:
    """Say what is to be done; adopting and closing wait for the next comparison."""
    author = identity.author(data.reason.strip())
    try:
        found = await settle_market(data.account, data.symbol, Remedy(data.remedy), author)
    except NotPossible as error:
        raise ClientException(f"{error} {error.fix}".strip(), status_code=409) from None
    return comparison_out(found)
