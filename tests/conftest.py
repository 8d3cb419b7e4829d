import logging
import os
import signal
from collections.abc import Iterator

import pytest
from helpers.postgres_server import database_url, own_postgres, postgres
from hypothesis import settings

__all__ = ["database_url", "own_postgres", "postgres"]


# What lands must not depend on chance: there each run tries the same examples, here other ones.
# Nor on how busy the machine is: no example has to be quick.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_xdist_auto_num_workers() -> int:
    """Start two for each core: many tests wait for a server, a process or a browser."""
    return 2 * (os.cpu_count() or 1)


def pytest_configure() -> None:
    """Heed Ctrl-C, which a shell ignores for what runs in the background, and so would children."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own credentials and endpoints out of the tests."""
    for name in (
        "SPAPI_MESSAGING_ENDPOINT",
        "SPAPI_MESSAGING_TOKEN_URL",
        "SP_API_REFRESH_TOKEN",
        "LWA_APP_ID",
        "LWA_CLIENT_SECRET",
        "SPAPI_MESSAGING_DATABASE",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """All that the package logs, down to DEBUG."""
    with caplog.at_level(logging.DEBUG, logger="spapi_messaging"):
        yield caplog
