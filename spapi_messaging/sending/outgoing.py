"""A message on its way to an order, and Amazon's word that it accepted it."""

import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from spapi_messaging.api import ActionSchema, attachment_from, body_of, encode, plain_body
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.messages import (
    Attachment,
    AttachmentLike,
    File,
    Message,
    attachment_name,
    is_blank,
)
from spapi_messaging.transport import Delivery, Request

Content: TypeAlias = Message | Mapping[str, Any]
"""A message, or plain values in wire names for an action without a type."""

_NOT_UPLOADED = "not-uploaded-yet"


@attrs.frozen(kw_only=True)
class Receipt:
    """Amazon's word that it accepted a message (status 2xx).

    ``sent_at`` is aware, by this machine's clock; ``request_id`` is what Amazon's support
    asks for; ``language`` is the one that was chosen of a text in several. It says nothing about
    the buyer having read the message.
    """

    order_id: str
    operation: str
    request_id: str | None
    sent_at: datetime
    language: str | None = None


@attrs.define(kw_only=True)
class Outgoing:
    """A message on its way to an order: what is sent, and where to.

    ``content`` is a message, or plain values in wire names for an action without a type.
    """

    order_id: str
    operation: str
    url: str = attrs.field(repr=False)
    resource: str
    content: Content = attrs.field(repr=False)
    language: str | None = None
    _deliver: "Callable[[Outgoing, Delivery], Coroutine[Any, Any, Receipt]]" = attrs.field(
        repr=False
    )
    _begun: bool = attrs.field(default=False, init=False, repr=False)
    _checked: bytes | None = attrs.field(default=None, init=False, repr=False)
    """The body as it was checked, if nothing has to be uploaded for it."""

    def send(self) -> Coroutine[Any, Any, Receipt]:
        """Upload the files and send the message, at most once."""
        return self.deliver(Delivery())

    def deliver(self, delivery: Delivery) -> Coroutine[Any, Any, Receipt]:
        """Do the same for callers that must know, after a cancellation too, how far it came.

        Raises RuntimeError the second time: a message is prepared for each time it is sent.
        """
        if self._begun:
            raise RuntimeError("this message was sent before; prepare another")
        self._begun = True
        return self._deliver(self, delivery)

    @property
    def attached(self) -> Sequence[AttachmentLike]:
        """The attachments, uploaded or not."""
        if isinstance(self.content, Message):
            return self.content.attached
        attachments = self.content.get("attachments")
        if not isinstance(attachments, list | tuple):
            return ()
        found = [attachment_from(item) for item in attachments]
        # Of an action that we do not know, a list of other things may be right as it is.
        return (
            found
            if all(isinstance(item, Attachment | File | os.PathLike) for item in found)
            else ()
        )

    def body(self, attachments: Sequence[Attachment]) -> dict[str, Any]:
        """Return the body in wire names with these attachments."""
        if isinstance(self.content, Message):
            return body_of(self.content, attachments)
        return plain_body(self.content, attachments)

    def check(self, schema: ActionSchema | None) -> None:
        """Raise InvalidMessageError if it has no form in JSON, or the order's schema forbids it."""
        attached = self.attached
        body = self.body(list(map(_named, attached)) if attached else ())
        encoded = encode(body)
        faults = schema.faults(body) if schema else ()
        if not isinstance(self.content, Message):
            text = body.get("text")
            if isinstance(text, str) and text and is_blank(text):
                faults += ("text has nothing but blanks; write what the buyer is to read",)
        if faults:
            raise InvalidMessageError(self.operation, faults, self.order_id)
        if body and not attached:
            self._checked = encoded

    @property
    def has_nothing_to_upload(self) -> bool:
        """Whether it is known, since it was checked, that it carries no files."""
        return self._checked is not None

    def request(self, attachments: Sequence[Attachment]) -> Request:
        """Return the request that posts it with these attachments."""
        return Request(
            operation=self.operation,
            method="POST",
            url=self.url,
            order_id=self.order_id,
            body=self.encoded(attachments),
        )

    def encoded(self, attachments: Sequence[Attachment]) -> bytes | None:
        """Return the body as it is sent; None for a message that says nothing."""
        if self._checked is not None:
            return self._checked
        body = self.body(attachments)
        return encode(body) if body else None


def _named(item: AttachmentLike) -> Attachment:
    """Stand for an attachment as it will be named when it is uploaded."""
    if isinstance(item, Attachment):
        return item
    return Attachment(_NOT_UPLOADED, attachment_name(item))
