"""What came and what was accepted, the newest of it."""

from collections import Counter, deque
from typing import Protocol

import attrs

from spapi_messaging.sandbox.api.records import AcceptedMessage, RequestRecord

MAX_REQUESTS = 20_000
"""Requests that are kept; the counters go on."""
MAX_MESSAGES = 250_000
"""Accepted messages that are kept; the counters go on."""
MAX_MESSAGE_BYTES = 256 * 1024 * 1024
"""Bytes of the bodies of the messages that are kept, as they came."""


class Listener(Protocol):
    """What is called as things happen; it must be quick, and must not raise."""

    def message(self, message: AcceptedMessage) -> None:
        """Take note of an accepted message."""

    def request(self, record: RequestRecord) -> None:
        """Take note of a request whose answer is known, or that will have none."""


@attrs.define
class Log:
    """The requests and accepted messages, oldest first."""

    requests: deque[RequestRecord] = attrs.field(
        factory=lambda: deque(maxlen=MAX_REQUESTS), repr=False
    )
    messages: deque[AcceptedMessage] = attrs.field(
        factory=lambda: deque(maxlen=MAX_MESSAGES), repr=False
    )
    arrived: int = 0
    """Requests ever."""
    accepted: int = 0
    """Messages ever."""
    counts: Counter[str] = attrs.field(factory=Counter)
    """Requests by operation."""
    message_bytes: int = 0
    listener: Listener | None = attrs.field(default=None, repr=False)

    def request(self, record: RequestRecord) -> None:
        """Keep a request, and number it."""
        self.arrived += 1
        record.seq = self.arrived
        self.requests.append(record)
        self.counts[record.operation] += 1

    def message(self, message: AcceptedMessage) -> list[AcceptedMessage]:
        """Keep a message, and return those that had to go for it."""
        gone = []
        self.message_bytes += message.size
        full = len(self.messages) == self.messages.maxlen
        while full or (self.messages and self.message_bytes > MAX_MESSAGE_BYTES):
            gone.append(self.messages.popleft())
            self.message_bytes -= gone[-1].size
            full = False
        self.messages.append(message)
        self.accepted += 1
        if self.listener is not None:
            self.listener.message(message)
        return gone

    def answered(self, record: RequestRecord) -> None:
        """Tell the listener of a request: its answer is known, or there will be none."""
        if self.listener is not None:
            self.listener.request(record)

    def clear(self) -> None:
        """Forget all of it; the numbers go on."""
        self.requests.clear()
        self.messages.clear()
        self.counts.clear()
        self.message_bytes = 0
