"""The names in a header: the one of the order's id, none of them twice.

A header that leaves open which column has the order's id is of no use: a wrong one is a message to
a stranger. The sentences show names, and never what may be a text.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from spapi_messaging.orderfile.names import name_key, nearest
from spapi_messaging.orderfile.order_id import clean_order_id, order_id_fault
from spapi_messaging.orderfile.report_kinds import every_order_id_column, order_id_columns
from spapi_messaging.redaction import name_or_size

_COLUMN = re.compile(r"(?!(?:\S+\s+){3}\S)[^\n\t\"<>@=;|]{1,40}")
"""What is shown as a column's name; four words may be a text, where a header is missing."""
_MAX_COLUMNS = 20


def check_twice(written: Sequence[str], names: Sequence[str]) -> None:
    """Raise ValueError for two columns of one name."""
    counts = Counter(name_key(name) for name in names if name)
    for key in (key for key, count in counts.items() if count > 1):
        spelled = [column for column in written if name_key(column) == key]
        if len(set(spelled)) == 1:
            raise ValueError(f"the header has {name_or_size(spelled[0], _COLUMN)} twice")
        both = " and ".join(name_or_size(each, _COLUMN) for each in dict.fromkeys(spelled))
        raise ValueError(f"the header has {both}, which are one name; rename one of them")


def order_id_at(written: Sequence[str]) -> int:
    """Return which column has the order's id; raises ValueError where that is not certain."""
    places = order_id_columns(written)
    if len(places) == 1:
        return places[0]
    if places:
        several = " and ".join(name_or_size(written[place], _COLUMN) for place in places)
        raise ValueError(
            f"the header has {several}, and either may be the order's id; call that one order_id"
        )
    if any(order_id_fault(clean_order_id(column)) is None for column in written):
        raise ValueError(
            "the header has no column order_id: the first line seems to be a row; put a line with "
            "the columns' names before it"
        )
    raise ValueError(f"the header has no column order_id{_meant(written)} ({_listed(written)})")


def other_ids_at(written: Sequence[str]) -> tuple[int, ...]:
    """Return which other columns may have an order's id, and are trusted less."""
    return tuple(every_order_id_column(written)[1:])


def _meant(written: Iterable[str]) -> str:
    others = ("merchant", "item", "purchaseorder", "date")
    likely = nearest("order_id", [c for c in written if not any(o in name_key(c) for o in others)])
    if likely is not None and _COLUMN.fullmatch(likely):
        return f"; did you mean {likely!r}?"
    return ", nor amazon-order-id, Order ID, Bestellnummer or the like"


def _listed(written: Sequence[str]) -> str:
    names = [name_or_size(column, _COLUMN) for column in written if column]
    more = f" and {len(names) - _MAX_COLUMNS} more" if len(names) > _MAX_COLUMNS else ""
    return f"its columns are {', '.join(names[:_MAX_COLUMNS])}{more}"
