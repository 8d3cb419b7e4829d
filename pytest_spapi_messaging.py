"""The pytest plugin: a sandbox, a session at it, and the environment that leads there.

It lies outside of the package because pytest imports it at every start, and the package
would bring aiohttp along (a third of a second) whether or not a test uses a fixture.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

_async_fixture: Any
try:
    from pytest_asyncio import fixture as _async_fixture
except ImportError:  # then anyio's plugin, or none, runs async fixtures
    _async_fixture = pytest.fixture

if TYPE_CHECKING:
    from spapi_messaging import Marketplace, MessagingSession
    from spapi_messaging.testing import ServedSandbox

UNLIMITED = 1_000_000


def pytest_addoption(parser: Any) -> None:
    """Add the ini option ``messaging_marketplace``."""
    parser.addini("messaging_marketplace", "marketplace of messaging_session", default="DE")


@pytest.fixture
def messaging_sandbox() -> "Iterator[ServedSandbox]":
    """Run a Selling Partner API of this test's own, without quotas; it knows every order."""
    from spapi_messaging.testing import serve

    with serve() as sandbox:
        yield sandbox


@pytest.fixture
def messaging_marketplace(pytestconfig: pytest.Config) -> "Marketplace":
    """Return the marketplace of the ini option, its name or id; override this for another."""
    from spapi_messaging.sandbox.validation import WrongValueError, marketplace

    try:
        return marketplace(pytestconfig.getini("messaging_marketplace"), "messaging_marketplace")
    except WrongValueError as wrong:
        raise pytest.UsageError(str(wrong)) from wrong


@pytest.fixture
def messaging_environment(
    messaging_sandbox: "ServedSandbox", monkeypatch: pytest.MonkeyPatch
) -> Mapping[str, str]:
    """Set credentials and endpoints of the sandbox in the environment, until the test ends."""
    environment = messaging_sandbox.environment
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


@_async_fixture  # type: ignore[untyped-decorator]  # whichever plugin is there
async def messaging_session(
    messaging_sandbox: "ServedSandbox", messaging_marketplace: "Marketplace"
) -> "AsyncIterator[MessagingSession]":
    """Open a session at the sandbox, which paces nothing."""
    from spapi_messaging import (
        Credentials,
        MessagingSession,
        Quota,
        RateLimits,
    )

    sandbox = messaging_sandbox
    async with MessagingSession(
        Credentials.from_env(sandbox.environment),
        marketplace=messaging_marketplace,
        endpoint=sandbox.url,
        token_url=sandbox.token_url,
        limits=RateLimits(default=Quota(rate=UNLIMITED, burst=UNLIMITED)),
    ) as session:
        yield session  # noqa: ASYNC119  # pytest resumes a fixture to its end
