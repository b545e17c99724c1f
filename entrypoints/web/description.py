"""What the API says of itself, and that what programs send is held to it."""

import json
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ValidationException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from entrypoints.web.requests import Sent
from entrypoints.web.webhook import described

TOKEN = "token"  # noqa: S105 - the name of a way to come in
REFERENCE = "#/components/schemas/{name}"


class Description(JsonRenderPlugin):
    """The description, with the webhook, which is no route of Litestar's.

    What programs send is described by what decodes it: Litestar leaves out patterns of
    values, and that nothing else may stand there.
    """

    def render(
        self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]
    ) -> bytes:
        """Return the description as JSON."""
        parts = openapi_schema["components"]
        _, sent = msgspec.json.schema_components(
            Sent.__subclasses__(), ref_template=REFERENCE
        )
        told = {
            "paths": described() | openapi_schema["paths"],
            "components": {**parts, "schemas": parts["schemas"] | sent},
        }
        return super().render(request, {**openapi_schema, **told})


async def as_described(request: Request[Any, Any, Any]) -> None:
    """Hold a body to its description; Litestar by itself would read 0 as false.

    Raises:
        ValidationException: Saying what differs, and where.
    """
    data = request.route_handler.parsed_data_field
    if data is None or not data.is_subclass_of(Sent):
        return
    try:
        body = json.loads(await request.body(), parse_float=_number)
        msgspec.convert(body, data.annotation)
    except (ValueError, RecursionError) as error:
        raise ValidationException(f"The body is not as described: {error}") from None


def _number(text: str) -> float:
    """Return a number as JSON means it: 2.0 is whole."""
    value = float(text)
    return int(value) if value.is_integer() else value


DESCRIBED = OpenAPIConfig(
    title="Signalman",
    version="0.1.0",
    path="/schema",
    render_plugins=[Description()],
    components=Components(
        security_schemes={
            TOKEN: SecurityScheme(
                type="http",
                scheme="bearer",
                description="A token of `signalman token add`.",
            )
        }
    ),
)
