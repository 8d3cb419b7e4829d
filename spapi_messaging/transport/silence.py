"""How long a server may be silent when it has a request: aiohttp's ``read_timeout``, begun late.

Each piece that comes begins it anew. It is switched on where no answer came in a part of it, and
one timer sees to that for all that wait: all may wait for the same time, so they come due in the
order in which they began. A timer of its own would cost each request as much as its turn at a
limiter, and nearly all are answered long before.
"""

import asyncio
import functools
from typing import Final

from aiohttp.client_proto import ResponseHandler

from spapi_messaging.transport.request import Delivery

__all__ = ["MAX_ANSWER", "SilenceWatch", "give_up", "listen"]

MAX_ANSWER = 900.0
"""Seconds after which an answer ends that drips on and on."""
_EARLY: Final = 0.25
"""The part of a silence after which aiohttp's timer is switched on."""
_AT_ONCE = 1e-6


class SilenceWatch:
    """Switches aiohttp's timer on for those that have waited for a part of ``silence`` seconds."""

    def __init__(self, silence: float) -> None:
        self._silence = silence
        self._waiting: dict[ResponseHandler, tuple[float, Delivery]] = {}
        """The connections on which an answer is waited for, and when they come due."""
        self._alarm: asyncio.TimerHandle | None = None

    def begin(self, protocol: ResponseHandler, delivery: Delivery) -> None:
        """Begin to wait for an answer; ``delivery.stop_timer`` ends it."""
        delivery.stop_timer()
        loop = asyncio.get_running_loop()
        due = loop.time() + self._silence * _EARLY
        self._waiting[protocol] = due, delivery
        delivery.stop_timer = functools.partial(self._waiting.pop, protocol, None)
        if self._alarm is None:
            self._alarm = loop.call_at(due, self._ring)

    def close(self) -> None:
        """Watch no more: the connections are about to be closed."""
        if self._alarm is not None:
            self._alarm.cancel()

    def _ring(self) -> None:
        loop = asyncio.get_running_loop()
        self._alarm = None
        for protocol, (due, delivery) in list(self._waiting.items()):
            if due > loop.time():
                self._alarm = loop.call_at(due, self._ring)
                return
            del self._waiting[protocol]
            listen(protocol, delivery, self._silence)


def listen(protocol: ResponseHandler, delivery: Delivery, silence: float) -> None:
    """Wait for the answer, and for more of it, at most ``silence`` seconds each time."""
    protocol.read_timeout = silence
    protocol.start_timeout()
    timer = asyncio.get_running_loop().call_later(MAX_ANSWER, give_up, protocol)
    delivery.stop_timer = timer.cancel


def give_up(protocol: ResponseHandler) -> None:
    """End the waiting as if the silence had been too long."""
    protocol.read_timeout = _AT_ONCE
    protocol.start_timeout()
