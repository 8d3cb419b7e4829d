"""What came and what was accepted, the newest of it."""

from collections import Counter, deque

import attrs

from spapi_messaging.sandbox.records import AcceptedMessage, RequestRecord

MAX_REQUESTS = 20_000
"""Requests that are kept; the counters go on."""
MAX_MESSAGES = 250_000
"""Accepted messages that are kept; the counters go on."""


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
    """Requests ever by operation."""

    def request(self, record: RequestRecord) -> None:
        """Keep a request."""
        self.requests.append(record)
        self.arrived += 1
        self.counts[record.operation] += 1

    def message(self, message: AcceptedMessage) -> AcceptedMessage | None:
        """Keep a message, and give the one that had to go for it."""
        full = len(self.messages) == self.messages.maxlen
        gone = self.messages[0] if full else None
        self.messages.append(message)
        self.accepted += 1
        return gone
