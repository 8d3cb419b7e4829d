import math
from collections.abc import AsyncIterator

import pytest
from helpers.sandbox_client import Api, serving


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """A client of a sandbox without quotas."""
    async with serving(rate=math.inf) as api:
        yield api
