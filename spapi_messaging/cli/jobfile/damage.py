"""What spreadsheets and lost quotes make of a job file, told by what it looks like afterwards.

A spreadsheet takes what looks like a number or a date for one: ``4053…`` becomes ``4.05E+15``, and
keys that were different are equal. A quote that is not closed takes the rows below into its
cell: a buyer would read of another's order, and that order would get nothing.
"""

import re
from collections.abc import Iterator

from spapi_messaging.api import operation_of
from spapi_messaging.bulk import Job
from spapi_messaging.content import other_orders
from spapi_messaging.messages import Text, attachment_name, each
from spapi_messaging.redaction import name_or_size

_NUMBER = re.compile(r"[+-]?\d{1,3}([.,]\d{1,20})?E[+-]?\d{1,3}", re.ASCII | re.IGNORECASE)
_HURT = re.compile(r"[+-]?\d([.,]\d{1,20})?E\+\d\d", re.ASCII)
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}", re.ASCII)
_BARE = re.compile(r"\d{15,17}([.,]0{1,2})?", re.ASCII)
_ERROR = re.compile(r"#[A-Z\u00c4\u00d6\u00dc/0]{2,12}[!?]|#N/A|#NV|#{3,40}")
_ORDER_ID = re.compile(r"\d{3}-\d{7}-\d{7}", re.ASCII)
_NAME = re.compile(r"[\w.-]{1,40}", re.ASCII)
KEY = re.compile(r"[\w.,:/+#-]{1,60}")
"""What is shown of a key: what has blanks may be a text."""
_QUOTES = " \t\"'"
_AS_TEXT = "format the column as text"


class HiddenRows(str):
    """What is wrong with a record that may hold other rows: without them it cannot be skipped."""

    __slots__ = ()


def spreadsheet_fault(value: str) -> str | None:
    """Say what a spreadsheet has made of an order id, if that is how it looks."""
    if _NUMBER.fullmatch(value):
        return f"a spreadsheet has turned it into a number; {_AS_TEXT}"
    if _DATE.fullmatch(value):
        return f"a spreadsheet has turned it into a date; {_AS_TEXT}"
    if _BARE.fullmatch(value):
        return f"it has lost its hyphens, in a spreadsheet perhaps; {_AS_TEXT}"
    return error_fault(value)


def error_fault(value: object) -> str | None:
    """Say whether a cell holds a spreadsheet's error, such as #NAME?, and not its value."""
    is_error = isinstance(value, str) and _ERROR.fullmatch(value.strip())
    return "it is a spreadsheet's error, not a value" if is_error else None


def cell_fault(value: object) -> str | None:
    """Say what a spreadsheet has made of a key or a field: several may have become the same."""
    if isinstance(value, str) and _HURT.fullmatch(value):
        return f"a spreadsheet has turned it into a number; {_AS_TEXT}"
    return error_fault(value)


def spoilt(job: Job) -> Iterator[str]:
    """Return what of a job a spreadsheet has spoilt, beside its order id."""
    if (fault := cell_fault(job.key)) is not None:
        yield f"key {name_or_size(job.key, KEY)}: {fault}"
    for name, value in (job.fields or {}).items():
        if (fault := cell_fault(value)) is not None:
            yield f"{name_or_size(name, _NAME)}: {fault}"
    for _, text in each(job.rendered.text_or_none or ""):
        if (fault := error_fault(text)) is not None:
            yield f"text: {fault}"


def naming_others(job: Job) -> Iterator[str]:
    """Return where a buyer would read of another order: in a text, or in the name of a file."""
    named = named_order(job.rendered.text_or_none, job.order_id)
    if named is not None:
        yield f"its text names the order {named}, which is not this one"
    for number, item in enumerate(job.rendered.attached, start=1):
        named = named_order(attachment_name(item), job.order_id)
        if named is not None:
            yield f"attachment {number} is named after the order {named}, which is not this one"


def named_order(text: Text | None, order_id: str) -> str | None:
    """Return another order's id that a text names, in any of its languages."""
    for _, variant in each(text) if text is not None else ():
        for found in other_orders(variant, order_id):
            return variant[found.start : found.end]
    return None


def swallowed(row: list[str], delimiter: str, order_id: str) -> HiddenRows | None:
    """Say whether a cell over several lines seems to hold other rows; their text stays unsaid."""
    for number, cell in enumerate(row, start=1):
        lines = cell.splitlines()
        if len(lines) > 1 and any(_is_row(line, delimiter, order_id) for line in lines):
            return HiddenRows(
                f"cell {number} goes on over {len(lines)} lines, and one of them looks like "
                f"another row; is a quote not closed?"
            )
    return None


def _is_row(line: str, delimiter: str, order_id: str) -> bool:
    """Say whether a line begins with another order's id, or has cells as a row has."""
    start = line.strip(_QUOTES)
    if any(found.start == 0 for found in other_orders(start, order_id)):
        return True
    cells = [cell.strip(_QUOTES) for cell in line.split(delimiter)]
    return any(map(_ORDER_ID.fullmatch, cells)) and any(map(operation_of, cells))
