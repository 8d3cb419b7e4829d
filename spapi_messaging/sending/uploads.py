"""The Uploads API: files become attachments, several at once, before the message is sent.

Each file gets a destination of its own (createUploadDestinationForResource) with the base64
of the raw MD5 digest: hex passes there and fails at the next step. Then its bytes go to the
storage, while the destination's URL is good: for 900 s. How long a message may name a destination
is not documented, so none is named that is older.

Files are read when there is room for them, and held until they are uploaded and no longer: no
cache, no waiting message and no frame of an error keeps their bytes.
"""

import asyncio
import os
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any
from urllib.parse import quote

import attrs

from spapi_messaging.api import UPLOAD_DESTINATION, UPLOADS, UploadDestination, upload_destination
from spapi_messaging.errors import AuthorizationError, MessagingError, UploadError
from spapi_messaging.messages import Attachment, AttachmentLike, File, content_type
from spapi_messaging.sending.byte_gate import byte_gate
from spapi_messaging.sending.cache import SingleFlightCache
from spapi_messaging.sending.files import LoadedFile, Survey
from spapi_messaging.sending.storage import put
from spapi_messaging.sending.upload_faults import upload_error
from spapi_messaging.transport import Request, Transport

MAX_AGE = 840.0
"""Seconds after which an upload is made anew: its URL is good for 900."""
_REUSE_TTL = 600.0
"""Seconds for which an upload serves other messages."""
MAX_REUSED = 1000
_DIGEST_OF_NOTHING = "1B2M2Y8AsgTpgAmY7PhCfg=="
"""The base64 of the MD5 of no bytes."""


@attrs.frozen
class _Stored:
    """A file that is uploaded, and the loop's time when it got its destination."""

    attachment: Attachment
    made_at: float


@attrs.frozen
class Uploaded:
    """The attachments of a message; ``reused``: one of them had served another message.

    ``made_at``: when the oldest of their destinations was made; None where none had to be.
    """

    attachments: Sequence[Attachment]
    reused: bool = attrs.field(default=False, kw_only=True)
    made_at: float | None = attrs.field(default=None, kw_only=True)

    @property
    def is_stale(self) -> bool:
        """Whether a message should not name them any more."""
        now = asyncio.get_running_loop().time()
        return self.made_at is not None and now - self.made_at > MAX_AGE


@attrs.frozen(kw_only=True)
class _Target:
    """The message that files are uploaded for."""

    order_id: str
    marketplace_id: str
    resource: str
    anew: bool


@attrs.frozen(kw_only=True)
class Uploads:
    """Uploads the files of messages; one that several messages of an action carry goes up once.

    A destination is made for an order's action, so no other action's message may name it. That
    it may be named twice is documented nowhere: see ``anew``.
    """

    transport: Transport
    _done: SingleFlightCache[tuple[str, ...], _Stored] = attrs.field(
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
        that are too large, changed since they were checked or are not what their names say,
        and UploadError for those that cannot be read, before anything is uploaded, and
        UploadError if an upload fails.
        """
        target = _Target(
            order_id=order_id, marketplace_id=marketplace_id, resource=resource, anew=anew
        )
        outcome = await self._outcome(attachments, target)
        if isinstance(outcome, MessagingError):
            raise outcome
        return outcome

    async def _outcome(
        self, attachments: Sequence[AttachmentLike], target: _Target
    ) -> Uploaded | MessagingError:
        """Upload, and return a failure without its traceback, whose frames hold the files."""
        try:
            if not any(isinstance(item, File | os.PathLike) for item in attachments):
                return Uploaded([item for item in attachments if isinstance(item, Attachment)])
            survey = await asyncio.to_thread(Survey.of, attachments, target.order_id)
            async with byte_gate().holding(survey.size):
                loaded = await asyncio.to_thread(survey.load)
                try:
                    return await self._upload_all(loaded, target)
                finally:
                    for item in loaded:
                        if isinstance(item, LoadedFile):
                            item.release()
        except MessagingError as error:
            return _without_frames(error)

    async def _upload_all(self, loaded: list[Attachment | LoadedFile], target: _Target) -> Uploaded:
        made: list[_Stored] = []

        async def one(item: Attachment | LoadedFile) -> _Stored | Attachment:
            if isinstance(item, Attachment):
                return item
            same = (target.marketplace_id, target.resource, item.name, item.digest)
            if target.anew:
                self._done.forget(same)

            async def upload() -> _Stored:
                made.append(await self._upload(item, target))
                return made[-1]

            return await self._done.get(same, upload)

        done = await _all(one(item) for item in loaded)
        stored = [item for item in done if isinstance(item, _Stored)]
        return Uploaded(
            [item.attachment if isinstance(item, _Stored) else item for item in done],
            reused=len(made) < len(stored),
            made_at=min(item.made_at for item in stored),
        )

    async def _upload(self, file: LoadedFile, target: _Target) -> _Stored:
        try:
            destination = await self._destination(file.name, file.digest, target)
            made_at = asyncio.get_running_loop().time()
            await put(self.transport, file, target.order_id, destination)
        except (UploadError, AuthorizationError):
            raise
        except MessagingError as error:
            failure = upload_error(target.order_id, file.name, error)
        else:
            return _Stored(Attachment(destination.upload_destination_id, file.name), made_at)
        raise failure

    async def try_destination(self, *, order_id: str, marketplace_id: str, resource: str) -> None:
        """Make a destination that nothing is uploaded to; raises the error that Amazon answers."""
        target = _Target(
            order_id=order_id, marketplace_id=marketplace_id, resource=resource, anew=True
        )
        await self._destination("test.pdf", _DIGEST_OF_NOTHING, target)

    async def _destination(self, name: str, digest: str, target: _Target) -> UploadDestination:
        query = "&".join(
            f"{name}={quote(value, safe='')}"
            for name, value in (
                ("marketplaceIds", target.marketplace_id),
                ("contentMD5", digest),
                ("contentType", content_type(name) or "application/octet-stream"),
            )
        )
        request = Request(
            operation=UPLOAD_DESTINATION,
            method="POST",
            url=f"{self.transport.endpoint}{UPLOADS}/{target.resource.lstrip('/')}?{query}",
            order_id=target.order_id,
            repeatable=True,
        )
        answer = await self.transport.call(request)
        destination = upload_destination(answer.body, order_id=target.order_id)
        if not destination.upload_destination_id:
            raise UploadError(target.order_id, name, "its upload destination has no id")
        return destination


async def _all(
    work: Iterable[Coroutine[Any, Any, _Stored | Attachment]],
) -> list[_Stored | Attachment]:
    """Wait for all; the first failure ends the others and is raised by itself."""
    tasks: list[asyncio.Task[_Stored | Attachment]] = []
    failure: BaseException | None = None
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in work]
    except BaseExceptionGroup as failures:
        failure = failures.exceptions[0]
    if failure:
        raise failure
    return [task.result() for task in tasks]


def _without_frames(error: MessagingError) -> MessagingError:
    """Return an error with all that led to it, but without the frames it came through."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error
