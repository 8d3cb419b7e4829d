"""What the sandbox's own API shows: messages, requests and the state, as JSON values.

Pages are cut from the newest end by sequence numbers, which are positions: finding a page costs
the same with 100,000 messages as with ten. An action goes by its path segment, the one name that
people know it by; a request has the name of its operation.
"""

import mimetypes
from collections.abc import Container, Iterable, Mapping, Sequence
from heapq import nlargest
from itertools import islice, takewhile
from typing import Any, Protocol, TypeVar

import attrs

from spapi_messaging.sandbox.api.orders import SandboxOrder, segment_of
from spapi_messaging.sandbox.api.quotas import Quotas
from spapi_messaging.sandbox.api.records import AcceptedAttachment, AcceptedMessage, RequestRecord
from spapi_messaging.sandbox.faults import Fault

MAX_GAUGES = 200
"""Buckets in a state: those that were used last."""
MAX_FAULTS_SHOWN = 100


class _Numbered(Protocol):
    @property
    def seq(self) -> int: ...


T = TypeVar("T", bound=_Numbered)


def message_view(message: AcceptedMessage) -> dict[str, Any]:
    """Show a message."""
    text = message.body.get("text")
    return {
        "seq": message.seq,
        "order_id": message.order_id,
        "action": segment_of(message.action),
        "operation": message.operation,
        "locale": message.locale,
        "at": message.received.isoformat(),
        "text": text if isinstance(text, str) else None,
        "body": message.body,
        "attachments": [
            _attachment_view(item, f"/__sandbox__/attachments/{message.seq}/{index}")
            for index, item in enumerate(message.attachments)
        ],
        "seller": message.seller,
        "request_id": message.request_id,
        "request": message.request_seq,
    } | _notes_view(message.notes)


def _notes_view(notes: tuple[str, ...]) -> dict[str, Any]:
    return {"notes": list(notes)} if notes else {}


def _attachment_view(attachment: AcceptedAttachment, url: str) -> dict[str, Any]:
    return {
        "name": attachment.name,
        "content_type": media_type(attachment),
        "size": attachment.upload.size if attachment.upload else None,
        "url": None if attachment.content is None else url,
    }


def media_type(attachment: AcceptedAttachment) -> str:
    """Return the media type that was announced for a file, or else the one of its name."""
    announced = attachment.upload.content_type if attachment.upload else None
    if announced:
        return announced.partition(";")[0].strip().lower()
    return mimetypes.guess_type(attachment.name)[0] or "application/octet-stream"


def request_view(record: RequestRecord) -> dict[str, Any]:
    """Show a request; its token stays out."""
    return {
        "seq": record.seq,
        "at": record.received.isoformat() if record.received else None,
        "method": record.method,
        "path": record.path,
        "operation": record.operation,
        "order_id": record.order_id,
        "status": record.status,
        "took": None if record.took is None else round(record.took, 6),
        "message": record.message_seq,
        "request_id": record.request_id,
        "seller": record.seller,
    } | _notes_view(record.notes)


def order_view(order: SandboxOrder) -> dict[str, Any]:
    """Show an order."""
    return {
        "order_id": order.order_id,
        "actions": [segment_of(name) for name in order.offered() if name != "attributes"],
        "closed": order.closed,
        "locale": order.locale,
        "marketplace": order.marketplace.name if order.marketplace else None,
        "messages": order.accepted,
    }


def fault_view(fault: Fault) -> dict[str, Any]:
    """Show a fault that is still to come."""
    shown = attrs.asdict(fault, filter=attrs.filters.exclude("played", "passed"))
    for name in ("body", "raw"):
        if isinstance(shown[name], bytes):
            shown[name] = shown[name].decode("latin-1")
    shown["headers"] = dict(fault.headers)
    return shown | {"left": fault.times - fault.played}


def quota_views(quotas: Quotas, now: float) -> list[dict[str, Any]]:
    """Show the buckets that were used last, with what is in them now."""
    buckets = quotas.buckets
    used = (
        nlargest(MAX_GAUGES, buckets, key=lambda key: buckets[key].updated)
        if len(buckets) > MAX_GAUGES
        else buckets
    )
    views = []
    for seller, operation in sorted(used):
        bucket, plan = buckets[seller, operation], quotas.plan(operation)
        views.append(
            {
                "seller": seller,
                "operation": operation,
                "rate": plan.rate if plan else None,
                "burst": plan.burst if plan else None,
                "tokens": round(bucket.left(plan, now), 2) if plan else None,
                "throttled": bucket.throttled,
            }
        )
    return views


def request_page(
    newest_first: Iterable[RequestRecord], *, after: int, before: int | None, limit: int
) -> tuple[list[RequestRecord], bool]:
    """Cut a page of requests between two numbers, and say whether there are older ones."""
    between = takewhile(lambda record: record.seq > after, newest_first)
    older = (record for record in between if before is None or record.seq < before)
    page = list(islice(older, limit + 1))
    return page[:limit], len(page) > limit


def page_of(
    kept: Sequence[T],
    *,
    after: int,
    before: int | None,
    limit: int,
    deleted: Container[int] = (),
) -> tuple[list[T], bool]:
    """Cut the newest ``limit`` between two numbers, and say whether there are older ones.

    The numbers of what is kept are consecutive; those that were deleted are passed over.
    """
    if not kept:
        return [], False
    first = kept[0].seq
    stop = len(kept) if before is None else min(len(kept), max(0, before - first))
    floor = min(stop, max(0, after + 1 - first))
    page: list[T] = []
    for index in range(stop - 1, floor - 1, -1):
        if first + index in deleted:
            continue
        if len(page) == limit:
            return page, True
        page.append(kept[index])
    return page, False


def latency_view(latency: float | tuple[float, float]) -> float | list[float]:
    """Show a latency."""
    return list(latency) if isinstance(latency, tuple) else latency


def faults_view(pending: Sequence[Fault]) -> list[Mapping[str, Any]]:
    """Show the next faults."""
    return [fault_view(fault) for fault in pending[:MAX_FAULTS_SHOWN]]
