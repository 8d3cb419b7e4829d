"""One event loop at a time: a limiter that two threads used would admit twice its quota.

Nothing of a limiter is locked, since one loop does one thing at a time. It may move from one loop
to the next, as with `asyncio.run` again and again; but one that still runs is in another thread.
"""

import asyncio
import threading

import attrs

__all__ = ["ServedLoop", "is_inside"]

_entering = threading.Lock()


@attrs.define
class ServedLoop:
    """The loop that is served."""

    _loop: asyncio.AbstractEventLoop | None = None

    def enter(self, loop: asyncio.AbstractEventLoop) -> None:
        """Serve this loop from now on; raises RuntimeError if another one still runs."""
        with _entering:
            served = self._loop
            if served is not None and served is not loop and served.is_running():
                raise RuntimeError(
                    "these limits serve an event loop that still runs in another thread, and one "
                    "loop at a time: send all from one loop, or give each thread a RateLimits of "
                    "its own with its part of the quota, or a RedisRateLimits of its own, which "
                    "share the quota at one Redis"
                )
            self._loop = loop


def is_inside(loop: asyncio.AbstractEventLoop) -> bool:
    """Say whether the caller is run by this loop."""
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
