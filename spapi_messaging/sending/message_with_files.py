"""A message with files: it names uploads that are good when its turn comes, and is sent once.

Under a slow plan the turn may come after the uploads' time: then they are made anew within the
turn, since a message that gave it back would find its uploads too old at the next one, too. An
upload that served another message, and that Amazon knows no more, is made anew once: it refused
the message, so it may go again. One that it does not know at all says nothing against the
message: an UploadError.
"""

import re
from collections.abc import Awaitable, Callable

import attrs

from spapi_messaging.errors import BadRequestError, UploadError
from spapi_messaging.messages import Attachment
from spapi_messaging.redaction import clipped
from spapi_messaging.sending.outgoing import Outgoing
from spapi_messaging.sending.uploads import Uploaded, Uploads
from spapi_messaging.transport import Delivery, Request, Response, Transport

_NAMED = re.compile(r"attachment", re.IGNORECASE)
_UNKNOWN = re.compile(r"attachment.*\b(?:not exist|not found|expired)", re.IGNORECASE | re.DOTALL)
MAX_CODE = 80


@attrs.define(kw_only=True)
class MessageWithFiles:
    """Uploads the files of a message and sends it, for one delivery."""

    outgoing: Outgoing
    delivery: Delivery
    transport: Transport
    uploads: Uploads
    marketplace_id: str

    async def post(self) -> Response:
        """Upload the files and send the message, at most once; raises UploadError, too."""
        uploaded = await self._upload(anew=False)
        try:
            return await self._post(uploaded)
        except BadRequestError as error:
            if not self._names_ours(error, _NAMED if uploaded.reused else _UNKNOWN):
                raise
            if not uploaded.reused:
                raise self._unknown(uploaded, error) from error
            if not self.delivery.may_retry():
                fault = "an earlier upload of it does not serve, and the run has stopped"
                raise self._fault(uploaded, fault) from error
        self.delivery.begin_attempt()
        uploaded = await self._upload(anew=True)
        try:
            return await self._post(uploaded)
        except BadRequestError as error:
            if not self._names_ours(error, _UNKNOWN):
                raise
            raise self._unknown(uploaded, error) from error

    def _names_ours(self, error: BadRequestError, pattern: re.Pattern[str]) -> bool:
        """Say whether a refusal is about files that were uploaded here."""
        attached = self.outgoing.attached
        given = [item.upload_destination_id for item in attached if isinstance(item, Attachment)]
        return (
            len(given) < len(attached)
            and pattern.search(error.message) is not None
            and not any(each in error.message for each in given)
        )

    def _unknown(self, uploaded: Uploaded, error: BadRequestError) -> UploadError:
        code = clipped(error.code, MAX_CODE) or "no code"
        fault = f"Amazon answered {error.status} ({code}): it does not know the upload"
        return self._fault(uploaded, fault)

    def _fault(self, uploaded: Uploaded, fault: str) -> UploadError:
        names = ", ".join(item.file_name for item in uploaded.attachments)
        return UploadError(self.outgoing.order_id, names, fault)

    async def _upload(self, *, anew: bool) -> Uploaded:
        return await self.uploads.upload(
            self.outgoing.attached,
            order_id=self.outgoing.order_id,
            marketplace_id=self.marketplace_id,
            resource=self.outgoing.resource,
            anew=anew,
        )

    async def _post(self, uploaded: Uploaded) -> Response:
        request = self.outgoing.request(uploaded.attachments)
        before = self.delivery.before_send
        self.delivery.before_send = self._renewing(request, uploaded, before)
        try:
            return await self.transport.call(request, self.delivery)
        finally:
            self.delivery.before_send = before

    def _renewing(
        self, request: Request, uploaded: Uploaded, before: Callable[[], Awaitable[None]] | None
    ) -> Callable[[], Awaitable[None]]:
        """Return what is to happen when an attempt has its turn, before its first byte."""
        current = uploaded

        async def renew() -> None:
            nonlocal current
            if current.is_stale:
                current = await self._upload(anew=True)
                request.body = self.outgoing.encoded(current.attachments)
            if before is not None:
                await before()

        return renew
