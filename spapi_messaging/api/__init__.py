"""Amazon's API as data: its operations, the bodies that go out, the answers that come back."""

from spapi_messaging.api import wire
from spapi_messaging.api.endpoint import Endpoint
from spapi_messaging.api.offered import OfferedAction, OfferedActions
from spapi_messaging.api.operations import (
    ATTRIBUTES,
    DISCOVERY,
    OPERATIONS,
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
from spapi_messaging.api.wire import OrderAttributes

__all__ = [
    "ATTRIBUTES",
    "DISCOVERY",
    "OPERATIONS",
    "SCHEMA",
    "UPLOADS",
    "UPLOAD_DESTINATION",
    "ActionSchema",
    "Endpoint",
    "OfferedAction",
    "OfferedActions",
    "Operation",
    "OrderAttributes",
    "api_error",
    "attachment_from",
    "check_order_id",
    "message_from",
    "operation_of",
    "wire",
]
