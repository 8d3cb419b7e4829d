"""Faults that were ordered: what shall go wrong with which requests, and how often.

This half only chooses; `spapi_messaging.sandbox.player` does it to a connection.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Literal, get_args

import attrs

from spapi_messaging.sandbox import validation
from spapi_messaging.sandbox.api.names import PUT_UPLOAD, TOKEN
from spapi_messaging.sandbox.api.records import RequestRecord
from spapi_messaging.sandbox.api.responses import as_json, is_success
from spapi_messaging.sandbox.validation import WrongValueError

FaultBody = Literal["html", "empty", "cut", "huge"]
"""An HTML page, nothing, less than Content-Length promises, or two MiB."""
MAX_STATUS = 599
MAX_FAULTS = 10_000
"""Faults that can wait."""
MAX_FAULT_BYTES = 64 * 1024 * 1024
"""Of the bodies, raw bytes and headers of the faults that wait."""
_SMALL = 1000


def _status(value: Any, where: str) -> int | None:
    if value is None or value == "unchanged":
        return None
    whole = isinstance(value, int) and not isinstance(value, bool)
    if whole and HTTPStatus.OK <= value <= MAX_STATUS:
        return int(value)
    raise WrongValueError(f"{where} must be a status from 200 to 599, or unchanged")


def _body(value: Any, where: str) -> Any:
    if value is None or isinstance(value, bytes) or value in get_args(FaultBody):
        return value
    if isinstance(value, Mapping):
        return as_json(validation.json_object(value, where))
    raise WrongValueError(f"{where} must be html, empty, cut, huge, or an object")


def _raw(value: Any, where: str) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode(errors="surrogatepass")
    raise WrongValueError(f"{where} must be a string")


FAULT_KEYS: Mapping[str, validation.Check] = {
    "status": _status,
    "operation": validation.optional(validation.named_operation),
    "order_id": validation.optional(validation.order_id),
    "times": validation.whole(1, validation.MAX_COUNT),
    "after": validation.whole(0, validation.MAX_COUNT),
    "after_accepting": validation.flag,
    "body": _body,
    "hang": validation.flag,
    "reset": validation.flag,
    "raw": _raw,
    "location": validation.optional(validation.header_value),
    "headers": validation.mapping_of(validation.header_name, validation.header_value),
    "delay": validation.seconds,
}
"""How each field of a fault is checked, wherever it comes from."""


def _checked(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> Any:
    check = FAULT_KEYS.get(attribute.name)
    return value if check is None else check(value, attribute.name)


@attrs.define(kw_only=True, eq=False, on_setattr=_checked)
class Fault:
    """What happens to the next ``times`` requests that match.

    A request consumes a fault after its token and its quota were found good. With
    ``after_accepting`` it is carried out first, and the fault is kept for another one if it
    was refused. So is it when ``status`` is below 300 or None, since a 201 must not lie: None
    leaves the answer as it is, and only ``delay``, ``body`` or ``headers`` are added.
    """

    status: int | None = 503
    operation: str | None = None
    """An operation by any of its names, or an order's own action; also ``"token"`` and
    ``"putUpload"``. None is any of the API."""
    order_id: str | None = None
    times: int = 1
    after_accepting: bool = False
    body: FaultBody | bytes | None = None
    """None is an error list in Amazon's form."""
    hang: bool = False
    """Never answer; ends when the client leaves or the sandbox stops."""
    reset: bool = False
    """Break the connection with a TCP reset."""
    raw: bytes | None = None
    """Write these bytes in place of an HTTP answer, and close."""
    location: str | None = None
    """For a redirect."""
    headers: Mapping[str, str] = attrs.field(factory=dict)
    delay: float = 0.0
    """Seconds before anything else happens."""
    after: int = 0
    """Requests that match and pass before it begins; later faults wait for it meanwhile."""
    played: int = 0
    passed: int = 0

    def __attrs_post_init__(self) -> None:
        for name in FAULT_KEYS:
            setattr(self, name, getattr(self, name))

    @property
    def room(self) -> int:
        """The bytes it takes, about."""
        body = self.body if isinstance(self.body, bytes) else b""
        headers = sum(len(name) + len(value) for name, value in self.headers.items())
        return len(body) + len(self.raw or b"") + len(self.location or "") + headers

    def matches(self, record: RequestRecord) -> bool:
        """Say whether it is meant for this request."""
        special = record.operation in {TOKEN, PUT_UPLOAD}
        return (
            self.played < self.times
            and (self.operation == record.operation or (self.operation is None and not special))
            and self.order_id in {None, record.order_id}
        )

    @property
    def answers_nothing(self) -> bool:
        """Whether no whole answer is sent at all."""
        return self.hang or self.reset or self.raw is not None or self.body == "cut"

    @property
    def accepts_first(self) -> bool:
        """Whether the request is carried out before things go wrong."""
        return self.after_accepting or self.status is None or is_success(self.status)


@attrs.define
class Faults:
    """The faults that are still to come, in the order they were asked for."""

    pending: list[Fault] = attrs.field(factory=list)

    def add(self, fault: Fault) -> None:
        """Put a fault behind those that wait, as long as there is room."""
        if len(self.pending) >= MAX_FAULTS:
            raise WrongValueError(f"There are {MAX_FAULTS} faults waiting, and that is the most.")
        if fault.room > _SMALL and sum(x.room for x in [fault, *self.pending]) > MAX_FAULT_BYTES:
            raise WrongValueError("The faults that wait are too large together.")
        self.pending.append(fault)

    def find(self, record: RequestRecord) -> Fault | None:
        """Find the first fault for a request; None as long as that one lets requests pass."""
        fault = next((fault for fault in self.pending if fault.matches(record)), None)
        if fault is not None and fault.passed < fault.after:
            fault.passed += 1
            return None
        return fault

    def spend(self, fault: Fault) -> None:
        """Count a fault as played, and forget it after its last time."""
        fault.played += 1
        if fault.played >= fault.times:
            self.pending.remove(fault)
