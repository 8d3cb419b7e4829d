"""An endpoint that gives one upload destination, and the storage that it leads to."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from helpers.fault_server import FaultServer, Response, created, http, says, serving
from helpers.fault_sessions import ORDER, session_at

from spapi_messaging import File, Invoice, MessagingError

SIGNED = "bucket/%2Fkey?X-Amz-Signature=0badc0de&X-Amz-SignedHeaders=host%3Bx"
SECRETS = ("0badc0de", "X-Amz", "bucket", "%2Fkey")
PDF = b"%PDF-1.4 the whole file"


def destination(url: str, headers: Mapping[str, object] | None = None, **more: Any) -> Response:
    payload = {"uploadDestinationId": "d-1", "url": url, "headers": headers} | more
    return says(http("201 Created", json.dumps({"payload": payload}).encode()))


@asynccontextmanager
async def storage(*answers: Response) -> AsyncIterator[tuple[FaultServer, FaultServer]]:
    """Run an endpoint whose answers are yet to be set, and a storage that answers as told."""
    async with serving(created) as home, serving(*(answers or (says(http("200 OK")),))) as away:
        home.answers = [destination(f"{away.url}/{SIGNED}"), created]
        yield home, away


async def sent_to(
    home: FaultServer, *, content: bytes = PDF, **options: Any
) -> MessagingError | None:
    """Send a message with a file; return its error."""
    async with session_at(home, **options) as session:
        message = Invoice(attachments=[File(content, name="invoice.pdf")])
        try:
            await session.send(ORDER, message, discover=False)
        except MessagingError as error:
            return error
    return None


def words_of(error: BaseException) -> str:
    """Return all that an error and those behind it say."""
    said, link = "", error
    while link is not None:
        said += f"{link} {link!r} {link.args!r} "
        link = link.__cause__ or link.__context__
    return said


def now() -> float:
    return asyncio.get_running_loop().time()
