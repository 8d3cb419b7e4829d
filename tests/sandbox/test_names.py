"""Names and numbers are checked at every door of the sandbox, and aliases pass at each."""

import json
import math
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from helpers.sandbox_admin import OTHER, OWN, change
from helpers.sandbox_client import ORDER, Api

from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.sandbox import Fault, Sandbox, Scenario
from spapi_messaging.sandbox.__main__ import main
from spapi_messaging.sandbox.scenarios import load_faults
from spapi_messaging.testing import serve

ALIASES = [
    ("unexpectedProblem", "createUnexpectedProblem", "unexpectedProblem"),
    ("unexpectedproblem", "createUnexpectedProblem", "unexpectedProblem"),
    ("UnexpectedProblem", "createUnexpectedProblem", "unexpectedProblem"),
    ("unexpected_problem", "createUnexpectedProblem", "unexpectedProblem"),
    ("CREATEUNEXPECTEDPROBLEM", "createUnexpectedProblem", "unexpectedProblem"),
    ("createWarranty", "CreateWarranty", "warranty"),
    ("invoice", "sendInvoice", "invoice"),
    ("SENDINVOICE", "sendInvoice", "sendInvoice"),
    ("updatefeedback", "createNegativeFeedbackRemoval", "updateFeedback"),
    ("negativeFeedbackRemoval", "createNegativeFeedbackRemoval", "negativeFeedbackRemoval"),
    ("amazon-motors", "CreateAmazonMotors", "amazonMotors"),
    ("getattributes", "GetAttributes", "attributes"),
]
OWN_NAMES = [
    ("TOKEN", "token"),
    ("putupload", "putUpload"),
    ("getmessagingactionsfororder", "getMessagingActionsForOrder"),
    ("CreateUploadDestinationForResource", "createUploadDestinationForResource"),
    ("getActionSchema", "getActionSchema"),
]
OPERATIONS = [(name, operation) for name, operation, _ in ALIASES] + OWN_NAMES
# Each takes a sandbox and a value, and does what a user does; it may raise a ValueError.
Door = Callable[[Sandbox, Any], object]


def scenario(folder: Path, value: Mapping[str, Any]) -> Path:
    path = folder / "scenario.json"
    path.write_text(json.dumps(value), "utf-8")
    return path


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_an_operation_is_known_by_all_its_names(tmp_path: Path, name: str, operation: str) -> None:
    sandbox = Sandbox()
    assert sandbox.fail_next(operation=name).operation == operation
    assert Fault(operation=name).operation == operation
    sandbox.add_fault(Fault(operation=name))
    path = scenario(
        tmp_path, {"faults": [{"operation": name}], "quotas": {name: {"rate": 9, "burst": 9}}}
    )
    sandbox.apply(Scenario.load(path))
    assert [fault.operation for fault in sandbox.faults.pending] == [operation] * 3
    assert list(Scenario.load(path).quotas) == [operation]
    sandbox.set_quota(name, rate=2, burst=3)
    plan = sandbox.backend.quotas.plan(operation)
    assert plan is not None
    assert (plan.rate, plan.burst) == (2, 3)
    assert (sandbox.count(operation=name), sandbox.throttled(name)) == (0, 0)


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
async def test_so_it_is_over_http(api: Api, name: str, operation: str) -> None:
    assert (await change(api, "faults", {"operation": name})).status == 200
    assert (await change(api, "quotas", {"operation": name, "rate": 2, "burst": 3})).status == 200
    assert api.sandbox.faults.pending[0].operation == operation
    assert operation in api.sandbox.backend.quotas.plans


