"""Why an upload failed, in words that fit the cause and hold no URL.

Amazon's page for the Uploads API names the role Product Listing, a seller reports that Buyer
Communication was it; so a 403 there proves neither, and both are named. A 403 of the storage is
about the signature, the clock or the headers, and no role helps.
"""

import re

from spapi_messaging.errors import (
    AccessDeniedError,
    ApiError,
    DecodeError,
    MessagingError,
    NotSentError,
    UntrustedLinkError,
    UploadError,
)
from spapi_messaging.redaction import clipped
from spapi_messaging.sending.storage import OPERATION as STORAGE

_ROLES = (
    "Uploads need the role Product Listing or Buyer Communication, and Amazon does not say which: "
    "add both to the application and authorise it again"
)
# The words of others may quote what was asked of them, whole or from the path on.
_URL = re.compile(r"\S*(?:://|[?&][A-Za-z0-9-]+=)\S*")
MAX_WORDS = 300


def upload_error(order_id: str, file_name: str, error: MessagingError) -> UploadError:
    """Return the error of an upload, with what led to it as its cause if that holds no URL."""
    failure = UploadError(order_id, file_name, _fault(error))
    if not isinstance(error, UntrustedLinkError) and not _URL.search(repr(error)):
        failure.__cause__ = error
    return failure


def _fault(error: MessagingError) -> str:
    match error:
        case ApiError(operation=operation):
            said = ": ".join(part for part in (error.code, error.message) if part)
            who = "the storage" if operation == STORAGE else operation
            answered = f"{who} answered {error.status} ({_shown(said) or 'no error body'})"
            needs_role = isinstance(error, AccessDeniedError) and operation != STORAGE
            return f"{answered}. {_ROLES}" if needs_role else answered
        case NotSentError():
            return f"{error.operation} failed ({_shown(error.cause)})"
        case UntrustedLinkError():
            return f"its upload URL is refused: {_shown(error.fault)}"
        case DecodeError():
            return f"{error.operation} answered {_shown(error.fault)} at {_shown(error.path)}"
        case _:
            return type(error).__name__


def _shown(words: str) -> str:
    return clipped(_URL.sub("(URL)", words[: 2 * MAX_WORDS]), MAX_WORDS)
