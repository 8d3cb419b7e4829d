"""Scenario and fault files: what they say happens, and what is wrong in them is named."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest
from helpers.sandbox_client import DE, ORDER, Api, Clock, serving

from spapi_messaging.sandbox import Fault, Sandbox, Scenario, ScenarioError
from spapi_messaging.sandbox.__main__ import main
from spapi_messaging.sandbox.scenarios import load_faults

FULL = """
locale = "de-DE"
latency = [0, 0.001]
any_order = ["warranty"]

[quotas]
CreateWarranty = { rate = 2, burst = 7 }
default = "unlimited"

[[orders]]
order_id = "903-1671087-0812628"
actions = ["unexpectedProblem", "greeting", "attributes"]
custom = { greeting = { title = "Greet" } }

[[orders]]
order_id = "111-1111111-1111111"
locale = "fr-FR"
closed = true
disabled = ["warranty"]
marketplace = "FR"

[[faults]]
after = 2
status = 503
operation = "unexpectedProblem"

[[faults]]
status = 429
operation = "createUnexpectedProblem"

[[faults]]
status = "unchanged"
operation = "greeting"
body = { odd = true }
"""


def written(folder: Path, text: str, name: str = "scenario.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


async def test_a_scenario_is_what_the_sandbox_becomes(tmp_path: Path) -> None:
    scenario = Scenario.load(written(tmp_path, FULL))
    async with (
        Sandbox(scenario=scenario, clock=Clock()) as sandbox,
        aiohttp.ClientSession() as http,
    ):
        api = Api(sandbox, http)
        api.token = (await api.log_in()).json["access_token"]
        order, closed = sandbox.backend.orders.values()
        assert (order.locale, order.actions[1], order.custom) == (
            "de-DE",
            "greeting",
            {"greeting": {"title": "Greet"}},
        )
        assert (closed.locale, closed.closed, closed.disabled) == (
            "fr-FR",
            True,
            {"warranty": None},
        )
        assert sandbox.latency == (0, 0.001)
        found = await api.get(f"/messaging/v1/orders/222-2222222-2222222/attributes{DE}")
        assert found.json == {"buyer": {"locale": "de-DE"}}
        reported = [(await api.post("unexpectedProblem", {"text": "x"})).status for _ in range(5)]
        assert reported == [201, 201, 503, 429, 201]
        greeted = await api.post("greeting", {"text": "x"})
        assert (greeted.status, greeted.json) == (201, {"odd": True})
        plans = sandbox.backend.quotas
        assert (plans.plan("CreateWarranty"), plans.plan("GetAttributes")) == (
            scenario.quotas["CreateWarranty"],
            None,
        )


def test_a_scenario_can_be_applied_again(tmp_path: Path) -> None:
    """Faults that were played in one sandbox are whole again in the next."""
    scenario = Scenario.load(written(tmp_path, "[[faults]]\ntimes = 2"))
    first, second = Sandbox(scenario=scenario), Sandbox(scenario=scenario)
    first.faults.spend(first.faults.pending[0])
    assert [first.faults.pending[0].played, second.faults.pending[0].played] == [1, 0]


def test_json_says_the_same_as_toml(tmp_path: Path) -> None:
    value = {"orders": [{"order_id": ORDER, "seller": None}], "any_order": False}
    path = written(tmp_path, json.dumps(value), "scenario.json")
    sandbox = Sandbox(any_order=["warranty"], scenario=path)
    assert (list(sandbox.backend.orders), sandbox.backend.any_order) == ([ORDER], None)


@pytest.mark.parametrize("text", ["[", '{"a":', "\ud800"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(text.encode(errors="surrogatepass"))
    for load in (Scenario.load, load_faults):
        with pytest.raises(ScenarioError, match=r"broken\.json: "):
            load(path)
        with pytest.raises(ScenarioError, match=r"nowhere\.toml: No such file"):
            load(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("localle = 'de'", "localle is unknown"),
        ("latency = 'slow'", "latency must be"),
        ("latency = nan", "latency must be"),
        ("orders = 3", "orders must be an array"),
        ("[[orders]]\nlocale = 'de-DE'", "orders[0].order_id is missing"),
        ("[[orders]]\norder_id = 'a b'", "orders[0].order_id must be an order id"),
        ("[[orders]]\norder_id = 'a'\nclosed = 1", "orders[0].closed must be true or false"),
        ("[[orders]]\norder_id = 'a'\nmarketplace = 'XX'", "orders[0].marketplace"),
        ("[[orders]]\norder_id = 'a'\ncustom.x.at = 2025-01-01", "orders[0].custom.x must be"),
        ("[quotas]\nCreateWarranty = { rate = 1 }", "quotas.CreateWarranty.burst is missing"),
        ("[quotas]\nwarrenty = 'unlimited'", "quotas.warrenty: no operation"),
        ("[[faults]]\n[[faults]]\nstatus = 99", "faults[1].status must be"),
        ("[[faults]]\noperation = 'warrenty'", "faults[0].operation: no operation"),
        ("[[faults]]\nbody = 'odd'", "faults[0].body must be"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_key(tmp_path: Path, text: str, reported: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ScenarioError) as raised:
        Scenario.load(path)
    assert str(raised.value).startswith(f"{path}: {reported}")


@pytest.mark.parametrize(
    ("name", "text"),
    [("faults.toml", "[[faults]]\nstatus = 500"), ("faults.json", '[{"status": 500}]')],
)
def test_faults_can_have_a_file_of_their_own(tmp_path: Path, name: str, text: str) -> None:
    (fault,) = load_faults(written(tmp_path, text, name))
    assert fault.status == 500


async def test_a_waiting_fault_holds_back_those_behind_it() -> None:
    async with serving(rate=float("inf")) as api:
        api.sandbox.fail_next(500, after=1)
        api.sandbox.add_fault(Fault(status=503, after=2))
        assert [(await api.get()).status for _ in range(5)] == [200, 500, 200, 200, 503]


async def test_the_command_takes_both_files_and_names_the_inbox(tmp_path: Path) -> None:
    scenario = written(tmp_path, "locale = 'it-IT'\n[quotas]\ndefault = { rate = 1, burst = 1 }")
    faults = written(tmp_path, '[{"status": 418}]', "faults.json")
    options = ["--port", "0", "--scenario", str(scenario), "--faults", str(faults), "--burst", "9"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "spapi_messaging.sandbox", *options, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    lines = [(await process.stdout.readline()).decode().strip() for _ in range(6)]
    url = lines[0].removeprefix("export SPAPI_MESSAGING_ENDPOINT=")
    try:
        async with aiohttp.ClientSession() as http, http.get(f"{url}/__sandbox__/state") as answer:
            state = await answer.json()
    finally:
        process.terminate()
        await process.wait()
    assert lines[5] == f"# inbox: {url}/"
    assert [fault["status"] for fault in state["faults"]] == [418]


def test_the_command_says_what_is_wrong_in_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, "localle = 1")
    with pytest.raises(SystemExit) as ended:
        main(["--scenario", str(path)])
    written_to_stderr = capsys.readouterr().err
    assert ended.value.code == 2
    assert f"{path}: localle is unknown" in written_to_stderr
    assert "Traceback" not in written_to_stderr
