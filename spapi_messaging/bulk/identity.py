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
from functools import lru_cache
from typing import Any, Literal, TypeAlias, get_args

import attrs

from spapi_messaging.bulk.job import Job
from spapi_messaging.bulk.journal import Entry
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.marketplaces import Marketplace
from spapi_messaging.messages import (
    Attachment,
    ChosenText,
    File,
    LocalizedText,
    Message,
    attachment_name,
)

Once: TypeAlias = Literal["action", "order", "content"]

MAX_KEY = 500
"""Characters of a key: what every store can hold; PostgreSQL's index takes some 2,700 bytes."""
_OLD_KEY = re.compile(r"[0-9a-f]{32}")
"""How version 2 of the journal named a job without a key: by a hash of seller and content."""
_DEFAULT_KEY = re.compile(
    r"(?P<order_id>(?:[0-9]{3}|D[0-9]{2})-[0-9]{7}-[0-9]{7})"
    r"/(?P<operation>[A-Za-z]+|\*)(?:/(?P<content>[0-9a-f]{32}))?"
)
"""How a job without a key is named."""
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
        given = None if job.key is None else _normal(job.key)
        identity = cls(
            key=_default_key(order_id, operation, content, once) if given is None else given,
            is_given=job.key is not None,
            order_id=order_id,
            operation=operation,
            content=content,
            once=once,
        )
        identity._refuse_key_of_another()
        return identity

    def _refuse_key_of_another(self) -> None:
        """Refuse a given key under which a job of another order, without a key, is written.

        Whichever of the two came last would take the other's place in a journal, and what had no
        entry any more would be sent again.
        """
        named = _DEFAULT_KEY.fullmatch(self.key) if self.is_given else None
        if named is None:
            return
        operation = self.operation if named["operation"] == "*" else named["operation"]
        other_content = self.once == "content" and named["content"] not in {None, self.content}
        if other_content or self.is_another(named["order_id"], operation):
            raise other_job_error(self, named["order_id"], operation)

    def known_as(self, entries: Iterable[Entry]) -> Entry | None:
        """Choose, of a journal's entries, the one that says most about this job.

        Raises InvalidMessageError if the key is that of another order or operation.
        """
        known = None
        for entry in map(_as_now, entries):
            if self.is_given and _normal(entry.key) == self.key:
                self._refuse_another(entry)
            elif not self._is_known_by(entry):
                continue
            if known is None or self._weight(entry) > self._weight(known):
                known = entry
        return known

    def key_beside(self, known: Entry | None) -> str:
        """Return the key to write under: that of a known entry, if it is this job's alone.

        So one job has one entry, and what is written of it takes the place of no other message's.
        """
        if known is None:
            return self.key
        if known.operation != self.operation:
            own = _default_key(self.order_id, self.operation, self.content, "action")
            return self.key if known.key != self.key else own
        is_of_many = (self.is_given and _normal(known.key) != self.key) or (
            # Version 2 may have several under hashes, of contents that nobody knows.
            self.once == "content" and known.content is None
        )
        return self.key if is_of_many else known.key

    def _weight(self, entry: Entry) -> tuple[bool, int]:
        """Weigh an entry: what is known of this very content says more than of another."""
        same = entry.state in {"sent", "sending"} and not self.differs_from(entry)
        return same, _RANK[entry.state]

    def differs_from(self, entry: Entry) -> bool:
        """Say whether an entry is known to be of another content."""
        return entry.content is not None and entry.content != self.content

    def _refuse_another(self, entry: Entry) -> None:
        if self.is_another(entry.order_id, entry.operation):
            raise other_job_error(self, entry.order_id, entry.operation)

    def is_another(self, order_id: str, operation: str) -> bool:
        """Say whether an order and operation are not what this job is known by."""
        same = operation == self.operation or self.once == "order"
        return order_id != self.order_id or not same

    def _is_known_by(self, entry: Entry) -> bool:
        if self.is_another(entry.order_id, entry.operation):
            return False
        if self.once == "order":
            return True
        # What went out before anybody gave keys counts for each of them.
        counts = entry.state in {"sent", "sending"} and not _has_given_key(entry)
        if self.is_given and not counts:
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
    resumed. Their order makes no difference. A text that was chosen is known by all languages.
    """
    text = getattr(message, "text", None)
    if isinstance(text, ChosenText):
        return text.known_as
    content = [message.operation, *_fields(message), *sorted(_files(message))]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


def _default_key(order_id: str, operation: str, content: str, once: Once) -> str:
    if once == "order":
        return f"{order_id}/*"
    return f"{order_id}/{operation}" + (f"/{content}" if once == "content" else "")


def _has_given_key(entry: Entry) -> bool:
    if entry.content is None:
        return not _OLD_KEY.fullmatch(entry.key)
    of_job = (entry.order_id, entry.operation, entry.content)
    return entry.key not in {_default_key(*of_job, once) for once in get_args(Once)}


def _as_now(entry: Entry) -> Entry:
    """Read an entry of version 2, whose refusals were final more often."""
    if entry.state != "refused" or entry.content is not None:
        return entry
    if (entry.reason or "").startswith(_FINAL_THEN_AND_NOW):
        return entry
    return attrs.evolve(entry, state="not sent")


def _faults(job: Job) -> Iterator[str]:
    marketplace: object = job.marketplace
    if marketplace is not None and not isinstance(marketplace, Marketplace):
        yield f"its marketplace is a {type(marketplace).__name__}, not a Marketplace"
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


def _fields(message: Message) -> Iterator[list[str]]:
    kind: Any = type(message)  # mypy takes no class with a hash of its own for hashable
    for name in _names_of(kind):
        value = getattr(message, name)
        if isinstance(value, LocalizedText):
            # Of all languages: which one the buyer gets is known only when the buyer is asked.
            yield [name, str(value.default)]
            yield from (
                [language, _normal(text)] for language, text in sorted(value.variants.items())
            )
        elif name != "attachments":
            yield [name, _plain(value)]


@lru_cache(maxsize=64)
def _names_of(kind: Any) -> tuple[str, ...]:
    """Return the fields of a message type, which each of its many messages has."""
    return tuple(field.name for field in attrs.fields(kind))


def _files(message: Message) -> Iterator[list[str]]:
    for item in message.attached:
        match item:
            case Attachment():
                yield ["uploaded", item.upload_destination_id, _normal(item.file_name)]
            case File():
                yield ["file", _normal(item.name), hashlib.sha256(item.content).hexdigest()]
            case _:
                yield ["path", _normal(attachment_name(item))]


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return _normal(value) if isinstance(value, str) else str(value)


def _normal(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", text).strip()