@pytest.mark.parametrize(("name", "offered"), [(name, offered) for name, _, offered in ALIASES])
async def test_an_order_offers_an_action_whatever_it_is_called(
    api: Api, tmp_path: Path, name: str, offered: str
) -> None:
    order = api.sandbox.add_order(ORDER, actions=(name, "legalDisclosure"))
    assert order.actions == (offered, "legalDisclosure")
    order.actions = ("warranty",)
    order.actions = (name,)
    assert order.actions == (offered,)
    value = {"order_id": OTHER, "actions": [name], "disabled": [name], "custom": {name: {}}}
    assert (await change(api, "orders", value)).status == 200
    loaded = Sandbox(scenario=scenario(tmp_path, {"orders": [value], "any_order": [name]}))
    for added in (api.sandbox.backend.orders[OTHER], loaded.backend.orders[OTHER]):
        assert (added.actions, added.disabled, added.custom) == (
            (offered,),
            {offered: None},
            {offered: {}},
        )
    assert loaded.backend.any_order == Sandbox(any_order=[name]).backend.any_order == (offered,)


async def test_what_is_disabled_is_so_by_any_of_its_names(api: Api) -> None:
    """The order offers sendInvoice; what is disabled is called invoice."""
    api.sandbox.add_order(ORDER, disabled={"invoice": "Too early"})
    assert (await api.post("invoice", {"attachments": []})).status == 403


async def test_a_fault_and_a_quota_reach_an_action_that_an_order_declares(api: Api) -> None:
    api.sandbox.add_order(ORDER, actions=("greeting",), custom={"greeting": {}})
    api.sandbox.fail_next(418, operation="greeting")
    api.sandbox.set_quota("greeting", rate=1e-9, burst=2)
    statuses = [(await api.post("greeting", {"text": "x"})).status for _ in range(3)]
    assert statuses == [418, 201, 429]
    assert api.sandbox.count(operation="greeting") == 3


async def test_actions_can_be_changed_and_take_their_reasons_along(api: Api) -> None:
    value = {"order_id": ORDER, "actions": ["warranty", "invoice"], "disabled": {"invoice": "No"}}
    await change(api, "orders", value)
    await change(api, "orders", {"order_id": ORDER, "actions": ["sendInvoice"]})
    order = api.sandbox.backend.orders[ORDER]
    assert (order.actions, order.disabled) == (("sendInvoice",), {"sendInvoice": "No"})
    await change(api, "orders", {"order_id": ORDER, "actions": ["novel"], "custom": {"novel": {}}})
    assert (order.actions, order.disabled, order.custom) == (("novel",), {}, {"novel": {}})


def setter(name: str) -> Door:
    return lambda sandbox, value: setattr(sandbox, name, value)


def order(field: str) -> Door:
    return lambda sandbox, value: sandbox.add_order(ORDER, **{field: value})


def fault(field: str) -> Door:
    return lambda sandbox, value: sandbox.fail_next(**{field: value})


OPERATION_DOORS: dict[str, Door] = {
    "fail_next": fault("operation"),
    "add_fault": lambda sandbox, value: sandbox.add_fault(Fault(operation=value)),
    "set_quota": lambda sandbox, value: sandbox.set_quota(value, rate=1, burst=1),
    "count": lambda sandbox, value: sandbox.count(operation=value),
    "throttled": lambda sandbox, value: sandbox.throttled(value),
    "scenario": lambda sandbox, value: sandbox.apply(
        Scenario(quotas={value: None}, faults=(Fault(operation=value),))
    ),
}
ACTION_DOORS: dict[str, Door] = {
    "actions": lambda sandbox, value: sandbox.add_order(ORDER, actions=("warranty", value)),
    "disabled": lambda sandbox, value: sandbox.add_order(ORDER, disabled={value: None}),
    "custom": lambda sandbox, value: sandbox.add_order(ORDER, custom={value: {}}),
    "any_order": lambda _, value: Sandbox(any_order=[value]),
    "attribute": lambda sandbox, value: setattr(sandbox.add_order(ORDER), "actions", (value,)),
}


