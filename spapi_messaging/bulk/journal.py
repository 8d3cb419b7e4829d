"""What a journal holds: an entry for each job, under a key by which the job is known again."""

import hashlib
import json
from collections.abc import Iterator
from typing import Literal, Protocol

import attrs

from spapi_messaging.bulk.job import Job
from spapi_messaging.messages import Attachment, File, LocalizedText, Message, attachment_name

State = Literal["sending", "sent", "refused", "not sent"]


@attrs.frozen(kw_only=True)
class Entry:
    """One job in a journal. Times are seconds since the epoch, by this machine's clock.

    ``reason`` is the class of the error and Amazon's code, never a text of the buyer's;
    ``language`` is the one that was chosen of a text in several.
    """

    key: str
    seller: str
    marketplace: str
    order_id: str
    operation: str
    state: State
    began_at: float
    ended_at: float | None = None
    request_id: str | None = None
    reason: str | None = None
    evidence: str | None = None
    language: str | None = None


class Journal(Protocol):
    """Where a bulk run writes what it does; another store can stand behind it.

    ``write`` returns when the entry would survive a crash, and raises JournalError if it
    would not: then the message is not sent. A store that several runs use at once lets one of
    them write 'sending', and raises ClaimedError to the others.
    """

    async def find(self, key: str, /) -> Entry | None:
        """Return the entry of a job, if there is one."""
        ...

    async def write(self, entry: Entry, /) -> None:
        """Write an entry over the job's last one, durably."""
        ...


def key_of(job: Job, *, seller: str, marketplace: str) -> str:
    """Return the job's own key, or one made of its seller, marketplace, order and content.

    A file in memory counts by its content, a path by the name of the file: what a path leads
    to may be gone or changed when a run is resumed, and the job is the same all the same.
    """
    if job.key is not None:
        return job.key
    content = [seller, marketplace, job.order_id, job.rendered.operation, *_content(job.rendered)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


def _content(message: Message) -> Iterator[list[str]]:
    for field in attrs.fields(type(message)):
        value = getattr(message, field.name)
        if isinstance(value, LocalizedText):
            # Of all languages: which one the buyer gets is known only when the buyer is asked.
            yield [field.name, str(value.default)]
            yield from ([language, text] for language, text in sorted(value.variants.items()))
        elif field.name != "attachments":
            yield [field.name, str(value)]
    for item in message.attached:
        match item:
            case Attachment():
                yield ["uploaded", item.upload_destination_id, item.file_name]
            case File():
                yield ["file", item.name, hashlib.sha256(item.content).hexdigest()]
            case _:
                yield ["path", attachment_name(item)]
