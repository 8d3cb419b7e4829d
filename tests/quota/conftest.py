"""A Redis for the session, one that a test may kill, and a namespace for each test."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.redis_server import RedisServer, served_url


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_url(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def namespace() -> str:
    return f"test-{uuid.uuid4()}"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """One that the test may kill."""
    with RedisServer(tmp_path) as server:
        yield server
