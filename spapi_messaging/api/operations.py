"""The operations of the Messaging API and the one of the Uploads API, as a table.

The eleven messages come from their classes; only what has no message class is written here.
Paths are those of the models messaging v1 and uploads 2020-11-01.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote

import attrs

from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.messages import MESSAGE_TYPES, Message

_ORDER_ID = re.compile(r"(?:[0-9]{3}|D[0-9]{2})-[0-9]{7}-[0-9]{7}")
ORDER_ID_FORM = "3-7-7 digits (of digital goods: D and 2-7-7 digits)"
"""What an order id is, in words."""
_ODD_ORDER_ID = re.compile(r"[A-Za-z0-9-]{1,64}")

UPLOADS = "/uploads/2020-11-01/uploadDestinations"


@attrs.frozen(kw_only=True)
class Operation:
    """One operation: its name in the model, and where it is."""

    name: str
    tail: str
    """What follows ``/messaging/v1/orders/{amazonOrderId}`` in its path."""
    message_type: type[Message] | None = None

    def path(self, order_id: str) -> str:
        """Return the operation's path for an order."""
        return f"{order_path(order_id)}{self.tail}"


DISCOVERY = Operation(name="getMessagingActionsForOrder", tail="")
ATTRIBUTES = Operation(name="GetAttributes", tail="/attributes")
SCHEMA = "getActionSchema"
"""Our name for the fetch of a linked schema, for which no model has an operation."""
UPLOAD_DESTINATION = "createUploadDestinationForResource"


def _message_operation(message_type: type[Message]) -> Operation:
    return Operation(
        name=message_type.operation,
        tail=f"/messages/{message_type.segment}",
        message_type=message_type,
    )


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        operation.name: operation
        for operation in (DISCOVERY, ATTRIBUTES, *map(_message_operation, MESSAGE_TYPES))
    }
)
"""All 13 operations of the Messaging API by their names in the model."""

_BY_ACTION_NAME: Mapping[str, Operation] = MappingProxyType(
    {
        name: OPERATIONS[message_type.operation]
        for message_type in MESSAGE_TYPES
        for name in (message_type.operation, message_type.segment, *message_type.aliases)
    }
    | dict.fromkeys((ATTRIBUTES.name, "attributes"), ATTRIBUTES)
)


ACTION_NAMES = frozenset(_BY_ACTION_NAME)
"""All names under which the documented operations are known to be offered."""

NAMES_OF: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        operation.name: frozenset(n for n, o in _BY_ACTION_NAME.items() if o is operation)
        for operation in OPERATIONS.values()
    }
)
"""Those of each operation, by its name in the model."""


def operation_of(action: str) -> Operation | None:
    """Find the operation behind an action's name, path segment or alias; None for a new one."""
    return _BY_ACTION_NAME.get(action)


def order_path(order_id: str) -> str:
    """Return the path of an order, which is also the path of its discovery."""
    quoted = order_id if _ODD_ORDER_ID.fullmatch(order_id) else quote(order_id, safe="")
    return f"/messaging/v1/orders/{quoted}"


def check_order_id(order_id: object, *, odd: bool = False) -> None:
    """Raise InvalidMessageError unless the id is 3-7-7 digits, or D and 2-7-7 digits.

    ``odd`` admits the static sandbox's ids, such as ``badOrderId``.
    """
    pattern, wanted = (
        (_ODD_ORDER_ID, "letters, digits and hyphens") if odd else (_ORDER_ID, ORDER_ID_FORM)
    )
    if not isinstance(order_id, str) or not pattern.fullmatch(order_id):
        raise InvalidMessageError("order id", (f"{order_id!r} is not {wanted}",))
