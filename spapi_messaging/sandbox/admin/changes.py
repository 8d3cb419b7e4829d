"""The changes that the sandbox's own API makes, by the path behind ``/__sandbox__/``."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from spapi_messaging.sandbox import validation
from spapi_messaging.sandbox.controls import Controls
from spapi_messaging.sandbox.scenarios import fault_of, order_of
from spapi_messaging.sandbox.validation import WrongValueError


def read_value(body: bytes) -> dict[str, Any]:
    """Read the JSON object of a change; no body is an empty one."""
    try:
        value = json.loads(body.decode() or "{}", parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()  # halves of surrogate pairs fail here
    except (ValueError, RecursionError) as wrong:
        raise WrongValueError("The body must be JSON in UTF-8.") from wrong
    if not isinstance(value, dict):
        raise WrongValueError("The body must be a JSON object.")
    return value


def _refuse(name: str) -> Any:
    raise ValueError(name)


def change_order(sandbox: Controls, value: Mapping[str, Any]) -> None:
    """Add an order, or change what is said of one that is there."""
    sandbox.change_order(**order_of(value, ""))


def change_quota(sandbox: Controls, value: Mapping[str, Any]) -> None:
    """Change the plan of one operation or of all."""
    given = dict(value)
    named = given.pop("operation", None)
    operation = None if named is None else sandbox.operation(named)
    sandbox.backend.quotas.set(operation, validation.quota(given, ""))


def add_fault(sandbox: Controls, value: Mapping[str, Any]) -> None:
    """Order a fault."""
    sandbox.add_fault(fault_of(value, ""))


def clear_faults(sandbox: Controls, value: Mapping[str, Any]) -> None:
    """Forget the faults to come."""
    validation.known_keys({})(value, "")
    sandbox.clear_faults()


def change_latency(sandbox: Controls, value: Mapping[str, Any]) -> None:
    """Change how long answers take."""
    given = validation.known_keys({"seconds": validation.latency})(value, "")
    if "seconds" not in given:
        raise WrongValueError("seconds is missing")
    sandbox.latency = given["seconds"]


def change_tokens(sandbox: Controls, value: Mapping[str, Any]) -> None:
    """Do something to the access tokens given out, or to those asked for from now on."""
    actions: dict[str, Callable[[], None]] = {
        "expire": sandbox.expire_tokens,
        "revoke": sandbox.revoke_tokens,
        "refuse": sandbox.refuse_refresh,
        "accept": sandbox.accept_refresh,
    }
    given = validation.known_keys({"do": validation.one_of(*actions)})(value, "")
    if "do" not in given:
        raise WrongValueError("do is missing")
    actions[given["do"]]()


def delete_message(sandbox: Controls, value: Mapping[str, Any]) -> None:
    """Take a message out of the inbox; what was accepted stays accepted, for `Sandbox.messages`."""
    _show_message(sandbox, value, deleted=True)


def restore_message(sandbox: Controls, value: Mapping[str, Any]) -> None:
    """Put a message that was deleted back into the inbox."""
    _show_message(sandbox, value, deleted=False)


def _show_message(sandbox: Controls, value: Mapping[str, Any], *, deleted: bool) -> None:
    given = validation.known_keys({"seq": validation.whole(1, validation.MAX_COUNT)})(value, "")
    if "seq" not in given:
        raise WrongValueError("seq is missing")
    if sandbox.backend.log.find_message(given["seq"]) is None:
        raise WrongValueError(f"seq: there is no message {given['seq']}")
    sandbox.backend.log.show(given["seq"], deleted=deleted)


def reset(sandbox: Controls, value: Mapping[str, Any]) -> None:
    """Forget what happened, and the faults to come."""
    validation.known_keys({})(value, "")
    sandbox.reset()


CHANGES: Mapping[str, Callable[[Controls, Mapping[str, Any]], None]] = {
    "messages/delete": delete_message,
    "messages/restore": restore_message,
    "orders": change_order,
    "quotas": change_quota,
    "faults": add_fault,
    "faults/clear": clear_faults,
    "latency": change_latency,
    "tokens": change_tokens,
    "reset": reset,
}
