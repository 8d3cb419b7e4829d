"""What the tests of tables share: a table from bytes, its rows, and the fault of a whole file."""

import io
from typing import Any

import pytest

from spapi_messaging.errors import OrderFileError
from spapi_messaging.orderfile.tables.rows import TableRow
from spapi_messaging.orderfile.tables.table import Table, open_table

ORDER = "305-1671087-0812628"
OTHER = "305-0000002-0000002"
MIB = 1_048_576


def opened(content: str | bytes, *, flat: bool = False, **options: Any) -> Table:
    """Open a table; ``flat`` says that a TAB file knows no quotes."""
    stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
    return open_table(stream, "orders.csv", is_flat=lambda _columns: flat, **options)


def rows_of(content: str | bytes, **options: Any) -> list[TableRow]:
    return list(opened(content, **options).rows())


def fault_of(content: str | bytes, **options: Any) -> str:
    """The one row of a table, which is at fault."""
    ((_line, fault),) = rows_of(content, **options)
    assert isinstance(fault, str)
    assert fault.isprintable()
    return fault


def file_fault(content: str | bytes, **options: Any) -> str:
    """Why a whole file is of no use."""
    with pytest.raises(OrderFileError) as caught:
        rows_of(content, **options)
    assert caught.value.subject == "orders.csv"
    return "; ".join(caught.value.faults)
