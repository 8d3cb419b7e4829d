"""What is said to buyers: message types, texts, attachments, and the limits of each."""

from spapi_messaging.messages.attachments import (
    Attachment,
    AttachmentLike,
    CheckedPath,
    File,
    FileState,
    attachment_name,
)
from spapi_messaging.messages.base import Message
from spapi_messaging.messages.constraints import (
    MAX_ATTACHMENT_BYTES,
    MAX_ATTACHMENTS,
    TextLimit,
    is_blank,
    size_faults,
)
from spapi_messaging.messages.filetypes import (
    CONTENT_TYPES,
    content_faults,
    content_type,
    content_warnings,
)
from spapi_messaging.messages.message import (
    MESSAGE_TYPES,
    AmazonMotors,
    ConfirmCustomizationDetails,
    ConfirmDeliveryDetails,
    ConfirmOrderDetails,
    ConfirmServiceDetails,
    DigitalAccessKey,
    Invoice,
    LegalDisclosure,
    NegativeFeedbackRemoval,
    UnexpectedProblem,
    Warranty,
)
from spapi_messaging.messages.signatures import HEAD, is_compound
from spapi_messaging.messages.text import (
    ChosenText,
    Fields,
    LiteralText,
    LocalizedText,
    Text,
    each,
    fields_of,
)

__all__ = [
    "CONTENT_TYPES",
    "HEAD",
    "MAX_ATTACHMENTS",
    "MAX_ATTACHMENT_BYTES",
    "MESSAGE_TYPES",
    "AmazonMotors",
    "Attachment",
    "AttachmentLike",
    "CheckedPath",
    "ChosenText",
    "ConfirmCustomizationDetails",
    "ConfirmDeliveryDetails",
    "ConfirmOrderDetails",
    "ConfirmServiceDetails",
    "DigitalAccessKey",
    "Fields",
    "File",
    "FileState",
    "Invoice",
    "LegalDisclosure",
    "LiteralText",
    "LocalizedText",
    "Message",
    "NegativeFeedbackRemoval",
    "Text",
    "TextLimit",
    "UnexpectedProblem",
    "Warranty",
    "attachment_name",
    "content_faults",
    "content_type",
    "content_warnings",
    "each",
    "fields_of",
    "is_blank",
    "is_compound",
    "size_faults",
]
