"""``python -m spapi_messaging.distributed prepare``: make the queue's tables, before any worker."""

import asyncio
import sys

from spapi_messaging.distributed.worker import app, prepare


async def _prepare() -> None:
    async with app.open_async():
        await prepare(app)


if sys.argv[1:] != ["prepare"]:
    sys.exit("usage: python -m spapi_messaging.distributed prepare")
asyncio.run(_prepare())
