"""Jobs as they wait in the queue, and back: text that PostgreSQL stores and JSON reads.

A file counts three ways. A path is kept as a path, made absolute: the file has to be where the
worker runs when it runs, such as in a shared folder, and what it was when its job was made. A File
goes along, up to a megabyte for each message, since the queue keeps a copy for each. An Attachment
goes as its id; how long Amazon keeps what was uploaded and not used is not documented, so it is
for batches that run soon.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from spapi_messaging.bulk import MAX_KEY, Job
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.messages import (
    MESSAGE_TYPES,
    Attachment,
    AttachmentLike,
    CheckedPath,
    ChosenText,
    File,
    FileState,
    LiteralText,
    LocalizedText,
    each,
)

MAX_FILE_BYTES = 1_000_000
"""Of the files in memory of one message, together."""

_Packed: TypeAlias = dict[str, Any]
_KINDS = {kind.operation: kind for kind in MESSAGE_TYPES}
_APART = {"order_id", "message", "seller", "rendered"}


def pack(job: Job) -> str:
    """Write a job as JSON, without its seller; raises InvalidMessageError for what cannot wait."""
    faults = tuple(_faults(job))
    if faults:
        raise InvalidMessageError("the job", faults, job.order_id)
    message = {
        field.name: _packed(value)
        for field in attrs.fields(type(job.message))
        if (value := getattr(job.message, field.name)) is not None and value != ()
    }
    if job.rendered.attached:
        message["attachments"] = _packed(tuple(job.rendered.attached))
    packed: _Packed = {
        "order_id": job.order_id,
        "operation": job.message.operation,
        "message": message,
    }
    for field in attrs.fields(Job):
        value = getattr(job, field.name)
        if field.name not in _APART and value is not None:
            packed[field.name] = _packed(value)
    return json.dumps(packed, separators=(",", ":"))


def unpack(packed: Iterable[_Packed], *, seller: str) -> list[Job]:
    """Read the jobs of a batch; raises InvalidMessageError for a message that is invalid now."""
    return [_job(values, seller) for values in packed]


def _faults(job: Job) -> Iterator[str]:
    if job.seller is None:
        yield "it names no seller"
    if _KINDS.get(job.message.operation) is not type(job.message):
        yield f"{type(job.message).__name__} is no message type of this package"
    if job.key is not None and len(str(job.key)) > MAX_KEY:
        yield f"its key has {len(str(job.key))} characters; {MAX_KEY} are allowed"
    size = sum(len(item.content) for item in job.message.attached if isinstance(item, File))
    if size > MAX_FILE_BYTES:
        yield (
            f"its files have {size} bytes; in a queue {MAX_FILE_BYTES} are allowed: give paths "
            "that the workers can read"
        )


def _packed(value: Any) -> Any:
    match value:
        case Marketplace():
            return value.id
        case datetime():
            return value.isoformat()
        case LiteralText() | LocalizedText():
            return _packed_text(value)
        case tuple():
            return [_packed_attachment(item) for item in value]
        case Mapping():
            return dict(value)
        case _:
            return value


def _packed_text(text: LiteralText | LocalizedText) -> _Packed:
    if isinstance(text, LiteralText):
        return {"literal": str(text)}
    packed: _Packed = {
        "texts": {language: _packed(one) for language, one in each(text)},
        "default": text.default,
    }
    # What a journal knows of a text that was chosen of several goes along.
    return packed | {"known_as": text.known_as} if isinstance(text, ChosenText) else packed


def _packed_attachment(item: AttachmentLike) -> _Packed:
    match item:
        case Attachment():
            return {"id": item.upload_destination_id, "name": item.file_name}
        case File():
            return {"content": base64.b64encode(item.content).decode(), "name": item.name}
        case CheckedPath(path=path, state=state):
            # Times of changes and inodes are another machine's own.
            known = {"size": state.size, "modified_at": state.modified_at, "digest": state.digest}
            return _packed_attachment(Path(path)) | {"state": known}
        case _:
            # Not resolve(): a link is followed where the worker runs.
            return {"path": str(Path(item).absolute())}


def _job(packed: _Packed, seller: str) -> Job:
    values = dict(packed)
    fields = dict(values.pop("message"))
    for name in fields.keys() & {"coverage_start_date", "coverage_end_date"}:
        fields[name] = datetime.fromisoformat(fields[name])
    if "text" in fields:
        fields["text"] = _text(fields["text"])
    if "attachments" in fields:
        fields["attachments"] = tuple(map(_attachment, fields["attachments"]))
    message = _KINDS[values.pop("operation")](**fields)
    if "marketplace" in values:
        values["marketplace"] = Marketplace(values["marketplace"])
    return Job(values.pop("order_id"), message, seller=seller, **values)


def _text(packed: Any) -> Any:
    if not isinstance(packed, dict):
        return packed
    if "literal" in packed:
        return LiteralText(packed["literal"])
    texts = {language: _text(one) for language, one in packed["texts"].items()}
    if "known_as" in packed:
        return ChosenText(texts, default=packed["default"], known_as=packed["known_as"])
    return LocalizedText(texts, default=packed["default"])


def _attachment(packed: _Packed) -> AttachmentLike:
    if "state" in packed:
        return CheckedPath(Path(packed["path"]), FileState(**packed["state"]))
    if "path" in packed:
        return Path(packed["path"])
    if "id" in packed:
        return Attachment(packed["id"], packed["name"])
    return File(base64.b64decode(packed["content"]), name=packed["name"])
