"""Scenarios: files that say which orders there are, and what shall go wrong.

In TOML (JSON has the same keys):

    locale = "de-DE"                  # of orders that say nothing else
    latency = [0.05, 0.2]             # seconds, or a range
    any_order = ["warranty"]          # actions of orders not listed; true: all, false: none such

    [quotas]                          # "default" is every operation
    default = { rate = 1, burst = 5 }
    CreateWarranty = "unlimited"

    [[orders]]                        # what Sandbox.add_order takes
    order_id = "903-1671087-0812628"
    actions = ["warranty", "attributes"]
    disabled = { warranty = "Too early" }

    [[faults]]                        # what Fault takes, in their order
    after = 3                         # three requests pass first
    status = 503                      # "unchanged" leaves the answer as it is
    operation = "CreateWarranty"

A fault's ``body`` is html, empty, cut or huge, or an object that is answered. A file of faults
alone has that list, or is that list in JSON. What is wrong is told with file and key.
"""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self, get_args

import attrs

from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.quota import Quota
from spapi_messaging.sandbox import validation
from spapi_messaging.sandbox.api.catalog import DEFAULT_ACTIONS
from spapi_messaging.sandbox.api.names import UnknownNameError
from spapi_messaging.sandbox.api.orders import MAX_ACTIONS, SandboxOrder, Shape
from spapi_messaging.sandbox.faults import FAULT_KEYS, MAX_FAULTS, Fault
from spapi_messaging.sandbox.validation import WrongValueError

MAX_ORDERS = 100_000
"""Orders of one scenario."""
MAX_FILE_BYTES = 64 * 1024 * 1024


class ScenarioError(ValueError):
    """A scenario or fault file is not what it must be; the message names file and key."""


def _disabled(value: Any, where: str) -> dict[str, str | None]:
    reasons = validation.optional(
        validation.text(r".{0,5000}", "a reason of up to 5000 characters")
    )
    if isinstance(value, Mapping):
        return dict(validation.mapping_of(validation.action_name, reasons)(value, where))
    return dict.fromkeys(validation.list_of(validation.action_name, MAX_ACTIONS)(value, where))


def _document(value: Any, where: str) -> Any:
    if value is None or isinstance(value, bytes):
        return value
    return validation.json_object(value, where)


def _marketplace(value: Any, where: str) -> Marketplace:
    return value if isinstance(value, Marketplace) else validation.marketplace(value, where)


ORDER_KEYS: Mapping[str, validation.Check] = {
    "actions": validation.list_of(validation.action_name, MAX_ACTIONS),
    "locale": validation.locale,
    "disabled": _disabled,
    "closed": validation.flag,
    "schemas": validation.one_of(*get_args(Shape)),
    "marketplace": validation.optional(_marketplace),
    "seller": validation.optional(validation.seller),
    "custom": validation.mapping_of(validation.action_name, validation.json_object),
    "document": validation.optional(_document),
    "max_messages": validation.optional(validation.whole(0, validation.MAX_COUNT)),
    "order_id": validation.order_id,
}
"""How each field of an order is checked, wherever it comes from."""


def order_of(value: Any, where: str) -> dict[str, Any]:
    """Read what can be said of an order; ``order_id`` must be there."""
    order: dict[str, Any] = validation.known_keys(ORDER_KEYS)(value, where)
    if "order_id" not in order:
        raise WrongValueError(f"{where}.order_id is missing".lstrip("."))
    return order


def make_order(order: Mapping[str, Any], where: str) -> SandboxOrder:
    """Make an order of what was read, or say which of its actions there is not."""
    try:
        return SandboxOrder(**{"actions": DEFAULT_ACTIONS, **order})
    except UnknownNameError as wrong:
        raise WrongValueError(f"{where}: {wrong}".removeprefix(": ")) from wrong


def _checked_order(value: Any, where: str) -> dict[str, Any]:
    order = order_of(value, where)
    make_order(order, where)
    return order


