"""Files read as the sending reads them, and nothing done with them: for what comes before it.

A rehearsal that did not read them would promise messages whose files are gone, too large or no
longer what they were; and a plan names files by what is in them, since a name proves nothing.
"""

import asyncio
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import attrs

from spapi_messaging.messages import (
    MAX_ATTACHMENT_BYTES,
    Attachment,
    AttachmentLike,
    CheckedPath,
    File,
    FileState,
)
from spapi_messaging.sending.byte_gate import byte_gate
from spapi_messaging.sending.files import LoadedFile, Survey


@attrs.frozen(kw_only=True)
class FileSeen:
    """A file as it was read: the name that the buyer sees, and what is in it.

    ``sha256``: in hexadecimal digits.
    """

    name: str
    size: int
    sha256: str


async def look_closely(
    attachments: Sequence[AttachmentLike], order_id: str
) -> list[FileSeen | Attachment]:
    """Read the files of a message, one after the other in the memory that all have together.

    Raises what the sending raises before it uploads: InvalidMessageError and UploadError.
    """
    if not any(isinstance(item, File | os.PathLike) for item in attachments):
        return [item for item in attachments if isinstance(item, Attachment)]
    survey = await asyncio.to_thread(Survey.of, attachments, order_id)
    async with byte_gate().holding(survey.size):
        return await asyncio.to_thread(_seen, survey)


def _seen(survey: Survey) -> list[FileSeen | Attachment]:
    return [_seen_file(item) for item in survey.load()]


def _seen_file(item: Attachment | LoadedFile) -> FileSeen | Attachment:
    if isinstance(item, Attachment):
        return item
    digest = hashlib.sha256(item.content).hexdigest()
    return FileSeen(name=item.name, size=len(item.content), sha256=digest)


def checked_closely(path: Path) -> tuple[CheckedPath, str]:
    """Read a file: return it with a state that knows its content, and its SHA-256.

    Raises OSError for one that cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(MAX_ATTACHMENT_BYTES + 1)
        found = os.fstat(file.fileno())
    state = FileState(
        size=len(content),
        modified_at=found.st_mtime_ns,
        digest=LoadedFile.of(path.name, content).digest,
    )
    return CheckedPath(path, state), hashlib.sha256(content).hexdigest()
