"""What came and what was accepted, the newest of it.

The sandbox is a witness: what it drops first is what counts least. Requests of strangers, whose
access token, credentials or upload URL were not given out here, have a room of their own and
push nothing else out; messages that were accepted are kept apart from all requests.
"""

import heapq
from collections import Counter, deque
from collections.abc import Iterator
from typing import Protocol

import attrs

from spapi_messaging.sandbox.api.records import AcceptedMessage, Exchange, RequestRecord

MAX_REQUESTS = 20_000
"""Requests that are kept; the counters go on."""
MAX_REQUEST_BYTES = 32 * 1024 * 1024
"""What these take, about."""
MAX_STRANGERS = 2_000
"""Requests of strangers that are kept beside them."""
MAX_STRANGER_BYTES = 8 * 1024 * 1024
"""What these take, about."""
MAX_MESSAGES = 250_000
"""Accepted messages that are kept; the counters go on."""
MAX_MESSAGE_BYTES = 256 * 1024 * 1024
"""What the bodies of the messages that are kept take, about."""
MAX_EXCHANGES = 5_000
"""Requests whose bodies and answers are kept, the newest."""
MAX_EXCHANGE_BYTES = 16 * 1024 * 1024
"""What these take, about."""


class Listener(Protocol):
    """What is called as things happen; it must be quick, and must not raise."""

    def message(self, message: AcceptedMessage) -> None:
        """Take note of an accepted message."""

    def request(self, record: RequestRecord) -> None:
        """Take note of a request whose answer is known, or that will have none."""

    def changed(self) -> None:
        """Take note that messages were deleted, restored or forgotten."""


@attrs.define
class _Kept:
    """The newest records, bounded in number and in bytes."""

    most: int
    most_bytes: int
    records: deque[RequestRecord] = attrs.field(factory=deque, repr=False)
    sizes: deque[int] = attrs.field(factory=deque, repr=False)
    taken: int = 0

    def add(self, record: RequestRecord) -> None:
        """Keep a record, and drop the oldest for it."""
        self.records.append(record)
        self.sizes.append(record.room)
        self.taken += self.sizes[-1]
        while len(self.records) > max(1, self.most) or self.taken > self.most_bytes:
            self.records.popleft()
            self.taken -= self.sizes.popleft()

    def clear(self) -> None:
        """Forget all."""
        self.records.clear()
        self.sizes.clear()
        self.taken = 0


@attrs.define
class Log:
    """The requests and accepted messages, oldest first."""

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
    deleted: set[int] = attrs.field(factory=set, repr=False)
    """Numbers of messages that the inbox shows no more.

    They stay what was accepted: what a test asks must not depend on what a person tidied away.
    """
    listener: Listener | None = attrs.field(default=None, repr=False)
    _known: _Kept = attrs.field(factory=lambda: _Kept(MAX_REQUESTS, MAX_REQUEST_BYTES), repr=False)
    _strangers: _Kept = attrs.field(
        factory=lambda: _Kept(MAX_STRANGERS, MAX_STRANGER_BYTES), repr=False
    )
    _exchanges: deque[Exchange] = attrs.field(factory=deque, repr=False)
    _exchange_bytes: int = 0

    @property
    def requests(self) -> list[RequestRecord]:
        """The requests that are kept, oldest first."""
        return list(self.newest_requests())[::-1]

    def newest_requests(self) -> Iterator[RequestRecord]:
        """Go through the requests that are kept, newest first."""
        return heapq.merge(
            reversed(self._known.records),
            reversed(self._strangers.records),
            key=lambda record: -record.seq,
        )

    def request(self, record: RequestRecord, *, stranger: bool = False) -> None:
        """Keep a request, and number it."""
        self.arrived += 1
        record.seq, record.stranger = self.arrived, stranger
        (self._strangers if stranger else self._known).add(record)
        self.counts[record.operation] += 1

    def message(self, message: AcceptedMessage) -> list[AcceptedMessage]:
        """Keep a message, and return those that had to go for it."""
        gone = []
        self.message_bytes += message.room
        full = len(self.messages) == self.messages.maxlen
        while full or (self.messages and self.message_bytes > MAX_MESSAGE_BYTES):
            gone.append(self.messages.popleft())
            self.message_bytes -= gone[-1].room
            self.deleted.discard(gone[-1].seq)
            full = False
        self.messages.append(message)
        self.accepted += 1
        if self.listener is not None:
            self.listener.message(message)
        return gone

    def answered(self, record: RequestRecord, exchange: Exchange) -> None:
        """Note what was said, and tell the listener: the answer is known, or there is none."""
        record.exchange = exchange
        if not record.stranger:
            self._exchanges.append(exchange)
            self._exchange_bytes += exchange.room
            while self._exchange_bytes > MAX_EXCHANGE_BYTES or len(self._exchanges) > MAX_EXCHANGES:
                self._exchange_bytes -= self._exchanges[0].room
                self._exchanges.popleft().forget()
        if self.listener is not None:
            self.listener.request(record)

    def find_message(self, seq: int) -> AcceptedMessage | None:
        """Return a message that is kept, whether the inbox shows it or not."""
        place = seq - self.messages[0].seq if self.messages else -1
        return self.messages[place] if 0 <= place < len(self.messages) else None

    def find_request(self, seq: int) -> RequestRecord | None:
        """Return a request that is kept."""
        for record in self.newest_requests():
            if record.seq <= seq:
                return record if record.seq == seq else None
        return None

    def show(self, seq: int, *, deleted: bool) -> None:
        """Take a message out of the inbox, or put it back."""
        (self.deleted.add if deleted else self.deleted.discard)(seq)
        if self.listener is not None:
            self.listener.changed()

    def clear(self) -> None:
        """Forget all of it; the numbers go on."""
        self._known.clear()
        self._strangers.clear()
        self._exchanges.clear()
        self._exchange_bytes = 0
        self.messages.clear()
        self.deleted.clear()
        self.counts.clear()
        self.message_bytes = 0
        if self.listener is not None:
            self.listener.changed()