def fault_of(value: Any, where: str) -> Fault:
    """Read a fault."""
    return Fault(**validation.known_keys(FAULT_KEYS)(value, where))


def _quotas(value: Any, where: str) -> dict[str | None, Quota | None]:
    if not isinstance(value, Mapping):
        raise WrongValueError(f"{where} must be an object")
    plans: dict[str | None, Quota | None] = {}
    for name, plan in value.items():
        place = f"{where}.{name}"
        operation = None if name == "default" else validation.named_operation(name, place)
        plans[operation] = validation.quota(plan, place)
    return plans


def _any_order(value: Any, where: str) -> tuple[str, ...] | Literal[False]:
    if isinstance(value, bool):
        return (*DEFAULT_ACTIONS, "attributes") if value else False
    names: tuple[str, ...] = validation.list_of(validation.action, MAX_ACTIONS)(value, where)
    return names


_SCENARIO_KEYS: Mapping[str, validation.Check] = {
    "locale": validation.locale,
    "latency": validation.latency,
    "any_order": _any_order,
    "quotas": _quotas,
    "orders": validation.list_of(_checked_order, MAX_ORDERS),
    "faults": validation.list_of(fault_of, MAX_FAULTS),
}


@attrs.frozen(kw_only=True)
class Scenario:
    """What a sandbox shall be like. None leaves a thing as it is."""

    locale: str | None = None
    latency: float | tuple[float, float] | None = None
    any_order: tuple[str, ...] | Literal[False] | None = None
    quotas: Mapping[str | None, Quota | None] = attrs.field(factory=dict)
    """Plans by operation; None is every operation, and None as a plan no limit."""
    orders: tuple[Mapping[str, Any], ...] = ()
    """Keyword arguments of `Sandbox.add_order`."""
    faults: tuple[Fault, ...] = ()

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a scenario from TOML or, where the name ends so, from JSON."""
        value = _read(Path(path))
        try:
            scenario = cls(**validation.known_keys(_SCENARIO_KEYS)(value, ""))
            _check_operations(scenario)
        except WrongValueError as wrong:
            raise ScenarioError(f"{path}: {wrong}") from wrong
        return scenario


def load_faults(path: str | Path) -> tuple[Fault, ...]:
    """Read a file of faults alone: a list in JSON, or ``[[faults]]``."""
    value = _read(Path(path))
    try:
        listed = {"faults": value} if isinstance(value, list) else value
        known = validation.known_keys({"faults": _SCENARIO_KEYS["faults"]})(listed, "")
    except WrongValueError as wrong:
        raise ScenarioError(f"{path}: {wrong}") from wrong
    faults: tuple[Fault, ...] = known.get("faults", ())
    return faults


def _check_operations(scenario: Scenario) -> None:
    """Refuse misspelt operations: a name is the API's or an action of some order here."""
    custom = {name for order in scenario.orders for name in order.get("custom", ())}
    named = [(f"faults[{at}].operation", x.operation) for at, x in enumerate(scenario.faults)]
    for where, name in [*((f"quotas.{name}", name) for name in scenario.quotas), *named]:
        if name is not None:
            validation.operation(name, where, custom)


def _read(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise ScenarioError(f"{path}: larger than {MAX_FILE_BYTES} bytes")
        text = data.decode()
        return json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except OSError as wrong:
        raise ScenarioError(f"{path}: {wrong.strerror or wrong}") from wrong
    except UnicodeDecodeError as wrong:
        raise ScenarioError(f"{path}: it is not UTF-8") from wrong
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as wrong:
        kind = "JSON" if isinstance(wrong, json.JSONDecodeError) else "TOML"
        raise ScenarioError(f"{path}: it is not {kind}: {wrong}") from wrong
    except RecursionError as wrong:
        raise ScenarioError(f"{path}: nested too deep") from wrong
