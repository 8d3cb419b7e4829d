"""From the orders of a file to jobs: one message for each order.

All of them are made once before the first is handed on, so that a run begins with a file that is
right as a whole, and not with its first thousand buyers.
"""

from collections.abc import Callable, Iterator

from spapi_messaging.bulk import Job
from spapi_messaging.errors import InvalidMessageError, OrderFileError
from spapi_messaging.messages import Message
from spapi_messaging.orderfile.faults import Faults
from spapi_messaging.orderfile.joining import ITEMS, FileOrder
from spapi_messaging.orderfile.order_file import OrderFile
from spapi_messaging.orderfile.templates import Template, template


def order_jobs(
    file: OrderFile,
    message: Message | Callable[[FileOrder], Message],
    *,
    seller: str | None = None,
    skip_invalid: bool = False,
) -> Iterator[Job]:
    """Return a job for each order of a file, to be sent by ``bulk``.

    ``message``: for all of them, its text filled with each order's fields (``$product_name``); or
    a function that makes one of an order, and may be called twice for it. Raises OrderFileError,
    which names all faults with their lines, if the file or a message has any; with
    ``skip_invalid`` those orders are left out instead, but for a record that may hold others.
    It reads all of the file and looks at each attachment, so an async service calls it in a
    thread; a job that is taken from the iterator reads what its own order needs once more.
    """
    faults = Faults()
    for order in file.orders():
        made = _made(file, order, message, seller)
        if isinstance(made, str):
            faults.add(order.lines[0], made)
    if skip_invalid and file.hiding is not None:
        what = f"what begins on line {file.hiding} may hold other rows, which would be lost"
        raise OrderFileError(file.name, (*file.fault_lines, what))
    if not skip_invalid and (file.fault_count or faults.count):
        raise OrderFileError(file.name, (*file.fault_lines, *faults.lines()))
    return _jobs(file, message, seller)


def _jobs(
    file: OrderFile, message: Message | Callable[[FileOrder], Message], seller: str | None
) -> Iterator[Job]:
    for order in file.orders():
        made = _made(file, order, message, seller)
        if isinstance(made, Job):
            yield made


def _made(
    file: OrderFile,
    order: FileOrder,
    message: Message | Callable[[FileOrder], Message],
    seller: str | None,
) -> Job | str:
    """Make the job of an order, or say what is wrong with it."""
    try:
        own = message if isinstance(message, Message) else message(order)
        text = own.text_or_none
        found = template(text, (*file.columns, ITEMS)) if text is not None else Template("")
        fields = found.values(order.fields, order.order_id)
        faults = [*found.faults, *found.open_fields(fields, order.differing)]
        if "marketplace" in order.differing:
            faults.append(f"marketplace: {order.differing['marketplace']}")
        if faults:
            return "; ".join(faults)
        return Job(
            order.order_id,
            own.with_text(found.text) if found.fields else own,
            marketplace=order.marketplace,
            seller=seller,
            fields=fields or None,
        )
    except InvalidMessageError as error:
        return "; ".join(error.faults)
