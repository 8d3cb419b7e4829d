"""Starting and stopping a sandbox, from Python and from the command line."""

import asyncio
import io
import os
import re
import signal
import subprocess
import sys

import aiohttp
import pytest
from helpers.sandbox_client import DE, ORDER, ORDER_PATH, Api

from spapi_messaging.sandbox import Sandbox
from spapi_messaging.sandbox.__main__ import main


async def test_the_environment_leads_a_client_here(api: Api) -> None:
    assert api.sandbox.environment == {
        "SPAPI_MESSAGING_ENDPOINT": api.sandbox.url,
        "SPAPI_MESSAGING_TOKEN_URL": api.sandbox.url + "/auth/o2/token",
        "SP_API_REFRESH_TOKEN": "sandbox-refresh-token",
        "LWA_APP_ID": "sandbox-client-id",
        "LWA_CLIENT_SECRET": "sandbox-client-secret",
    }
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", api.sandbox.url)


async def test_it_can_be_started_again_where_it_was() -> None:
    sandbox = Sandbox()
    await sandbox.start()
    sandbox.add_order(ORDER)
    url = sandbox.url
    await sandbox.stop()
    await sandbox.stop()
    async with sandbox, aiohttp.ClientSession() as http:
        assert url == sandbox.url
        token = (await Api(sandbox, http).log_in()).json["access_token"]
        assert (await Api(sandbox, http, token).get()).status == 200


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM there")
async def test_the_command_runs_until_it_is_stopped() -> None:
    command = [
        sys.executable,
        "-m",
        "spapi_messaging.sandbox",
        "--port",
        "0",
        "--rate",
        "2",
        "--latency",
        "0-0.001",
    ]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    lines = [(await process.stdout.readline()).decode() for _ in range(5)]
    url = lines[0].removeprefix("export SPAPI_MESSAGING_ENDPOINT=").strip()
    async with aiohttp.ClientSession() as http, http.get(url + ORDER_PATH + DE) as answer:
        assert answer.status == 403
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 5) == 0
    assert [line.split("=")[0] for line in lines] == [
        "export SPAPI_MESSAGING_ENDPOINT",
        "export SPAPI_MESSAGING_TOKEN_URL",
        "export SP_API_REFRESH_TOKEN",
        "export LWA_APP_ID",
        "export LWA_CLIENT_SECRET",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM there")
def test_the_command_leaves_cleanly(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def flush(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(sys, "stdout", Terminal())
    assert main(["--port", "0", "--latency", "0.5", "--burst", "3"]) == 0
