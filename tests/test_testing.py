"""The pytest plugin, in the test suites of its users: each configuration in a pytest of its own.

A start of pytest takes longer than such a suite, so the cases of one configuration share it.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
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
SUITES = {
    "auto": {"asyncio": ASYNC, "doubt": DOUBT}
    | ({"aiohttp": AIOHTTP} if find_spec("pytest_aiohttp") else {}),
    "strict": {"asyncio": ASYNC, "sync": SYNC},
}
"""The files of a suite by the mode of pytest-asyncio; strict is what it does unasked."""
MARKS = {"auto": "", "strict": "@pytest.mark.asyncio"}
MARKETPLACES = {1: "DE", 2: "US"}
"""By the messages that a suite expects: DE is the default, and US an option."""
INI = """[pytest]
filterwarnings = error
asyncio_default_fixture_loop_scope = function
"""
# What this project's own tests need: to load it takes longer than a user's suite does.
WITHOUT = ("-p", "no:hypothesispytest", "-p", "no:xdist", "-p", "no:cov")


Ran = subprocess.CompletedProcess[str]
Suite = Callable[[str, int], Ran]


def run_pytest(folder: Path, files: Mapping[str, str], *options: str) -> Ran:
    for name, source in files.items():
        (folder / f"test_{name}.py").write_text(source, "utf-8")
    (folder / "pytest.ini").write_text(INI, "utf-8")
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-W", "error", "-m", "pytest", "-p", "pytest_spapi_messaging"]
    return subprocess.run(
        [*command, "-q", "-rpf", *WITHOUT, *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )


def outcomes(ran: Ran, name: str) -> list[str]:
    """Return a line for each test of a file: PASSED or FAILED, its name, and why."""
    return [line for line in ran.stdout.splitlines() if f"ED test_{name}.py::" in line]


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """Run the suite of a mode that expects so many messages, once."""

    @cache
    def run(mode: str, count: int) -> Ran:
        words = {"mark": MARKS[mode], "count": count, "marketplace": MARKETPLACES[count]}
        files = {name: source.format(**words) for name, source in SUITES[mode].items()}
        options = ["-o", f"asyncio_mode={mode}"]
        if MARKETPLACES[count] != "DE":
            options += ["-o", f"messaging_marketplace={MARKETPLACES[count]}"]
        return run_pytest(tmp_path_factory.mktemp(f"{mode}-{count}"), files, *options)

    return run


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(
    ("mode", "name"),
    [
        pytest.param("auto", "asyncio", id="asyncio-auto"),
        pytest.param("strict", "asyncio", id="asyncio-strict"),
        pytest.param("auto", "aiohttp", id="aiohttp"),
        pytest.param("strict", "sync", id="sync"),
    ],
)
def test_a_users_test_passes_if_the_promise_holds(
    suite: Suite, mode: str, name: str, count: int
) -> None:
    """One message is sent; a test that expects one passes, and one that expects two fails."""
    if name not in SUITES[mode]:
        pytest.skip("pytest-aiohttp is not here")
    ran = suite(mode, count)
    (outcome,) = outcomes(ran, name)
    assert outcome.startswith("PASSED" if count == 1 else "FAILED"), ran
    assert ran.returncode == count - 1
    assert "warning" not in ran.stdout.lower()
    assert "AssertionError" not in ran.stdout if count == 1 else "assert" in outcome


@pytest.mark.parametrize("count", MARKETPLACES, ids=MARKETPLACES.get)
def test_faults_a_fresh_sandbox_and_a_marketplace(suite: Suite, count: int) -> None:
    ran = suite("auto", count)
    assert [line.split()[0] for line in outcomes(ran, "doubt")] == ["PASSED"] * 2, ran


def test_nothing_slow_is_imported_for_a_suite_that_does_not_use_it(tmp_path: Path) -> None:
    source = (
        "import sys\ndef test_it():\n"
        "    slow = {'aiohttp', 'attrs', 'cattrs', 'jsonschema', 'spapi_messaging'}\n"
        "    assert slow & set(sys.modules) == set()\n"
    )
    ran = run_pytest(tmp_path, {"user": source}, "-p", "no:aiohttp")
    if "pytest_aiohttp" in ran.stdout:
        pytest.skip("pytest-aiohttp imports aiohttp itself")
    assert "1 passed" in ran.stdout, ran


@pytest.mark.parametrize(
    ("given", "said"),
    [("fr", "1 passed"), ("A13V1IB3VIYZZH", "1 passed"), ("XX", "messaging_marketplace must be")],
)
def test_the_marketplace_of_the_ini_option_is_checked(
    tmp_path: Path, given: str, said: str
) -> None:
    source = "def test_it(messaging_marketplace):\n    assert messaging_marketplace.name == 'FR'\n"
    ran = run_pytest(tmp_path, {"user": source}, "-o", f"messaging_marketplace={given}")
    assert (said in ran.stdout + ran.stderr, "Traceback" in ran.stdout) == (True, False), ran
