"""What is done with connections beside answering: their bodies, their errors, their end."""

import asyncio
import logging

from aiohttp import web
from aiohttp.http import HttpProcessingError

QUIET_TURNS = 5
"""Turns of the loop without a connection, after which none is still to come."""
LOGGER = logging.getLogger("spapi_messaging.sandbox")


def _is_ours(record: logging.LogRecord) -> bool:
    """Let through what is wrong here, and not that somebody wrote no HTTP, or left."""
    wrong = record.exc_info[1] if record.exc_info else None
    theirs = HttpProcessingError | ConnectionError | web.RequestPayloadError
    return not isinstance(wrong, theirs)


LOGGER.addFilter(_is_ours)


async def break_connections(server: web.Server) -> None:
    """Break all connections, those too that are just being accepted."""
    # A connection leaves the list when its task is done, and one that was just accepted enters
    # it some turns of the loop later. Nothing here waits for time.
    quiet = 0
    while quiet < QUIET_TURNS:
        for connection in server.connections:
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.sleep(0)
        quiet = 0 if server.connections else quiet + 1


async def read(request: web.BaseRequest, limit: int, *, keep: bool) -> tuple[bytes | None, int]:
    """Read the body, and say how large it is; None where it is too large.

    What nobody asked for is read and thrown away: a crowd of strangers takes no memory.
    """
    if not request.body_exists:
        return b"", 0
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0
    chunks, size = [], 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size > limit:
            return None, size
        if keep:
            chunks.append(chunk)
    return b"".join(chunks), size
