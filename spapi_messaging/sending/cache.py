"""Answers that serve all that ask within seconds: asked for once, however many wait."""

import asyncio
import copy
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from spapi_messaging.errors import MessagingError

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class SingleFlightCache(Generic[K, V]):
    """The answers of the last ``ttl`` seconds, ``maxsize`` of them at the most.

    A caller that asks while another does waits for its answer; a failure is told to all, and is
    not kept. If the one that asks is cancelled, the next asks by itself.
    """

    def __init__(self, *, ttl: float, maxsize: int) -> None:
        self._ttl = ttl
        self._maxsize = maxsize
        self._asking: dict[K, asyncio.Future[MessagingError | None] | None] = {}
        """What those wait for that came while another asks; None while there are none."""
        self._answered: OrderedDict[K, tuple[float, V]] = OrderedDict()

    async def get(self, key: K, ask: Callable[[], Awaitable[V]]) -> V:
        """Return the answer for a key; raises what asking raises, to all that wait."""
        if key in self._answered:
            self._forget_stale()
        while key not in self._answered and key in self._asking:
            told = self._asking[key] or asyncio.get_running_loop().create_future()
            self._asking[key] = told
            failure = await asyncio.shield(told)
            if failure is not None:
                raise copy.copy(failure)  # a shared one would collect all tracebacks
        if key in self._answered:
            return self._answered[key][1]
        self._asking[key], failure = None, None
        try:
            answer = await ask()
        except MessagingError as error:
            failure = error
            raise
        finally:
            waiting = self._asking.pop(key)
            if waiting is not None:
                waiting.set_result(failure)  # who wakes finds the answer, or asks by itself
        self._answered[key] = (asyncio.get_running_loop().time(), answer)
        self._forget_stale()
        return answer

    def forget(self, key: K) -> bool:
        """Forget an answer that turned out to be wrong; say whether there was one."""
        return self._answered.pop(key, None) is not None

    def _forget_stale(self) -> None:
        """Forget the answers that are too old, or too many; the oldest come first."""
        stale = asyncio.get_running_loop().time() - self._ttl
        while self._answered:
            key, (answered_at, _) = next(iter(self._answered.items()))
            if answered_at > stale and len(self._answered) <= self._maxsize:
                return
            del self._answered[key]
