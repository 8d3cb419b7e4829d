"""By what a job is known again: this order, this action.

People mend a typo, save a file with other line ends, add a column or rename the file, and run it
again. None of that makes another message of it, so neither the content nor the seller is part of
a job's identity; order ids are Amazon-wide, so the marketplace is not either. A ``key`` that was
given tells several messages of one action to one order apart. The content's digest stands beside
the identity, so that a change is seen and said.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

import attrs

from spapi_messaging.bulk.job import Job
from spapi_messaging.bulk.journal import Entry
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.messages import Attachment, File, LocalizedText, Message, attachment_name

Once: TypeAlias = Literal["action", "order", "content"]

MAX_KEY = 500
"""Characters of a key: what every store can hold and find."""
_OLD_KEY = re.compile(r"[0-9a-f]{32}")
"""How version 2 of the journal named a job without a key: by a hash of seller and content."""
_FINAL_THEN_AND_NOW = (
    *("BadRequestError", "ActionNotPermittedError", "NotFoundError"),
    *("PayloadTooLargeError", "UnsupportedMediaTypeError"),
)
"""Of what version 2 has as refused, the reasons that still are final."""
_RANK = {"not sent": 0, "refused": 1, "sending": 2, "sent": 3}


@attrs.frozen(kw_only=True)
class Identity:
    """What a job is known by. ``content``: a digest of its message, normalised."""

    key: str
    is_given: bool
    """Whether the key is the job's own, and not made of its order."""
    order_id: str
    operation: str
    content: str
    once: Once

    @classmethod
    def of(cls, job: Job, once: Once = "action") -> "Identity":
        """Say what a job is known by; raises InvalidMessageError if no journal could hold it."""
        order_id, operation, content = job.order_id, job.message.operation, digest(job.rendered)
        faults = list(_faults(job))
        if faults:
            subject = "the job"
            raise InvalidMessageError(subject, tuple(faults), str(order_id)[:MAX_KEY] or None)
        return cls(
            key=_default_key(order_id, operation, content, once) if job.key is None else job.key,
            is_given=job.key is not None,
            order_id=order_id,
            operation=operation,
            content=content,
            once=once,
        )

    def known_as(self, entries: Iterable[Entry]) -> Entry | None:
        """Choose, of a journal's entries, the one that says most about this job.

        Raises InvalidMessageError if the key is that of another order or operation.
        """
        known = None
        for entry in map(_as_now, entries):
            if entry.key == self.key and self.is_given:
                self._refuse_another(entry)
            elif not self._is_known_by(entry):
                continue
            if known is None or _RANK[entry.state] > _RANK[known.state]:
                known = entry
        return known

    def differs_from(self, entry: Entry) -> bool:
        """Say whether an entry is known to be of another content."""
        return entry.content is not None and entry.content != self.content

    def _refuse_another(self, entry: Entry) -> None:
        if (entry.order_id, entry.operation) != (self.order_id, self.operation):
            raise other_job_error(self, entry.order_id, entry.operation)

    def _is_known_by(self, entry: Entry) -> bool:
        if entry.order_id != self.order_id:
            return False
        if self.is_given:
            # What went out before anybody gave keys counts for each of them.
            same = entry.operation == self.operation and not _has_given_key(entry)
            return same and entry.state in {"sent", "sending"}
        if self.once == "order":
            return True
        if entry.operation != self.operation:
            return False
        return self.once == "action" or not self.differs_from(entry)


def other_job_error(identity: Identity, order_id: str, operation: str) -> InvalidMessageError:
    """Make the error for a key that two jobs have which are not the same."""
    fault = (
        f"its key {identity.key!r} is that of {operation} for order {order_id}: give each job "
        f"a key of its own, or none"
    )
    return InvalidMessageError(identity.operation, (fault,), identity.order_id)


def digest(message: Message) -> str:
    """Return a digest of what a message says and carries.

    Line ends, the form of accents and outer blanks make no difference. A file in memory counts by
    its content, a path by the name of the file: what a path leads to may be gone when a run is
    resumed.
    """
    content = [message.operation, *_parts(message)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


def _default_key(order_id: str, operation: str, content: str, once: Once) -> str:
    if once == "order":
        return f"{order_id}/*"
    return f"{order_id}/{operation}" + (f"/{content}" if once == "content" else "")


def _has_given_key(entry: Entry) -> bool:
    made = (f"{entry.order_id}/*", f"{entry.order_id}/{entry.operation}")
    is_made = entry.key in made or entry.key.startswith(f"{made[1]}/")
    return not (is_made or _OLD_KEY.fullmatch(entry.key))


def _as_now(entry: Entry) -> Entry:
    """Read an entry of version 2, whose refusals were final more often."""
    if entry.state != "refused" or entry.content is not None:
        return entry
    if (entry.reason or "").startswith(_FINAL_THEN_AND_NOW):
        return entry
    return attrs.evolve(entry, state="not sent")


def _faults(job: Job) -> Iterator[str]:
    given = (("order_id", job.order_id), ("key", job.key), ("seller", job.seller))
    for name, value in given:
        if value is None and name != "order_id":
            continue
        if not isinstance(value, str):
            yield f"its {name} is a {type(value).__name__}, not text"
        elif not value or len(value) > MAX_KEY:
            yield f"its {name} has {len(value)} characters; 1 to {MAX_KEY} are possible"
        elif not value.isprintable():
            yield f"its {name} has characters that do not print"


def _parts(message: Message) -> Iterator[list[str]]:
    for field in attrs.fields(type(message)):
        value = getattr(message, field.name)
        if isinstance(value, LocalizedText):
            # Of all languages: which one the buyer gets is known only when the buyer is asked.
            yield [field.name, str(value.default)]
            yield from (
                [language, _normal(text)] for language, text in sorted(value.variants.items())
            )
        elif field.name != "attachments":
            yield [field.name, _plain(value)]
    for item in message.attached:
        match item:
            case Attachment():
                yield ["uploaded", item.upload_destination_id, item.file_name]
            case File():
                yield ["file", item.name, hashlib.sha256(item.content).hexdigest()]
            case _:
                yield ["path", attachment_name(item)]


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return _normal(value) if isinstance(value, str) else str(value)


def _normal(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", lines).strip()
