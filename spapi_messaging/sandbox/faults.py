"""Faults that were ordered: what shall go wrong with which requests, and how often.

This half only chooses; `spapi_messaging.sandbox.player` does it to a connection.
"""

from collections.abc import Mapping
from typing import Literal

import attrs

from spapi_messaging.sandbox.api.records import RequestRecord
from spapi_messaging.sandbox.api.responses import is_success

FaultBody = Literal["html", "empty", "cut", "huge"]
"""An HTML page, nothing, less than Content-Length promises, or two MiB."""


@attrs.define(kw_only=True, eq=False)
class Fault:
    """What happens to the next ``times`` requests that match.

    A request consumes a fault after its token and its quota were found good. With
    ``after_accepting`` it is carried out first, and the fault is kept for another one if it
    was refused. So is it when ``status`` is below 300 or None, since a 201 must not lie: None
    leaves the answer as it is, and only ``delay``, ``body`` or ``headers`` are added.
    """

    status: int | None = 503
    operation: str | None = None
    """An operation's name; also ``"token"`` and ``"putUpload"``. None is any of the API."""
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

    def matches(self, record: RequestRecord) -> bool:
        """Say whether it is meant for this request."""
        special = record.operation in {"token", "putUpload"}
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
