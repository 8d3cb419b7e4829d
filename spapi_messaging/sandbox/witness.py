"""What a test asks the sandbox afterwards: what came, and what was accepted."""

from collections.abc import Mapping

from spapi_messaging.sandbox import validation
from spapi_messaging.sandbox.api.backend import Backend
from spapi_messaging.sandbox.api.names import UNKNOWN
from spapi_messaging.sandbox.api.records import AcceptedMessage, RequestRecord
from spapi_messaging.sandbox.validation import WrongValueError


class Witness:
    """What happened to a sandbox.

    What is asked by a name that means nothing is a ValueError: that nothing is found under it
    would prove nothing.
    """

    backend: Backend

    def operation(self, name: str, where: str = "operation") -> str:
        """Return the operation that a name means here, or raise a ValueError that lists all."""
        try:
            return validation.operation(name, where)
        except WrongValueError:
            orders = self.backend.orders.values()
            custom = {action for order in orders for action in order.custom if order.adds(action)}
            return validation.operation(name, where, sorted(custom))

    @property
    def requests(self) -> list[RequestRecord]:
        """The newest requests that arrived complete, oldest first."""
        return self.backend.log.requests

    @property
    def leaks(self) -> list[str]:
        """Upload URLs that were given credentials."""
        return list(self.backend.uploads.leaks)

    @property
    def token_requests(self) -> int:
        """How many access tokens were asked for."""
        return self.backend.accounts.requests

    def messages(self, order_id: str | None = None) -> list[AcceptedMessage]:
        """Return the accepted messages, oldest first; duplicates stay visible."""
        if order_id is None:
            return list(self.backend.log.messages)
        order = self.backend.orders.get(validation.order_id(order_id, "order_id"))
        if order is not None:
            return list(order.messages)
        return [item for item in self.backend.log.messages if item.order_id == order_id]

    def count(self, order_id: str | None = None, operation: str | None = None) -> int:
        """Count the requests that arrived, for an order and an operation or for all."""
        if operation not in {None, UNKNOWN}:
            operation = self.operation(operation)
        if order_id is not None:
            validation.order_id(order_id, "order_id")
        order = self.backend.orders.get(order_id or "")
        if order is not None:
            counts: Mapping[str, int] = order.requests
        elif order_id is None:
            counts = self.backend.log.counts
        else:
            return sum(
                record.order_id == order_id and operation in {None, record.operation}
                for record in self.backend.log.requests
            )
        return sum(counts.values()) if operation is None else counts.get(operation, 0)

    def throttled(self, operation: str | None = None) -> int:
        """Count the requests that were answered 429 for their quota."""
        throttled = self.backend.quotas.throttled
        return throttled.total() if operation is None else throttled[self.operation(operation)]
