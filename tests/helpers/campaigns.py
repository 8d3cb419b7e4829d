"""What the tests of campaigns share: jobs of sellers, and entries of their journal."""

from typing import Any

import attrs

from spapi_messaging import (
    Job,
    UnexpectedProblem,
)
from spapi_messaging.bulk.journal import Entry

TEXT = "Dear buyer, your parcel is late."


def order_id(number: int) -> str:
    return f"904-{number:07}-0000000"


def job(number: int, seller: str = "shop-1", text: str = TEXT, **options: Any) -> Job:
    return Job(order_id(number), UnexpectedProblem(text=text), seller=seller, **options)


def entry(key: str, **changes: object) -> Entry:
    return attrs.evolve(
        Entry(
            key=key,
            seller="shop-1",
            marketplace="A1PA6795UKMFR9",
            order_id="903-1671087-0812628",
            operation="createUnexpectedProblem",
            state="sending",
            began_at=1_800_000_000.123456,
        ),
        **changes,
    )
