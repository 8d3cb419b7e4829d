"""A sandbox in a thread of its own, for programs that run in processes of their own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from spapi_messaging.sandbox import Sandbox


@contextmanager
def served(**options: Any) -> Iterator[Sandbox]:
    """Serve a sandbox until the block is left."""
    ready, ended = threading.Event(), threading.Event()
    running: list[Sandbox] = []

    async def serve() -> None:
        async with Sandbox(**options) as sandbox:
            running.append(sandbox)
            ready.set()
            await asyncio.to_thread(ended.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(10)
        yield running[0]
    finally:
        ended.set()
        thread.join(10)
