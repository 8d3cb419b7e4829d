"""What is asked of Amazon, how far it came, and what came back."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final, Literal

import attrs

NOTHING: Final[Callable[[], object]] = bool
"""Does nothing, at no cost."""
SESSION_CLOSED: Final = "the session was closed"
# Numbers, since a member of an enum is looked up slowly on Python 3.11.
SUCCESSES: Final = range(HTTPStatus.OK, HTTPStatus.MULTIPLE_CHOICES)
_REFUSALS: Final = range(HTTPStatus.BAD_REQUEST, HTTPStatus.INTERNAL_SERVER_ERROR)


def _no_news(_transport: object) -> int:
    return 0


def is_success(status: int) -> bool:
    """Say whether an HTTP status means yes."""
    return status in SUCCESSES


def is_refusal(status: int) -> bool:
    """Say whether an HTTP status means that the request itself was not accepted."""
    return status in _REFUSALS


# Not frozen, and neither is Response: a send makes four of them, and frozen ones take twice
# as long.
@attrs.define(kw_only=True)
class Request:
    """What is asked of a server. ``repeatable``: asking twice says nothing twice to a buyer."""

    operation: str
    method: str
    url: str = attrs.field(repr=False)
    order_id: str | None = None
    body: bytes | None = attrs.field(default=None, repr=False)
    repeatable: bool = False


@attrs.define
class Delivery:
    """A message on its way: how far its last attempt came, and what is to happen before it.

    ``head_sent``: from then on nobody knows what the server did; ``status``: what it answered.
    ``before_send`` is awaited when an attempt has its turn, before its first byte leaves; if it
    raises, nothing leaves. ``throttled``: an attempt was answered 429. ``is_last``: no other
    attempt may begin than the one under way, and not that either if nothing of it has left.

    Of the connection, ``silence``: for how many seconds its peer may be silent, and ``watch``: what
    sees to it from the moment at which it has the request; ``news`` says of its transport what came
    over it and was not read; ``kept``: it was
    used before, ``proves``: and for more than a token; ``unfit``: it was, and nothing may be
    sent on it any more; ``wants_new``: one that was used before will not do; ``wants_proof``: nor
    one that may be about to end; ``stop_timer`` ends the waiting.
    """

    before_send: Callable[[], Awaitable[None]] | None = None
    head_sent: bool = False
    status: int | None = None
    throttled: bool = False
    is_last: bool = False
    silence: float | None = None
    watch: Callable[[Any, "Delivery"], object] | None = attrs.field(default=None, repr=False)
    news: Callable[[Any], int] = attrs.field(default=_no_news, repr=False)
    kept: bool = False
    proves: bool = False
    unfit: bool = False
    wants_new: bool = False
    wants_proof: bool = False
    stop_timer: Callable[[], object] = attrs.field(default=NOTHING, repr=False)

    def may_retry(self) -> bool:
        """Say whether another attempt may follow."""
        return not self.is_last

    def mark_sent(self) -> None:
        """Note that bytes leave now; raises ConnectionAbortedError if none may any more."""
        if self.is_last and not self.head_sent:
            raise ConnectionAbortedError("the run has stopped")
        self.head_sent = True

    def begin_attempt(self) -> None:
        """Forget how far the attempt before came: it was refused, or nothing of it left."""
        self.head_sent, self.status = False, None

    def was_unfit(self) -> bool:
        """Say once whether another connection is to be taken."""
        unfit, self.unfit = self.unfit, False
        return unfit

    @property
    def is_under_way(self) -> bool:
        """Whether its bytes have left, and it has no answer yet."""
        return self.head_sent and self.status is None

    @property
    def known(self) -> Literal["sent", "not sent"] | None:
        """What is known of a message that was broken off; None where nobody knows."""
        if not self.head_sent or (self.status is not None and is_refusal(self.status)):
            return "not sent"
        return "sent" if self.status is not None and is_success(self.status) else None


@attrs.define(kw_only=True)
class Response:
    """What came back. ``gap``: why the body is incomplete, if it is; ``rate``: the quota's.

    ``asked_pause``: the seconds for which the server asks to be left alone.
    """

    status: int
    body: bytes = attrs.field(repr=False)
    url: str = attrs.field(repr=False)
    request_id: str | None = None
    gap: str | None = None
    rate: str | None = None
    location: str | None = attrs.field(default=None, repr=False)
    media_type: str | None = None
    asked_pause: float = 0.0


@attrs.frozen
class NoResponse:
    """No answer came. ``head_sent``: the request may have arrived; ``lasting``: so it stays."""

    cause: str
    head_sent: bool
    lasting: bool = False
