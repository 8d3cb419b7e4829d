"""The compose file, as far as it goes without Docker: what it starts is started here."""

import asyncio
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers.campaign_worker import queue_app
from helpers.served import served

import spapi_messaging.distributed
from spapi_messaging import AuthorizationError, Job, UnexpectedProblem
from spapi_messaging.distributed import enqueue
from spapi_messaging.distributed.table import Reader
from spapi_messaging.distributed.worker import credentials
from spapi_messaging.sandbox import DEFAULT_ACTIONS, Sandbox

FOLDER = Path(spapi_messaging.distributed.__file__).parent
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
GIVEN = {"POSTGRES_PASSWORD": "of the test", "SPAPI_MESSAGING_MARKETPLACE": "DE"}


def substituted(value: str) -> str:
    """Put in what .env holds, as compose does; what it needs and does not get is an error."""
    return re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: GIVEN[found[1]], value)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with served(rate=float("inf"), any_order=DEFAULT_ACTIONS) as sandbox:
        yield sandbox


@pytest.fixture
def environment(sandbox: Sandbox, database_url: str, tmp_path: Path) -> dict[str, str]:
    """Return a worker's environment as the file has it, but for where things are here."""
    file = tmp_path / "credentials.toml"
    own = sandbox.environment
    file.write_text(
        f'client_id = "{own["LWA_APP_ID"]}"\nclient_secret = "{own["LWA_CLIENT_SECRET"]}"\n'
        + "".join(
            f'[sellers.shop-{number}]\nrefresh_token = "{own["SP_API_REFRESH_TOKEN"]}-{number}"\n'
            for number in range(4)
        )
    )
    values = {name: substituted(value) for name, value in SERVICES["worker"]["environment"].items()}
    assert values["SPAPI_MESSAGING_CREDENTIALS"] == "/run/secrets/credentials"
    places = {
        "SPAPI_MESSAGING_DATABASE": database_url,
        "SPAPI_MESSAGING_CREDENTIALS": str(file),
        "SPAPI_MESSAGING_ENDPOINT": sandbox.url,
        "SPAPI_MESSAGING_TOKEN_URL": sandbox.token_url,
        "PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(FOLDER.parent.parent),
    }
    return values | places


def command(service: str) -> list[str]:
    """Return the command of a service; its Python is the one that runs here."""
    words = [str(word) for word in SERVICES[service]["command"]]
    return [sys.executable, *words[1:]] if words[0] == "python" else words


def test_the_file_holds_together() -> None:
    assert set(SERVICES) == {"postgres", "redis", "prepare", "worker"}
    assert SERVICES["worker"]["deploy"]["replicas"] == 2
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
        assert {volume.partition(":")[0] for volume in service.get("volumes", [])} <= set(
            COMPOSE["volumes"]
        )
    user = SERVICES["postgres"]["environment"]
    address = SERVICES["worker"]["environment"]["SPAPI_MESSAGING_DATABASE"]
    assert address == f"postgresql://{user['POSTGRES_USER']}@postgres:5432/{user['POSTGRES_DB']}"


@pytest.mark.slow
def test_what_it_starts_sends_a_campaign(
    environment: dict[str, str], sandbox: Sandbox, database_url: str, tmp_path: Path
) -> None:
    async def put_and_wait() -> None:
        app = queue_app(database_url)
        async with app.open_async():
            await enqueue(app, jobs, size=1)
            async with asyncio.timeout(30):
                while True:
                    if not (await asyncio.to_thread(Reader.of(database_url).waiting)).batches:
                        return
                    await asyncio.sleep(0.05)

    log = tmp_path / "log"

    def start(service: str) -> "subprocess.Popen[bytes]":
        with log.open("ab") as out:
            return subprocess.Popen(command(service), env=environment, cwd=tmp_path, stderr=out)

    assert start("prepare").wait(30) == 0
    # One for each seller: the quota is one message a second.
    jobs = [
        Job(f"907-{number:07}-0000000", UnexpectedProblem(text="x"), seller=f"shop-{number}")
        for number in range(4)
    ]
    workers = [start("worker") for _ in range(SERVICES["worker"]["deploy"]["replicas"])]
    again = start("prepare")  # as whenever the services are started again
    try:
        asyncio.run(put_and_wait())
        assert again.wait(30) == 0
    finally:
        for worker in workers:
            worker.terminate()
        codes = [worker.wait(20) for worker in workers]
    assert codes == [0, 0], log.read_text()
    assert len({message.order_id for message in sandbox.messages()}) == 4
    assert {entry.state for entry in Reader.of(database_url).entries()} == {"sent"}


@pytest.mark.parametrize(
    "text",
    [
        *("", "client_id = 1\nsellers = 3", "[sellers.shop-1]\nrefresh_token = 'x'", "hunter2"),
        *("\x00", "a=" + "[" * 20_000, "a=" + "1" * 20_000),
    ],
)
async def test_credentials_that_are_not_there_are_an_error_of_their_seller(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPAPI_MESSAGING_CREDENTIALS", str(tmp_path / "credentials.toml"))
    with pytest.raises(AuthorizationError, match="No such file"):
        await credentials("shop-1")
    (tmp_path / "credentials.toml").write_text(text)  # a few bytes
    with pytest.raises(AuthorizationError) as caught:
        await credentials("shop-1")
    assert "hunter2" not in str(caught.value)
