"""What paths and queries may hold. The description of the API says the same."""

from typing import Annotated

from litestar.params import PathParameter, QueryParameter

from entrypoints.web.requests import ID_MAX, NO_NUL

PAGE = 100

Id = Annotated[int, PathParameter(ge=1, le=ID_MAX)]
Name = Annotated[str, PathParameter(pattern=NO_NUL)]
Of = Annotated[str | None, QueryParameter(pattern=NO_NUL)]
Number = Annotated[int | None, QueryParameter(ge=1, le=ID_MAX)]
Limit = Annotated[int, QueryParameter(ge=1, le=10 * PAGE)]
