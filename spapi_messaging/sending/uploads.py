"""The Uploads API: files become attachments, several at once, before the message is sent.

Each file gets a destination of its own (createUploadDestinationForResource) with the base64
of the raw MD5 digest: hex passes there and fails at the next step. Then the raw bytes are PUT
to the presigned URL with all the headers that came with it, byte for byte as it came, and
without the access token.
"""

import asyncio
import base64
import hashlib
import os
import re
from collections.abc import Coroutine, Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import attrs

from spapi_messaging.api import (
    UPLOAD_DESTINATION,
    UPLOADS,
    Endpoint,
    UploadDestination,
    upload_destination,
)
from spapi_messaging.errors import (
    AuthorizationError,
    InvalidMessageError,
    MessagingError,
    UntrustedLinkError,
    UploadError,
)
from spapi_messaging.messages import (
    Attachment,
    AttachmentLike,
    File,
    attachment_name,
    content_faults,
    content_type,
    size_faults,
)
from spapi_messaging.sending.cache import SingleFlightCache
from spapi_messaging.transport import Request, Transport

_REUSE_TTL = 600.0
"""Seconds for which an upload serves other messages; its URL is good for 900."""
MAX_REUSED = 1000
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


@attrs.frozen
class Uploaded:
    """The attachments of a message; ``reused``: one of them had served another message."""

    attachments: Sequence[Attachment]
    reused: bool = attrs.field(kw_only=True)


@attrs.frozen(kw_only=True)
class Uploads:
    """Uploads the files of messages; one that several messages of an action carry goes up once.

    A destination is made for an order's action, so no other action's message may name it. That
    it may be named twice is documented nowhere: see ``anew``.
    """

    transport: Transport
    _done: SingleFlightCache[tuple[str, ...], Attachment] = attrs.field(
        factory=lambda: SingleFlightCache(ttl=_REUSE_TTL, maxsize=MAX_REUSED), init=False
    )

    async def upload(
        self,
        attachments: Sequence[AttachmentLike],
        *,
        order_id: str,
        marketplace_id: str,
        resource: str,
        anew: bool = False,
    ) -> Uploaded:
        """Upload what is not uploaded yet; ``resource`` is the path of the message's operation.

        ``anew``: forget earlier uploads of the same files. Raises InvalidMessageError for files
        that cannot be read, are too large or are not what their names say, before anything is
        uploaded, and UploadError if an upload fails.
        """
        loaded = await load(attachments, order_id)
        made: list[Attachment] = []

        async def one(item: Attachment | File) -> Attachment:
            if isinstance(item, Attachment):
                return item
            digest = _md5(item.content)
            same = (marketplace_id, resource, item.name, digest)
            if anew:
                self._done.forget(same)

            async def upload() -> Attachment:
                made.append(await self._upload(item, digest, order_id, marketplace_id, resource))
                return made[-1]

            return await self._done.get(same, upload)

        done = await _all(one(item) for item in loaded)
        reused = len(made) < sum(isinstance(item, File) for item in loaded)
        return Uploaded(done, reused=reused)

    async def _upload(
        self, file: File, digest: str, order_id: str, marketplace_id: str, resource: str
    ) -> Attachment:
        fault: MessagingError
        try:
            destination = await self._destination(file, digest, order_id, marketplace_id, resource)
            await self._put(file, order_id, destination)
        except (UploadError, AuthorizationError):
            raise
        except UntrustedLinkError as error:
            fault = UploadError(order_id, file.name, f"its upload URL is refused: {error.fault}")
        except MessagingError as error:
            raise UploadError(order_id, file.name, str(error)) from error
        else:
            return Attachment(destination.upload_destination_id, file.name)
        raise fault

    async def _destination(
        self, file: File, digest: str, order_id: str, marketplace_id: str, resource: str
    ) -> UploadDestination:
        query = "&".join(
            f"{name}={quote(value, safe='')}"
            for name, value in (
                ("marketplaceIds", marketplace_id),
                ("contentMD5", digest),
                ("contentType", content_type(file.name) or "application/octet-stream"),
            )
        )
        request = Request(
            operation=UPLOAD_DESTINATION,
            method="POST",
            url=f"{self.transport.endpoint}{UPLOADS}/{resource.lstrip('/')}?{query}",
            order_id=order_id,
            repeatable=True,
        )
        answer = await self.transport.call(request)
        return upload_destination(answer.body, order_id=order_id)

    async def _put(self, file: File, order_id: str, destination: UploadDestination) -> None:
        target = Endpoint.of(destination.url)
        if target.scheme == "http" and self.transport.endpoint.scheme != "http":
            raise UntrustedLinkError("(withheld)", "it is plain http")
        headers = destination.headers or {}
        for name, value in headers.items():
            if not _HEADER_NAME.fullmatch(name) or not value.isprintable():
                raise UploadError(order_id, file.name, "its upload headers are malformed")
        request = Request(
            operation="PUT of an attachment",
            method="PUT",
            url=destination.url,
            order_id=order_id,
            body=file.content,
            repeatable=True,
        )
        await self.transport.put(request, headers)


async def _all(work: Iterable[Coroutine[Any, Any, Attachment]]) -> list[Attachment]:
    """Wait for all; the first failure ends the others and is raised by itself."""
    tasks: list[asyncio.Task[Attachment]] = []
    failure: BaseException | None = None
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in work]
    except BaseExceptionGroup as failures:
        failure = failures.exceptions[0]
    if failure:
        raise failure
    return [task.result() for task in tasks]


async def load(attachments: Sequence[AttachmentLike], order_id: str) -> list[Attachment | File]:
    """Read the files that are given as paths, off the event loop, once their sizes are known.

    Raises InvalidMessageError with every fault named.
    """
    if not any(isinstance(item, os.PathLike) for item in attachments):
        return [item for item in attachments if not isinstance(item, os.PathLike)]
    return await asyncio.to_thread(_load, attachments, order_id)


def _load(attachments: Sequence[AttachmentLike], order_id: str) -> list[Attachment | File]:
    faults, total = [], 0
    for item in attachments:
        if isinstance(item, File):
            total += len(item.content)
        elif isinstance(item, os.PathLike):
            try:
                size = Path(item).stat().st_size
            except OSError as error:
                faults.append(f"attachment {attachment_name(item)!r}: {error.strerror}")
            else:
                total += size
                if not size:
                    faults.append(f"attachment {attachment_name(item)!r} is empty")
    faults += size_faults(total)
    if faults:
        raise InvalidMessageError("the message", tuple(faults), order_id)
    return [
        _read(item, order_id) if isinstance(item, os.PathLike) else item for item in attachments
    ]


def _read(path: os.PathLike[str], order_id: str) -> File:
    name = attachment_name(path)
    try:
        file = File(Path(path).read_bytes(), name=name)
    except OSError as error:
        fault = f"attachment {name!r}: {error.strerror}"
        raise InvalidMessageError("the message", (fault,), order_id) from None
    faults = tuple(content_faults(name, file.content))
    if faults:
        raise InvalidMessageError("the message", faults, order_id)
    return file


def _md5(content: bytes) -> str:
    digest = hashlib.md5(content, usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()
