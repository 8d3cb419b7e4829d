"""An event loop whose clock jumps to the next timer as soon as there is nothing left to do.

An hour takes as long as the work in it. Sockets and threads stay real: the clock stands still
while a socket has something to read or a thread of an executor is at work, so that a client
and a server on loopback in the same process serve each other in no time at all.

    def test_an_hour_passes() -> None:
        async def main() -> float:
            await asyncio.sleep(3600)
            return asyncio.get_running_loop().time()

        assert run(main) == 3600

``@virtual`` above an async test function or property does the same and keeps its fixtures and
hypothesis arguments; in a fixture use ``with asyncio.Runner(loop_factory=VirtualLoop) as runner``.
Threads that a test starts by other ways than ``loop.run_in_executor`` get ``grace`` real seconds
to report back before each jump; set it to 0 where they never do. A loop that waits for nothing
that could ever come raises StuckError instead of hanging. A timer for this very instant fires
a microsecond later: aiolimiter re-arms such timers for ever at some pairs of rate and capacity.
"""

import asyncio
import functools
import selectors
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context
from typing import Any, ParamSpec, TypeVar, TypeVarTuple

P = ParamSpec("P")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")

Ready = list[tuple[selectors.SelectorKey, int]]

TICK = 1e-6
PATIENCE = 20.0
_THREADS_BEFORE = threading.active_count()
"""Those of the test runner, which tell the loop nothing."""


class StuckError(RuntimeError):
    """The loop waits for something that cannot come."""


class _Selector(selectors.DefaultSelector):
    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> Ready:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if self.loop.threads_at_work:
            return self._insist(f"{self.loop.threads_at_work} calls in threads")
        ready = self._linger()
        if ready:
            return ready
        if timeout is None:
            return self._insist("no timer, no socket, no thread")
        self.loop.jump(timeout)
        return []

    def _linger(self) -> Ready:
        """Give the kernel, and threads of which the loop knows nothing, a moment."""
        if self.loop.grace and threading.active_count() > self.loop.silent_threads:
            return super().select(self.loop.grace)
        own_pipe_only = len(self.get_map()) <= 1
        return [] if own_pipe_only else super().select(0) or super().select(0)

    def _insist(self, awaited: str) -> Ready:
        ready = super().select(PATIENCE)
        if not ready:
            raise StuckError(f"nothing came within {PATIENCE} real seconds: {awaited}")
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop with a virtual clock."""

    def __init__(self, *, start: float = 0.0, grace: float = 0.001) -> None:
        self._now = start
        self.grace = grace
        self.threads_at_work = 0
        self._executors: set[Any] = set()
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self._now

    def jump(self, seconds: float) -> None:
        self._now += seconds

    @property
    def silent_threads(self) -> int:
        """How many threads there are whose work is counted, or is none of this loop's."""
        threads = (thread for executor in self._executors for thread in executor._threads)
        return _THREADS_BEFORE + sum(thread.is_alive() for thread in threads)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        return super().call_at(max(when, self._now + TICK), callback, *args, context=context)

    def run_in_executor(
        self, executor: Any, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        future = super().run_in_executor(executor, func, *args)
        self._executors.add(executor or self._default_executor)
        self.threads_at_work += 1
        future.add_done_callback(self._thread_came_back)
        return future

    def _thread_came_back(self, _: object) -> None:
        self.threads_at_work -= 1

    async def shutdown_default_executor(self, *args: Any) -> None:
        self.threads_at_work += 1  # it joins the threads in one more thread
        try:
            await super().shutdown_default_executor(*args)
        finally:
            self.threads_at_work -= 1


def run(main: Callable[[], Coroutine[Any, Any, T]], *, start: float = 0.0) -> T:
    """Run a coroutine function on a new virtual clock."""
    with asyncio.Runner(loop_factory=functools.partial(VirtualLoop, start=start)) as runner:
        return runner.run(main())


def virtual(test: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Make a plain test of an async one, run on a virtual clock."""

    @functools.wraps(test)
    def simple(*args: P.args, **kwargs: P.kwargs) -> T:
        return run(functools.partial(test, *args, **kwargs))

    return simple


async def turns(count: int = 5) -> None:
    """Let the loop run everything that is ready, without moving the clock."""
    for _ in range(count):
        await asyncio.sleep(0)


async def gather_cancelled(tasks: list["asyncio.Task[Any]"]) -> None:
    """Cancel the tasks and wait until they are gone."""
    for task in tasks:
        task.cancel()
    waited: Awaitable[list[Any]] = asyncio.gather(*tasks, return_exceptions=True)
    await waited
