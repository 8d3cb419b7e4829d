"""A sandbox for the tests of a service: it runs beside the test, in a thread with its own loop.

So it answers whatever the service runs in: the test's loop, another loop in a thread, or a
process. The fixtures are in ``pytest_spapi_messaging``, which pytest loads at every start;
it imports this module, and with it aiohttp, only when one of them is used.
"""

import asyncio
import functools
import inspect
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from spapi_messaging.sandbox import DEFAULT_ACTIONS, Sandbox

__all__ = ["ServedSandbox", "serve"]


class ServedSandbox(Sandbox):
    """A Sandbox whose methods may be called from any thread and awaited in any loop.

    Each call is carried out by the thread that serves, between two requests.
    """

    _loop: asyncio.AbstractEventLoop | None = None

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__  # a property is read over there too
        loop = None if name.startswith("_") else value("_loop")
        if loop is None or _is_running(loop):
            return value(name)
        return _bridged(loop, self._on_loop(functools.partial(value, name)))

    @contextmanager
    def bridged_to(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """Carry out what is called here by ``loop``, until the block is left."""
        self._loop = loop
        try:
            yield
        finally:
            self._loop = None

    def _on_loop(self, work: Callable[[], Any]) -> Any:
        async def run() -> Any:
            return work()

        if self._loop is None:
            return work()
        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()

    def __setattr__(self, name: str, value: Any) -> None:
        if self._loop is None or name.startswith("_") or _is_running(self._loop):
            super().__setattr__(name, value)
        else:
            self._on_loop(functools.partial(super().__setattr__, name, value))


def _is_running(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False


def _bridged(loop: asyncio.AbstractEventLoop, value: Any) -> Any:
    if not inspect.ismethod(value):
        return value

    @functools.wraps(value)
    def call(*args: Any, **kwargs: Any) -> Any:
        async def run() -> Any:
            result = value(*args, **kwargs)
            return await result if inspect.isawaitable(result) else result

        future = asyncio.run_coroutine_threadsafe(run(), loop)
        is_async = inspect.iscoroutinefunction(value)
        return asyncio.wrap_future(future) if is_async else future.result()

    return call


@contextmanager
def serve(**options: Any) -> Iterator[ServedSandbox]:
    """Serve a sandbox until the block is left; ``options`` are those of Sandbox.

    Without any it has no quotas and knows every well-formed order, with all actions.
    """
    usual: dict[str, Any] = {"rate": math.inf, "any_order": (*DEFAULT_ACTIONS, "attributes")}
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="spapi-messaging-sandbox", daemon=True)
    thread.start()
    try:
        sandbox = ServedSandbox(**{**usual, **options})
        asyncio.run_coroutine_threadsafe(sandbox.start(), loop).result()
        try:
            with sandbox.bridged_to(loop):
                yield sandbox
        finally:
            asyncio.run_coroutine_threadsafe(sandbox.stop(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
