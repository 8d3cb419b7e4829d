"""Asyncio client for Amazon's Selling Partner Messaging API.

A session asks an order which messages it permits, turns the HAL answer into callable
actions, and sends: as fast as the seller's quota allows, and no message twice.
"""

import logging

from spapi_messaging.bulk.job import Job
from spapi_messaging.bulk.journal import Entry, Journal
from spapi_messaging.bulk.outcomes import InDoubt, NotSent, Outcome, Refused, Sent, Skipped, Summary
from spapi_messaging.bulk.run import BulkRun
from spapi_messaging.bulk.sqlite_journal import SqliteJournal
from spapi_messaging.content.check import ContentWarning, check_text
from spapi_messaging.errors import (
    AccessDeniedError,
    ActionDisabledError,
    ActionNotOfferedError,
    ActionNotPermittedError,
    AmbiguousLinkError,
    ApiError,
    AuthorizationError,
    BadRequestError,
    DecodeError,
    HalError,
    InDoubtError,
    InvalidMessageError,
    JournalError,
    MessagingError,
    MissingRelError,
    NotFoundError,
    NotSentError,
    PayloadTooLargeError,
    ServerError,
    TemplateError,
    ThrottledError,
    TokenRejectedError,
    UnsupportedMediaTypeError,
    UntrustedLinkError,
    UploadError,
)
from spapi_messaging.marketplaces import Marketplace, Region
from spapi_messaging.messages.attachments import Attachment, File
from spapi_messaging.messages.message import (
    AmazonMotors,
    ConfirmCustomizationDetails,
    ConfirmDeliveryDetails,
    ConfirmOrderDetails,
    ConfirmServiceDetails,
    DigitalAccessKey,
    Invoice,
    LegalDisclosure,
    Message,
    NegativeFeedbackRemoval,
    UnexpectedProblem,
    Warranty,
)
from spapi_messaging.messages.text import LocalizedText
from spapi_messaging.order import Action, Order
from spapi_messaging.quota.limiter import RateLimits
from spapi_messaging.quota.plan import Quota
from spapi_messaging.sellers import SellerPool
from spapi_messaging.sending.outgoing import Receipt
from spapi_messaging.session import MessagingSession
from spapi_messaging.transport.auth import Credentials
from spapi_messaging.transport.transport import RequestEvent

# Who wants to see the log configures it; without this, Python prints warnings on its own.
logging.getLogger(__name__).addHandler(logging.NullHandler())

__all__ = [
    "AccessDeniedError",
    "Action",
    "ActionDisabledError",
    "ActionNotOfferedError",
    "ActionNotPermittedError",
    "AmazonMotors",
    "AmbiguousLinkError",
    "ApiError",
    "Attachment",
    "AuthorizationError",
    "BadRequestError",
    "BulkRun",
    "ConfirmCustomizationDetails",
    "ConfirmDeliveryDetails",
    "ConfirmOrderDetails",
    "ConfirmServiceDetails",
    "ContentWarning",
    "Credentials",
    "DecodeError",
    "DigitalAccessKey",
    "Entry",
    "File",
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
    "Outcome",
    "PayloadTooLargeError",
    "Quota",
    "RateLimits",
    "Receipt",
    "Refused",
    "Region",
    "RequestEvent",
    "SellerPool",
    "Sent",
    "ServerError",
    "Skipped",
    "SqliteJournal",
    "Summary",
    "TemplateError",
    "ThrottledError",
    "TokenRejectedError",
    "UnexpectedProblem",
    "UnsupportedMediaTypeError",
    "UntrustedLinkError",
    "UploadError",
    "Warranty",
    "check_text",
]