@pytest.mark.parametrize("name", ["warrenty", "", "a/b", "unexpectedProblems", "Close an order"])
@pytest.mark.parametrize("door", [*OPERATION_DOORS, *ACTION_DOORS])
def test_a_name_that_means_nothing_is_refused_with_what_there_is(door: str, name: str) -> None:
    """In one sentence, and nothing is changed."""
    sandbox = Sandbox()
    doors = OPERATION_DOORS | ACTION_DOORS
    with pytest.raises(ValueError, match=r".") as raised:
        doors[door](sandbox, name)
    known = "createUnexpectedProblem" if door in OPERATION_DOORS else "unexpectedProblem"
    listed = known in str(raised.value) or "must be the name of an action" in str(raised.value)
    assert listed
    assert "\n" not in str(raised.value)
    assert sandbox.faults.pending == []
    assert set(sandbox.backend.quotas.plans) == {"createUploadDestinationForResource"}


def test_an_action_that_is_not_offered_cannot_be_disabled() -> None:
    with pytest.raises(ValueError, match="does not offer 'invoice'; it offers warranty"):
        Sandbox().add_order(ORDER, actions=("warranty",), disabled={"invoice": None})


@pytest.mark.parametrize(
    ("door", "values"),
    [
        (fault("status"), [0, 99, 199, 600, -1, 200.5, True, "x", math.nan]),
        (fault("times"), [0, -1, 1.5, True, math.nan]),
        (fault("after"), [-1, 0.5, math.nan]),
        (fault("delay"), [-1, math.nan, math.inf, "1", None]),
        (fault("order_id"), ["", "x", "903-1671087", "903-1671087-0812628\n", 7]),
        (fault("body"), ["odd", 7, ["x"]]),
        (fault("raw"), [7]),
        (fault("headers"), [{"a b": "x"}, {"X": "a\r\nb"}, {"X": 7}, 7]),
        (fault("location"), ["\n", 7]),
        (fault("hang"), [1, "yes"]),
        (order("locale"), ["", "de DE", 7]),
        (order("closed"), ["yes", 1]),
        (order("schemas"), ["odd"]),
        (order("marketplace"), ["XX", 7]),
        (order("seller"), ["", "nobody", "sandbox-\n", 7]),
        (order("max_messages"), [-1, 1.5, math.nan]),
        (order("document"), [7, {"x": math.nan}]),
        (order("actions"), ["warranty", [7], 7]),
        (lambda sandbox, value: sandbox.add_order(value), ["", "x", "1-2-3", "S01-1-1", None]),
        (lambda sandbox, value: sandbox.messages(value), ["", "x"]),
        (lambda sandbox, value: sandbox.count(value), ["", "x"]),
        (
            lambda sandbox, value: sandbox.set_quota(rate=value, burst=1),
            [0, -1, math.nan, math.inf, "1", True],
        ),
        (
            lambda sandbox, value: sandbox.set_quota(rate=1, burst=value),
            [0, -1, 1.5, math.nan, True],
        ),
        (lambda _, value: Sandbox(rate=value), [0, -1, math.nan, -math.inf]),
        (lambda _, value: Sandbox(burst=value), [0, -1, 1.5, math.nan]),
        (lambda _, value: Sandbox(latency=value), [-1, math.nan, math.inf, (2, 1), "x"]),
        (setter("latency"), [-1, math.nan, (1, 2, 3)]),
        (lambda _, value: Sandbox(port=value), [-1, 70_000, "x"]),
        (lambda _, value: Sandbox(success=value), ["odd", 7]),
    ],
)
def test_a_value_out_of_its_range_is_refused(door: Door, values: list[Any]) -> None:
    sandbox = Sandbox()
    for value in values:
        with pytest.raises((ValueError, TypeError)):
            door(sandbox, value)
    assert (sandbox.backend.orders, sandbox.faults.pending, sandbox.latency) == ({}, [], 0.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("faults", {"operation": "warrenty"}),
        ("faults", {"operation": 7}),
        ("faults", {"opration": "warranty"}),
        ("faults", {"order_id": "x"}),
        ("faults", {"delay": -1}),
        ("quotas", {"operation": "", "rate": 1, "burst": 1}),
        ("quotas", {"rate": 1, "burst": -1}),
        ("orders", {"order_id": "garbage", "closed": True}),
        ("orders", {"order_id": "Close an order", "closed": True}),
        ("orders", {"order_id": ORDER, "closed": "garbage"}),
        ("orders", {"order_id": ORDER, "actions": ["garbage"]}),
        ("orders", {"order_id": OTHER, "disabled": ["garbage"]}),
        ("orders", {"order_id": ORDER, "custom": {"garbage": {}}}),
        ("orders", {"order_id": ORDER, "seller": "garbage"}),
    ],
)
async def test_over_http_it_is_a_400_and_changes_nothing(api: Api, name: str, value: Any) -> None:
    before = (await api.get(f"{OWN}state")).json
    answer = await change(api, name, value)
    assert (answer.status, list(answer.json)) == (400, ["error"])
    assert before == (await api.get(f"{OWN}state")).json
    assert api.sandbox.backend.orders[ORDER].closed is False


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--faults", [{"operation": "warrenty"}]),
        ("--faults", [{"operation": "warrenty", "times": 2}]),
        ("--faults", [{"opration": "warranty"}]),
        ("--scenario", {"quotas": {"warrenty": "unlimited"}}),
        ("--scenario", {"orders": [{"order_id": ORDER, "actions": ["warrenty"]}]}),
        ("--scenario", {"orders": [{"order_id": "garbage", "closed": True}]}),
        ("--scenario", {"any_order": ["warrenty"]}),
        ("--scenario", {"orders": [{"order_id": ORDER, "seller": "nobody"}]}),
    ],
)
def test_on_the_command_line_it_is_one_line_that_names_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, value: Any
) -> None:
    path = tmp_path / "given.json"
    path.write_text(json.dumps(value), "utf-8")
    with pytest.raises(SystemExit) as ended:
        main([option, str(path)])
    (line,) = capsys.readouterr().err.splitlines()
    assert (ended.value.code, str(path) in line) == (2, True)


