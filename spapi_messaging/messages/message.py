"""The eleven message types of the Messaging API.

A message that breaks a limit cannot be made: its class raises InvalidMessageError with
every fault named, before a token or a request is spent. The limits are those of the
Messaging API v1 reference; the schema that an order embeds may be narrower and is checked
when the message is sent.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

import attrs

from spapi_messaging.messages.attachments import AttachmentLike
from spapi_messaging.messages.base import Message
from spapi_messaging.messages.constraints import (
    AttachmentLimit,
    Limit,
    MomentLimit,
    TextLimit,
    as_tuple,
)
from spapi_messaging.messages.text import Text
from spapi_messaging.redaction import size_only


def _limit(limit: Limit) -> dict[str, Limit]:
    return {"limit": limit}


_COVERAGE_START = MomentLimit("coverage_start_date")
_COVERAGE_END = MomentLimit("coverage_end_date")


@attrs.frozen(kw_only=True)
class ConfirmCustomizationDetails(Message):
    """Ask the buyer for customization details, such as the spelling of a name, or confirm them.

    ``text``: 1 to 800 characters; ``attachments``: at most 5. One of them is needed.
    Source: confirmCustomizationDetails.
    """

    operation: ClassVar[str] = "confirmCustomizationDetails"
    segment: ClassVar[str] = "confirmCustomizationDetails"

    text: Text | None = attrs.field(default=None, repr=size_only, metadata=_limit(TextLimit(800)))
    attachments: tuple[AttachmentLike, ...] = attrs.field(
        default=(), converter=as_tuple, metadata=_limit(AttachmentLimit(0))
    )


@attrs.frozen(kw_only=True)
class ConfirmDeliveryDetails(Message):
    """Arrange a delivery with the buyer, or confirm contact information for it.

    ``text``: 1 to 2,000 characters. Source: createConfirmDeliveryDetails.
    """

    operation: ClassVar[str] = "createConfirmDeliveryDetails"
    segment: ClassVar[str] = "confirmDeliveryDetails"

    text: Text = attrs.field(repr=size_only, metadata=_limit(TextLimit(2000)))


@attrs.frozen(kw_only=True)
class LegalDisclosure(Message):
    """Send the buyer documents that the seller is obliged by law to provide.

    ``attachments``: 1 to 5; the reference states no minimum, but a disclosure without
    a document would reach the buyer empty. Source: createLegalDisclosure.
    """

    operation: ClassVar[str] = "createLegalDisclosure"
    segment: ClassVar[str] = "legalDisclosure"

    attachments: tuple[AttachmentLike, ...] = attrs.field(
        converter=as_tuple, metadata=_limit(AttachmentLimit(1))
    )


@attrs.frozen(kw_only=True)
class NegativeFeedbackRemoval(Message):
    """Ask the buyer, once per order, to reconsider negative feedback after the problem is solved.

    It has no fields. Amazon took it out of its model on 2025-08-04; it can still be sent
    where an order offers it. Source: createNegativeFeedbackRemoval.
    """

    operation: ClassVar[str] = "createNegativeFeedbackRemoval"
    segment: ClassVar[str] = "negativeFeedbackRemoval"
    aliases: ClassVar[tuple[str, ...]] = ("updateFeedback",)
    withdrawn: ClassVar[str | None] = "2025-08-04"


@attrs.frozen(kw_only=True)
class ConfirmOrderDetails(Message):
    """Ask the buyer a question about the order before it is shipped.

    ``text``: 1 to 2,000 characters. Source: createConfirmOrderDetails.
    """

    operation: ClassVar[str] = "createConfirmOrderDetails"
    segment: ClassVar[str] = "confirmOrderDetails"

    text: Text = attrs.field(repr=size_only, metadata=_limit(TextLimit(2000)))


@attrs.frozen(kw_only=True)
class ConfirmServiceDetails(Message):
    """Arrange a service call with a Home Service customer, or gather what it needs.

    ``text``: 1 to 2,000 characters. Source: createConfirmServiceDetails.
    """

    operation: ClassVar[str] = "createConfirmServiceDetails"
    segment: ClassVar[str] = "confirmServiceDetails"

    text: Text = attrs.field(repr=size_only, metadata=_limit(TextLimit(2000)))


@attrs.frozen(kw_only=True)
class AmazonMotors(Message):
    """Send the buyer documents about an Amazon Motors order; for Amazon Motors sellers only.

    ``attachments``: 1 to 5; the reference states no minimum, but without a document the
    message would reach the buyer empty. Amazon took it out of its model on 2026-01-30; it can
    still be sent where an order offers it. Source: CreateAmazonMotors.
    """

    operation: ClassVar[str] = "CreateAmazonMotors"
    segment: ClassVar[str] = "amazonMotors"
    withdrawn: ClassVar[str | None] = "2026-01-30"

    attachments: tuple[AttachmentLike, ...] = attrs.field(
        converter=as_tuple, metadata=_limit(AttachmentLimit(1))
    )


@attrs.frozen(kw_only=True)
class Warranty(Message):
    """Send the buyer the warranty of a purchase.

    ``attachments``: 1 to 5; ``coverage_start_date`` and ``coverage_end_date``: aware
    datetimes, both optional, the end not before the start. Source: CreateWarranty.
    """

    operation: ClassVar[str] = "CreateWarranty"
    segment: ClassVar[str] = "warranty"

    attachments: tuple[AttachmentLike, ...] = attrs.field(
        converter=as_tuple, metadata=_limit(AttachmentLimit(1))
    )
    coverage_start_date: datetime | None = attrs.field(
        default=None, metadata=_limit(_COVERAGE_START)
    )
    coverage_end_date: datetime | None = attrs.field(default=None, metadata=_limit(_COVERAGE_END))

    def _faults(self) -> Iterator[str]:
        yield from super()._faults()
        start, end = self.coverage_start_date, self.coverage_end_date
        if start is None or end is None:
            return
        right = not any((*_COVERAGE_START.faults(start), *_COVERAGE_END.faults(end)))
        if right and end < start:
            yield "coverage_end_date is before coverage_start_date"


@attrs.frozen(kw_only=True)
class DigitalAccessKey(Message):
    """Share a digital access key that the buyer needs for digital content.

    ``text``: 1 to 400 characters; ``attachments``: at most 5. One of them is needed.
    Source: createDigitalAccessKey.
    """

    operation: ClassVar[str] = "createDigitalAccessKey"
    segment: ClassVar[str] = "digitalAccessKey"

    text: Text | None = attrs.field(default=None, repr=size_only, metadata=_limit(TextLimit(400)))
    attachments: tuple[AttachmentLike, ...] = attrs.field(
        default=(), converter=as_tuple, metadata=_limit(AttachmentLimit(0))
    )


@attrs.frozen(kw_only=True)
class UnexpectedProblem(Message):
    """Tell the buyer that an unexpected problem affects the completion of the order.

    ``text``: 1 to 2,000 characters. Source: createUnexpectedProblem.
    """

    operation: ClassVar[str] = "createUnexpectedProblem"
    segment: ClassVar[str] = "unexpectedProblem"

    text: Text = attrs.field(repr=size_only, metadata=_limit(TextLimit(2000)))


@attrs.frozen(kw_only=True)
class Invoice(Message):
    """Send the buyer an invoice. ``attachments``: 1 to 5. Source: sendInvoice."""

    operation: ClassVar[str] = "sendInvoice"
    segment: ClassVar[str] = "invoice"

    attachments: tuple[AttachmentLike, ...] = attrs.field(
        converter=as_tuple, metadata=_limit(AttachmentLimit(1))
    )


MESSAGE_TYPES: tuple[type[Message], ...] = (
    ConfirmCustomizationDetails,
    ConfirmDeliveryDetails,
    LegalDisclosure,
    NegativeFeedbackRemoval,
    ConfirmOrderDetails,
    ConfirmServiceDetails,
    AmazonMotors,
    Warranty,
    DigitalAccessKey,
    UnexpectedProblem,
    Invoice,
)
