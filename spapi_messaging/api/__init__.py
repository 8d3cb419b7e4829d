"""Amazon's API as data: its operations, the bodies that go out, the answers that come back."""

from spapi_messaging.api.acceptance import doubt_about, has_errors
from spapi_messaging.api.endpoint import Endpoint
from spapi_messaging.api.offered import OfferedAction, OfferedActions
from spapi_messaging.api.operations import (
    ATTRIBUTES,
    DISCOVERY,
    OPERATIONS,
    ORDER_ID_FORM,
    SCHEMA,
    UPLOAD_DESTINATION,
    UPLOADS,
    Operation,
    check_order_id,
    operation_of,
)
from spapi_messaging.api.plain_values import attachment_from, message_from
from spapi_messaging.api.refusals import api_error
from spapi_messaging.api.schema import ActionSchema
from spapi_messaging.api.wire import (
    AccessToken,
    OrderAttributes,
    UploadDestination,
    access_token,
    body_of,
    camel,
    decode_answer,
    encode,
    plain_body,
    structure,
    token_refusal,
    upload_destination,
)

__all__ = [
    "ATTRIBUTES",
    "DISCOVERY",
    "OPERATIONS",
    "ORDER_ID_FORM",
    "SCHEMA",
    "UPLOADS",
    "UPLOAD_DESTINATION",
    "AccessToken",
    "ActionSchema",
    "Endpoint",
    "OfferedAction",
    "OfferedActions",
    "Operation",
    "OrderAttributes",
    "UploadDestination",
    "access_token",
    "api_error",
    "attachment_from",
    "body_of",
    "camel",
    "check_order_id",
    "decode_answer",
    "doubt_about",
    "encode",
    "has_errors",
    "message_from",
    "operation_of",
    "plain_body",
    "structure",
    "token_refusal",
    "upload_destination",
]
