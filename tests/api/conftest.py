"""No test of this room opens a connection."""

import socket
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def _no_network() -> Iterator[None]:
    """Whatever tries to fetch is noted, and refused."""
    tried: list[object] = []

    def refuse(*args: object, **_: object) -> None:
        tried.append(args)
        raise OSError("no network here")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", refuse)
        patch.setattr(socket.socket, "connect", refuse)
        yield
    assert tried == []
