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
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal, Self

import attrs

from spapi_messaging.quota import Quota
from spapi_messaging.sandbox import validation
from spapi_messaging.sandbox.api.catalog import DEFAULT_ACTIONS
from spapi_messaging.sandbox.api.responses import as_json
from spapi_messaging.sandbox.faults import Fault
from spapi_messaging.sandbox.validation import WrongValueError

MAX_ORDERS = 100_000
"""Orders of one scenario."""
MAX_FAULTS = 1000
"""Faults of one scenario, and faults that can wait."""
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_STATUS = 599


class ScenarioError(ValueError):
    """A scenario or fault file is not what it must be; the message names file and key."""


def _disabled(value: Any, where: str) -> dict[str, str | None]:
    reasons = validation.optional(validation.text(r".{0,500}", "a reason of up to 500 characters"))
    if isinstance(value, Mapping):
        return dict(validation.mapping_of(validation.action, reasons)(value, where))
    return dict.fromkeys(validation.list_of(validation.action, 100)(value, where))


def _status(value: Any, where: str) -> int | None:
    if value is None or value == "unchanged":
        return None
    whole = isinstance(value, int) and not isinstance(value, bool)
    if whole and HTTPStatus.OK <= value <= MAX_STATUS:
        return int(value)
    raise WrongValueError(f"{where} must be a status from 200 to 599, or unchanged")


def _body(value: Any, where: str) -> Any:
    if value is None or value in ("html", "empty", "cut", "huge"):
        return value
    if isinstance(value, Mapping):
        return as_json(validation.json_object(value, where))
    raise WrongValueError(f"{where} must be html, empty, cut, huge, or an object")


_ANY_TEXT = validation.text(r".*", "a string")

ORDER_KEYS: Mapping[str, validation.Check] = {
    "order_id": validation.order_id,
    "actions": validation.list_of(validation.action, 100),
    "locale": validation.locale,
    "disabled": _disabled,
    "closed": validation.flag,
    "schemas": validation.one_of("embedded", "payload", "link", "none"),
    "marketplace": validation.optional(validation.marketplace),
    "seller": validation.optional(validation.seller),
    "custom": validation.mapping_of(validation.action, validation.json_object),
    "document": validation.optional(validation.json_object),
    "max_messages": validation.optional(validation.whole(0, 10**9)),
}
FAULT_KEYS: Mapping[str, validation.Check] = {
    "status": _status,
    "operation": validation.optional(validation.operation),
    "order_id": validation.optional(validation.order_id),
    "times": validation.whole(1, 10**9),
    "after": validation.whole(0, 10**9),
    "after_accepting": validation.flag,
    "body": _body,
    "hang": validation.flag,
    "reset": validation.flag,
    "raw": validation.optional(lambda value, where: _ANY_TEXT(value, where).encode()),
    "location": validation.optional(validation.header_value),
    "headers": validation.mapping_of(validation.header_name, validation.header_value),
    "delay": validation.seconds,
}
_QUOTA_KEYS: Mapping[str, validation.Check] = {
    "rate": validation.optional(validation.rate),
    "burst": validation.optional(validation.whole(1, 10**6)),
}


def order_of(value: Any, where: str) -> dict[str, Any]:
    """Read what can be said of an order; ``order_id`` must be there."""
    order: dict[str, Any] = validation.known_keys(ORDER_KEYS)(value, where)
    if "order_id" not in order:
        raise WrongValueError(f"{where}.order_id is missing".lstrip("."))
    return order


def fault_of(value: Any, where: str) -> Fault:
    """Read a fault."""
    return Fault(**validation.known_keys(FAULT_KEYS)(value, where))


def quota_of(value: Any, where: str) -> Quota | None:
    """Read a plan; ``"unlimited"``, or neither rate nor burst, means no limit."""
    if value == "unlimited":
        return None
    plan = validation.known_keys(_QUOTA_KEYS)(value, where)
    rate, burst = plan.get("rate"), plan.get("burst")
    if rate is None and burst is None:
        return None
    if rate is None or burst is None:
        name = "rate" if rate is None else "burst"
        raise WrongValueError(f"{where}.{name} is missing: a quota has both".lstrip("."))
    return Quota(rate=rate, burst=burst)


def _quotas(value: Any, where: str) -> dict[str | None, Quota | None]:
    if not isinstance(value, Mapping):
        raise WrongValueError(f"{where} must be an object")
    plans: dict[str | None, Quota | None] = {}
    for name, plan in value.items():
        place = f"{where}.{name}"
        operation = None if name == "default" else validation.operation(name, place)
        plans[operation] = quota_of(plan, place)
    return plans


def _any_order(value: Any, where: str) -> tuple[str, ...] | Literal[False]:
    if isinstance(value, bool):
        return (*DEFAULT_ACTIONS, "attributes") if value else False
    names: tuple[str, ...] = validation.list_of(validation.action, 100)(value, where)
    return names


_SCENARIO_KEYS: Mapping[str, validation.Check] = {
    "locale": validation.locale,
    "latency": validation.latency,
    "any_order": _any_order,
    "quotas": _quotas,
    "orders": validation.list_of(order_of, MAX_ORDERS),
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
    actions = {name for order in scenario.orders for name in order.get("actions", ())}
    known = validation.OWN_OPERATIONS | actions | set(scenario.any_order or ()) | {None}
    named = [(f"faults[{at}].operation", x.operation) for at, x in enumerate(scenario.faults)]
    for where, name in [*((f"quotas.{name}", name) for name in scenario.quotas), *named]:
        if name not in known:
            raise WrongValueError(f"{where}: no operation and no action is called {name}")


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
    except (UnicodeDecodeError, json.JSONDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise ScenarioError(f"{path}: {wrong}") from wrong
    except RecursionError as wrong:
        raise ScenarioError(f"{path}: nested too deep") from wrong