@pytest.mark.parametrize(
    "options",
    [
        ["--port", "70000"],
        ["--port", "x"],
        ["--rate", "nan"],
        ["--rate", "-1"],
        ["--burst", "0"],
        ["--latency", "nan"],
        ["--latency", "2-1"],
        ["--latency", "soon"],
        ["--host", "256.256.256.256"],
        ["--nothing"],
    ],
)
def test_so_are_wrong_options(capsys: pytest.CaptureFixture[str], options: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(options)
    (line,) = capsys.readouterr().err.splitlines()
    assert (ended.value.code, line.startswith("python -m spapi_messaging.sandbox: ")) == (2, True)


def test_a_port_in_use_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit) as ended:
        main(["--port", str(taken.getsockname()[1])])
    (line,) = capsys.readouterr().err.splitlines()
    assert (ended.value.code, "it is taken" in line) == (2, True)


def test_a_fault_file_may_use_aliases(tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    path.write_text('[[faults]]\noperation = "WARRANTY"', "utf-8")
    assert [fault.operation for fault in load_faults(path)] == ["CreateWarranty"]


@pytest.mark.parametrize("given", ["DE", "de", "A1PA6795UKMFR9", Marketplace.DE])
def test_a_marketplace_is_known_by_name_and_id(given: Any) -> None:
    assert Sandbox().add_order(ORDER, marketplace=given).marketplace is Marketplace.DE


async def test_orders_of_digital_goods_and_of_the_static_sandbox_are_orders(api: Api) -> None:
    for order_id in ("D01-1671087-0812628", "badOrderId"):
        assert (await change(api, "orders", {"order_id": order_id})).status == 200
        path = f"/messaging/v1/orders/{order_id}?marketplaceIds=A1PA6795UKMFR9"
        assert (await api.get(path)).status == 200


def test_a_sandbox_in_another_thread_says_it_too() -> None:
    """As the fixtures of the pytest plugin have it."""
    with serve() as sandbox:
        for door in (*OPERATION_DOORS.values(), ACTION_DOORS["actions"]):
            with pytest.raises(ValueError, match="garbage"):
                door(sandbox, "garbage")
        with pytest.raises(ValueError, match="latency"):
            sandbox.latency = -1
        sandbox.fail_next(418, operation="WARRANTY")
        assert sandbox.faults.pending[0].operation == "CreateWarranty"
