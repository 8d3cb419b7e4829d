from collections.abc import AsyncIterator, Iterator

import pytest
from helpers.browser import Page, running
from helpers.inbox import ORDER, OTHER, opened, session_at
from helpers.served import served

from spapi_messaging import MessagingSession
from spapi_messaging.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with served(rate=1000, burst=1000) as sandbox:
        for order_id in (ORDER, OTHER):
            sandbox.add_order(order_id, locale="de-DE")
        yield sandbox


@pytest.fixture
async def session(sandbox: Sandbox) -> AsyncIterator[MessagingSession]:
    async with session_at(sandbox) as session:
        yield session


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
async def page(sandbox: Sandbox, browser: str) -> AsyncIterator[Page]:
    async with opened(browser, sandbox) as page:
        yield page
