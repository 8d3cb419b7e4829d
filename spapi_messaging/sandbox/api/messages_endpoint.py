"""Accepts messages, or says why not."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal

import attrs

from spapi_messaging.sandbox.api import responses, static
from spapi_messaging.sandbox.api.bodies import (
    body_notes,
    check_body,
    read_body,
    room_of_body,
)
from spapi_messaging.sandbox.api.catalog import RULES
from spapi_messaging.sandbox.api.log import Log
from spapi_messaging.sandbox.api.orders import SandboxOrder, segment_of
from spapi_messaging.sandbox.api.records import AcceptedAttachment, AcceptedMessage
from spapi_messaging.sandbox.api.responses import SUCCESS_BODIES, RefusedError, Response
from spapi_messaging.sandbox.api.routes import Call
from spapi_messaging.sandbox.api.uploads import Uploads

MAX_ATTACHMENT_BYTES = 10_000_000
"""The files of one message stay below this together."""

Success = Literal["rotate", "object", "errors", "empty"]
"""Which of the three known bodies a 201 has; they take turns by default."""


@attrs.define(kw_only=True)
class MessagesEndpoint:
    """Where messages are posted."""

    uploads: Uploads
    log: Log
    wall: Callable[[], datetime]
    orders: Mapping[str, SandboxOrder] = attrs.field(repr=False)
    offered_hrefs_answer: bool = True
    """Whether ``…/messages/sendInvoice`` answers like ``…/messages/invoice``."""
    success: Success = "rotate"

    def post(self, call: Call, order: SandboxOrder, marketplace: str, now: float) -> Response:
        """Check a message against its order and its rule, and accept it."""
        segment = segment_of(call.route.segment)
        body = read_body(call, RULES.get(segment))
        if not self._has_path(call.route.segment, segment, order):
            return responses.NOT_FOUND
        if not order.permits(segment):
            return responses.NOT_PERMITTED
        if segment in RULES:
            self._check(call, segment, body)
        locale = order.locale_in(marketplace)
        message = self._message(call, marketplace, body or {}, now, locale=locale)
        self._accept(message, call)
        order.accept(message, segment)
        return Response(201, self._success_body())

    def post_static(self, call: Call, marketplace: str, now: float) -> Response:
        """Accept a message to the static sandbox's order.

        Its model names upload destinations that were never made, and an invoice without a body.
        """
        if call.route.segment not in RULES:
            return responses.NOT_FOUND
        body = read_body(call, RULES[call.route.segment])
        if call.route.segment != "invoice" or body is not None:
            self._check(call, call.route.segment, body)
        self._accept(self._message(call, marketplace, body or {}, now, locale=None), call)
        return Response(201, b"{}")

    def _check(self, call: Call, segment: str, body: Mapping[str, Any] | None) -> None:
        check_body(RULES[segment], body)
        call.note(*body_notes(RULES[segment], body))

    def _has_path(self, raw: str, segment: str, order: SandboxOrder) -> bool:
        if raw != segment:
            return self.offered_hrefs_answer and raw in order.actions
        return segment in RULES or segment in order.actions

    def _message(
        self,
        call: Call,
        marketplace: str,
        body: Mapping[str, Any],
        now: float,
        *,
        locale: str | None,
    ) -> AcceptedMessage:
        return AcceptedMessage(
            order_id=call.order_id,
            action=call.route.segment,
            operation=call.record.operation,
            body=body,
            attachments=self._attachments(call, body, strict=locale is not None),
            seller=call.seller,
            marketplace=marketplace,
            at=now,
            received=self.wall(),
            request_id=call.record.request_id,
            seq=self.log.accepted + 1,
            request_seq=call.record.seq,
            locale=locale or static.LOCALE,
            size=len(call.body or b""),
            room=room_of_body(body, len(call.body or b"")),
            notes=call.record.notes,
        )

    def _attachments(
        self, call: Call, body: Mapping[str, Any], *, strict: bool
    ) -> tuple[AcceptedAttachment, ...]:
        listed = body.get("attachments")
        if not isinstance(listed, list):
            return ()
        # Only a custom action's body can hold anything else: the others were checked.
        attachments = tuple(
            self._attachment(call, item, strict=strict) for item in listed if isinstance(item, dict)
        )
        size = sum(item.upload.size or 0 for item in attachments if item.upload)
        if size >= MAX_ATTACHMENT_BYTES:
            raise RefusedError(responses.invalid(details=f"The attachments have {size} bytes."))
        return attachments

    def _attachment(
        self, call: Call, item: Mapping[str, Any], *, strict: bool
    ) -> AcceptedAttachment:
        name, number = str(item.get("fileName")), str(item.get("uploadDestinationId"))
        upload = self.uploads.find(number, order_id=call.order_id, seller=call.seller)
        if upload is None and strict:
            raise RefusedError(responses.invalid(f"Attachment with ID {number} does not exist"))
        return AcceptedAttachment(name=name, upload_destination_id=number, upload=upload)

    def _accept(self, message: AcceptedMessage, call: Call) -> None:
        call.record.message_seq = message.seq
        for gone in self.log.message(message):
            order = self.orders.get(gone.order_id)
            if order is not None and gone in order.messages[:1]:
                del order.messages[0]

    def _success_body(self) -> bytes:
        if self.success == "rotate":
            bodies = tuple(SUCCESS_BODIES.values())
            return bodies[self.log.accepted % len(bodies)]
        return SUCCESS_BODIES[self.success]
