"""The pytest plugin, in the test suites of its users: each runs in a pytest of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.paths import ROOT

SEND = """
from spapi_messaging import UnexpectedProblem
ORDER = "903-1671087-0812628"
"""
ASYNC = (
    SEND
    + """
import pytest
{mark}
async def test_it(messaging_session, messaging_sandbox):
    await messaging_session.send(ORDER, UnexpectedProblem(text="Hi"))
    await messaging_sandbox.arrived(2)
    assert [m.body for m in messaging_sandbox.messages(ORDER)] == [{{"text": "Hi"}}] * {count}
"""
)
SYNC = (
    SEND
    + """
import asyncio
from spapi_messaging import Credentials, Marketplace, MessagingSession

def test_it(messaging_environment, messaging_sandbox):
    async def service():
        async with MessagingSession(Credentials.from_env(), marketplace=Marketplace.US) as session:
            await session.send(ORDER, UnexpectedProblem(text="Hi"))
    asyncio.run(service())
    assert len(messaging_sandbox.messages(ORDER)) == {count}
"""
)
DOUBT = (
    SEND
    + """
import pytest
from spapi_messaging import InDoubtError, Marketplace

async def test_doubt(messaging_session, messaging_sandbox):
    messaging_sandbox.fail_next(
        status=503, after_accepting=True, operation="createUnexpectedProblem"
    )
    with pytest.raises(InDoubtError):
        await messaging_session.send(ORDER, UnexpectedProblem(text="Hi"))
    assert len(messaging_sandbox.messages(ORDER)) == 1
    messaging_sandbox.role_missing = True
    assert messaging_sandbox.role_missing is True

async def test_it_is_fresh(messaging_session, messaging_sandbox):
    assert messaging_sandbox.messages() == []
    assert messaging_session.marketplace is Marketplace.{marketplace}
"""
)
AIOHTTP = (
    SEND
    + """
from aiohttp import web

async def test_it(aiohttp_client, messaging_session, messaging_sandbox):
    async def write(request):
        await messaging_session.send(ORDER, UnexpectedProblem(text="Hi"))
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/", write)
    client = await aiohttp_client(app)
    assert (await client.post("/")).status == 202
    assert len(messaging_sandbox.messages(ORDER)) == {count}
"""
)
STRICT = "@pytest.mark.asyncio"
INI = """[pytest]
filterwarnings = error
asyncio_default_fixture_loop_scope = function
"""
AUTO = ("-o", "asyncio_mode=auto")


def run_pytest(folder: Path, source: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_user.py").write_text(source, "utf-8")
    (folder / "pytest.ini").write_text(INI, "utf-8")
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "pytest_spapi_messaging"]
    return subprocess.run(
        [*command, *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(
    ("source", "mark", "options"),
    [
        pytest.param(ASYNC, "", AUTO, id="asyncio-auto"),
        pytest.param(ASYNC, STRICT, ("-o", "asyncio_mode=strict"), id="asyncio-strict"),
        pytest.param(AIOHTTP, "", AUTO, id="aiohttp"),
        pytest.param(SYNC, "", (), id="sync"),
    ],
)
def test_a_users_test_passes_if_the_promise_holds(
    tmp_path: Path, source: str, mark: str, options: tuple[str, ...], count: int
) -> None:
    """One message is sent; a test that expects one passes, and one that expects two fails."""
    if source is AIOHTTP:
        pytest.importorskip("pytest_aiohttp")
    done = run_pytest(tmp_path, source.format(mark=mark, count=count), *options)
    outcome = "1 passed" if count == 1 else "1 failed"
    assert outcome in done.stdout, done.stdout + done.stderr
    assert done.returncode == count - 1
    assert "warning" not in done.stdout.lower()
    assert "AssertionError" not in done.stdout if count == 1 else "assert" in done.stdout


@pytest.mark.parametrize(
    ("marketplace", "options"), [("DE", ()), ("US", ("-o", "messaging_marketplace=US"))]
)
def test_faults_a_fresh_sandbox_and_a_marketplace(
    tmp_path: Path, marketplace: str, options: tuple[str, ...]
) -> None:
    done = run_pytest(tmp_path, DOUBT.format(marketplace=marketplace), *AUTO, *options)
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_nothing_slow_is_imported_for_a_suite_that_does_not_use_it(tmp_path: Path) -> None:
    source = (
        "import sys\ndef test_it():\n"
        "    slow = {'aiohttp', 'attrs', 'cattrs', 'jsonschema', 'spapi_messaging'}\n"
        "    assert slow & set(sys.modules) == set()\n"
    )
    done = run_pytest(tmp_path, source, "-p", "no:aiohttp", "-p", "no:hypothesispytest")
    if "pytest_aiohttp" in done.stdout:
        pytest.skip("pytest-aiohttp imports aiohttp itself")
    assert "1 passed" in done.stdout, done.stdout + done.stderr
