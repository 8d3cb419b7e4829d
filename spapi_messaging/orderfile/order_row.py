"""What a row of a file is: of an order, left out for a reason that is no fault, or at fault."""

from collections import Counter
from collections.abc import Mapping
from typing import TypeAlias

import attrs

from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.redaction import names_only

MAX_REASONS = 20
OTHER_REASONS = "other reasons"


@attrs.frozen
class OrderRow:
    """What a row says of an order: its cells by the plain names of their columns.

    Cells have no outer blanks, and an empty one is absent.
    """

    line: int
    order_id: str
    marketplace: Marketplace | None
    fields: Mapping[str, str] = attrs.field(repr=names_only)


@attrs.frozen
class LeftOut:
    """Why a row is no order that a message could go to; it is counted and no fault."""

    reason: str


@attrs.frozen
class RowFault:
    """What is wrong with a row, in a sentence; ``order_id`` where it is known all the same."""

    reason: str
    order_id: str | None = None


Read: TypeAlias = OrderRow | LeftOut | RowFault


def count_left_out(counts: Counter[str], reason: str) -> None:
    """Count a row that is left out: a reason may name a cell, so only the first 20 are kept."""
    is_kept = reason in counts or len(counts) < MAX_REASONS
    counts[reason if is_kept else OTHER_REASONS] += 1
