"""What spreadsheets and slips make of a job, told by what it looks like afterwards.

A spreadsheet takes what looks like a number or a date for one: ``4053…`` becomes ``4.05E+15``, and
keys that were different are equal. A buyer is to read of no order but the own.
"""

import re
from collections.abc import Iterator

from spapi_messaging.bulk import Job
from spapi_messaging.content import other_orders
from spapi_messaging.errors import OrderFileError
from spapi_messaging.messages import Text, attachment_name, each
from spapi_messaging.orderfile import cell_fault, error_fault, stray_fault
from spapi_messaging.redaction import name_or_size

_MAY_HAVE_ORDER = re.compile(r"\d{7}[^\w\s]\d{7}")
_NAME = re.compile(r"[\w.-]{1,40}", re.ASCII)
KEY = re.compile(r"[\w.,:/+#-]{1,60}")
"""What is shown of a key: what has blanks may be a text."""


def _may_be_spoilt(text: str) -> bool:
    """Say whether a text has what a spreadsheet's errors and numbers have; most have neither."""
    return "#" in text or "E+" in text


def spoilt(job: Job) -> Iterator[str]:
    """Return what of a job a spreadsheet has spoilt, beside its order id."""
    if job.key is not None and (fault := cell_fault(job.key)) is not None:
        yield f"key {name_or_size(job.key, KEY)}: {fault}"
    filled = job.rendered.text_or_none
    # All fields are in it.
    if not isinstance(filled, str) or _may_be_spoilt(filled):
        yield from _spoilt_texts(job)


def _spoilt_texts(job: Job) -> Iterator[str]:
    for name, value in (job.fields or {}).items():
        if (fault := cell_fault(value)) is not None:
            yield f"{name_or_size(name, _NAME)}: {fault}"
    for _, text in each(job.rendered.text_or_none or ""):
        if "#" in text and (fault := error_fault(text)) is not None:
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
    if text is None or (isinstance(text, str) and not _MAY_HAVE_ORDER.search(text)):
        return None
    for _, variant in each(text):
        for found in other_orders(variant, order_id):
            return variant[found.start : found.end]
    return None


def check_template(text: Text, *, may_name_orders: bool) -> None:
    """Raise OrderFileError for a template that is malformed, or names one order for all."""
    named = None if may_name_orders else named_order(text, "")
    fault = next(filter(None, (stray_fault(one) for _, one in each(text))), None)
    if fault is None and named is not None:
        fault = f"it names the order {named} for all buyers; write $order_id"
    if fault is not None:
        raise OrderFileError("the text template", (fault,))
