"""Asyncio client for Amazon's Selling Partner Messaging API.

A session asks an order which messages it permits, turns the HAL answer into callable
actions, and sends: as fast as the seller's quota allows, and no message twice.

The rooms, from the ground up; what a program names is here, at the top:

- ``errors``, ``redaction``, ``marketplaces``: what may go wrong, what may be shown, the regions
- ``hal``: documents and their links; ``messages``: what is said; ``quota``: how often
- ``api``: Amazon's operations, bodies and answers as data; ``content``: what a text may contain
- ``transport``: one request, with its token, its turn and its retries
- ``sending``: one message, with its files; ``order``: what an order offers, as callable actions
- ``bulk``: many messages, their outcomes and their journal
- ``orderfile``: orders from the files that people have
- ``session``, ``sellers``: the doors, for one seller and for many
- ``distributed``: many machines; ``cli``: the command line; ``sandbox``, ``testing``: to try it
"""

import importlib
import logging
import typing

from spapi_messaging.api import OrderAttributes
from spapi_messaging.errors import (
    AccessDeniedError,
    ActionDisabledError,
    ActionNotOfferedError,
    ActionNotPermittedError,
    AmbiguousLinkError,
    ApiError,
    AuthorizationError,
    BadRequestError,
    ClaimedError,
    DecodeError,
    HalError,
    InDoubtError,
    InvalidMessageError,
    JournalError,
    MessagingError,
    MissingRelError,
    NotFoundError,
    NotSentError,
    OrderFileError,
    PayloadTooLargeError,
    ServerError,
    TemplateError,
    ThrottledError,
    TokenRejectedError,
    UnsupportedMediaTypeError,
    UntrustedLinkError,
    UploadError,
)
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.messages import (
    AmazonMotors,
    Attachment,
    ConfirmCustomizationDetails,
    ConfirmDeliveryDetails,
    ConfirmOrderDetails,
    ConfirmServiceDetails,
    DigitalAccessKey,
    File,
    Invoice,
    LegalDisclosure,
    LocalizedText,
    Message,
    NegativeFeedbackRemoval,
    UnexpectedProblem,
    Warranty,
)
from spapi_messaging.order import Action, Actions, Order
from spapi_messaging.quota import Quota, RateLimits
from spapi_messaging.sending import Receipt
from spapi_messaging.session import MessagingSession
from spapi_messaging.transport import Credentials, RequestEvent

if typing.TYPE_CHECKING:
    from spapi_messaging.bulk import (
        Entry,
        InDoubt,
        Job,
        Journal,
        NotSent,
        Outcome,
        Refused,
        Sent,
        Skipped,
        SqliteJournal,
    )
    from spapi_messaging.content import check_text
    from spapi_messaging.orderfile import (
        FileOrder,
        OrderAttachments,
        OrderFile,
        order_jobs,
        read_orders,
    )
    from spapi_messaging.sellers import SellerPool
else:
    # A service that awaits one send needs none of these, and they take longer than all others.
    _BULK = ("Entry", "InDoubt", "Job", "Journal", "NotSent", "Outcome", "Refused", "Sent")
    _FILES = ("FileOrder", "OrderAttachments", "OrderFile", "order_jobs", "read_orders")
    _ROOM_OF = {
        **dict.fromkeys((*_BULK, "Skipped", "SqliteJournal"), "bulk"),
        **dict.fromkeys(_FILES, "orderfile"),
        "check_text": "content",
        "SellerPool": "sellers",
    }

    def __getattr__(name: str) -> object:
        """Load the rooms of many messages when one of their names is first asked for."""
        if name not in _ROOM_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"spapi_messaging.{_ROOM_OF[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        """List what is yet to be loaded, too."""
        return sorted({*globals(), *__all__})


# A program that wants the log configures it; without this, Python prints warnings on its own.
logging.getLogger(__name__).addHandler(logging.NullHandler())

__all__ = [
    "AccessDeniedError",
    "Action",
    "ActionDisabledError",
    "ActionNotOfferedError",
    "ActionNotPermittedError",
    "Actions",
    "AmazonMotors",
    "AmbiguousLinkError",
    "ApiError",
    "Attachment",
    "AuthorizationError",
    "BadRequestError",
    "ClaimedError",
    "ConfirmCustomizationDetails",
    "ConfirmDeliveryDetails",
    "ConfirmOrderDetails",
    "ConfirmServiceDetails",
    "Credentials",
    "DecodeError",
    "DigitalAccessKey",
    "Entry",
    "File",
    "FileOrder",
    "HalError",
    "InDoubt",
    "InDoubtError",
    "InvalidMessageError",
    "Invoice",
    "Job",
    "Journal",
    "JournalError",
    "LegalDisclosure",
    "LocalizedText",
    "Marketplace",
    "Message",
    "MessagingError",
    "MessagingSession",
    "MissingRelError",
    "NegativeFeedbackRemoval",
    "NotFoundError",
    "NotSent",
    "NotSentError",
    "Order",
    "OrderAttachments",
    "OrderAttributes",
    "OrderFile",
    "OrderFileError",
    "Outcome",
    "PayloadTooLargeError",
    "Quota",
    "RateLimits",
    "Receipt",
    "Refused",
    "RequestEvent",
    "SellerPool",
    "Sent",
    "ServerError",
    "Skipped",
    "SqliteJournal",
    "TemplateError",
    "ThrottledError",
    "TokenRejectedError",
    "UnexpectedProblem",
    "UnsupportedMediaTypeError",
    "UntrustedLinkError",
    "UploadError",
    "Warranty",
    "check_text",
    "order_jobs",
    "read_orders",
]
