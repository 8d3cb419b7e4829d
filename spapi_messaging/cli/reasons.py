"""Why messages were not sent, or would not be: equal reasons once, with number and first orders.

An error names its order, and a file perhaps after it; without these the reasons of ten thousand
orders are the few that a person can do something about.
"""

from collections.abc import Callable, Iterator

import attrs

from spapi_messaging.cli.words import told
from spapi_messaging.errors import ApiError, MessagingError
from spapi_messaging.redaction import clipped

_KINDS, _SHOWN = 200, 20
_ORDERS = 5
_LENGTH = 600
_ENDS = (" Nothing was sent.", " The message was not sent.")
"""What goes without saying."""


@attrs.define
class _Kind:
    whole: str
    """What one of them says, with its order."""
    count: int = 0
    first: list[tuple[int, str]] = attrs.field(factory=list)
    """The first orders of the file, with their jobs' numbers."""

    def add(self, number: int, order_id: str) -> None:
        self.count += 1
        if len(self.first) < _ORDERS or number < self.first[-1][0]:
            self.first = sorted([*self.first, (number, order_id)])[:_ORDERS]

    @property
    def orders(self) -> str:
        more = ", …" if self.count > len(self.first) else ""
        return f"{', '.join(dict.fromkeys(order for _, order in self.first))}{more}"


@attrs.define
class Reasons:
    """Collects reasons; after 200 kinds the others are counted only, and 20 are said."""

    _kinds: dict[str, _Kind] = attrs.field(factory=dict, init=False)
    count: int = attrs.field(default=0, init=False)

    def add(self, number: int, order_id: str, error: MessagingError) -> None:
        """Take that of the job of a number; they come in any order."""
        self.count += 1
        reason = in_general(error, order_id)
        if reason not in self._kinds and len(self._kinds) >= _KINDS:
            return
        kind = self._kinds.setdefault(reason, _Kind(clipped(told(error), _LENGTH)))
        kind.add(number, order_id)

    def lines(
        self, wrapped: Callable[[str, str], Iterator[str]], *, first_was_told: bool = False
    ) -> Iterator[str]:
        """Return what is to be said, the most frequent first; ``wrapped`` takes an indent.

        ``first_was_told``: the first of each has had a line of its own; what several orders have
        in common is said all the same.
        """
        told = 0
        in_order = sorted(self._kinds.items(), key=lambda item: -item[1].count)
        for reason, kind in in_order[:_SHOWN]:
            told += kind.count
            if first_was_told and kind.count == 1:
                continue
            if kind.count == 1:
                yield from wrapped(f"  {kind.whole}", "    ")
                continue
            yield from wrapped(f"  {kind.count}: {reason}", "    ")
            yield from wrapped(f"    {kind.orders}", "    ")
        if self.count > told:
            yield f"  … and {self.count - told} more, for other reasons"


def in_general(error: MessagingError, order_id: str) -> str:
    """Return what an error says, whatever order it is of."""
    text = told(error)
    if isinstance(error, ApiError) and error.request_id:
        text = text.replace(f", request id {error.request_id}", "")
    text = text.removeprefix(f"Order {order_id}: ")
    if text.startswith(f"Order {order_id} "):
        text = f"The order{text.removeprefix(f'Order {order_id}')}"
    for end in _ENDS:
        text = text.removesuffix(end)
    return clipped(text.replace(order_id, "…"), _LENGTH)
