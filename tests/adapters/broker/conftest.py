from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.venue.venues import Venues, running_venues


@pytest.fixture
async def venues(tmp_path: Path) -> AsyncIterator[Venues]:
    async with running_venues(tmp_path) as running:
        yield running
