"""Jobs as lines of JSON: one object a line, with the fields of its message."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spapi_messaging import wire
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.messages import Job
from spapi_messaging.operations import operation_of


def read_job(line: str, *, folder: Path) -> Job:
    """Make a job of a line; its attachments are paths, relative to ``folder``.

    Raises InvalidMessageError, and ValueError for a line that is no JSON object.
    """
    values = json.loads(line)
    if not isinstance(values, dict):
        raise ValueError("a job is a JSON object")  # noqa: TRY004  # it is the line's fault
    return job_from(values, folder=folder)


def job_from(values: Mapping[str, Any], *, folder: Path) -> Job:
    """Make a job of plain values: order_id, action, the fields of the message, and key."""
    fields = dict(values)
    order_id, action = fields.pop("order_id", None), fields.pop("action", None)
    key = fields.pop("key", None)
    faults = []
    for name, value in (("order_id", order_id), ("action", action)):
        if not isinstance(value, str) or not value:
            faults.append(f"{name} is missing")
    operation = operation_of(action) if isinstance(action, str) else None
    if isinstance(action, str) and (operation is None or operation.message_type is None):
        faults.append(f"no message is called {action!r}")
    if faults or operation is None or operation.message_type is None:
        raise InvalidMessageError("the job", tuple(faults))
    if isinstance(fields.get("attachments"), list):
        fields["attachments"] = [
            folder / item if isinstance(item, str) else item for item in fields["attachments"]
        ]
    return Job(str(order_id), wire.message_from(operation.message_type, fields), key=key)
