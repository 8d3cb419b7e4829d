"""What a message takes as an attachment: a path, a file in memory, or one that is uploaded.

A path is read when the message is sent, and by then the file may be another one: a program that
writes each order's invoice to the same path would send the last buyer's to all. So a path can
carry the state that its file was found in, and what has changed since is not sent.
"""

import os
from pathlib import PurePath

import attrs

from spapi_messaging.messages.filetypes import clean_name
from spapi_messaging.redaction import size_only


@attrs.frozen
class Attachment:
    """A file that is already uploaded: its upload destination's id and the name the buyer sees."""

    upload_destination_id: str
    file_name: str = attrs.field(converter=clean_name)


@attrs.frozen
class File:
    """A file to upload, from memory. ``name`` with its ending is what the buyer sees.

    Folders and control characters are taken out of the name.
    """

    content: bytes = attrs.field(repr=size_only)
    name: str = attrs.field(kw_only=True, converter=clean_name)


@attrs.frozen(kw_only=True)
class FileState:
    """What told a file apart from its other versions when it was looked at.

    Times are nanoseconds since the epoch. ``changed_at`` and ``inode`` are this machine's view,
    None where another one looked. ``digest``, base64 of the MD5 of the content, decides where it
    is known: times do not tell a version from one that was written in the same tick of a clock.
    """

    size: int
    modified_at: int
    changed_at: int | None = None
    inode: int | None = None
    digest: str | None = None

    def matches(self, now: "FileState") -> bool:
        """Say whether the file may be the one that it was; False is a proof that it is not."""
        if self.digest is not None and now.digest is not None:
            return self.digest == now.digest
        if self.size != now.size:
            return False
        if self.digest is not None:
            return True  # it is the content that counts, and it has yet to be read
        mine, theirs = (self.changed_at, self.inode), (now.changed_at, now.inode)
        same = all(None in pair or pair[0] == pair[1] for pair in zip(mine, theirs, strict=True))
        return same and _is_same_moment(self.modified_at, now.modified_at)


def _is_same_moment(one: int, other: int) -> bool:
    """Compare two times as finely as the coarser of two file systems tells them."""
    units = (10**9, 10**6, 10**3, 10**2, 1)
    unit = next(unit for unit in units if not one % unit or not other % unit)
    return one // unit == other // unit


@attrs.frozen(eq=False)
class CheckedPath(os.PathLike[str]):
    """A path with the state that its file had when it was checked; it says what the path says."""

    path: PurePath = attrs.field(converter=PurePath)
    state: FileState = attrs.field(repr=False)

    def __fspath__(self) -> str:
        return str(self.path)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, os.PathLike):
            return NotImplemented
        return self.path == PurePath(other)

    def __hash__(self) -> int:
        return hash(self.path)


AttachmentLike = Attachment | File | os.PathLike[str]
"""What a message takes as an attachment; a path is read when the message is sent."""


def attachment_name(attachment: AttachmentLike) -> str:
    """Return the file name that the buyer will see."""
    match attachment:
        case Attachment(file_name=name) | File(name=name):
            return name
        case _:
            return str(clean_name(PurePath(attachment).name))
