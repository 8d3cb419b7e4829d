"""Files of messages: what they were when they were checked, and their bytes when they are sent.

The state of a file is noted when its job is made; what has changed by the time it is read is not
sent, since it may be another buyer's invoice. A file that was written within the last seconds is
read for that, too: its times do not tell it from one that is written in the same tick.

A file whose content is wrong is refused, once and for all. One that cannot be read now (a share
that is away, too many open files, no permission) says nothing against the message.
"""

import base64
import hashlib
import io
import logging
import os
import stat
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from threading import Lock
from typing import TypeVar

import attrs

from spapi_messaging.errors import InvalidMessageError, UploadError
from spapi_messaging.messages import (
    MAX_ATTACHMENT_BYTES,
    Attachment,
    AttachmentLike,
    CheckedPath,
    File,
    FileState,
    Message,
    attachment_name,
    content_faults,
    content_warnings,
    size_faults,
)
from spapi_messaging.redaction import printable

logger = logging.getLogger("spapi_messaging")

M = TypeVar("M", bound=Message)

YOUNG = 10.0
"""Seconds after a change for which a file's times prove little; FAT's clock ticks every two."""
_REMEMBERED = 256
_CHANGED = "was changed since it was checked; make its job again"


@attrs.define
class LoadedFile:
    """A file as it is uploaded; ``digest`` is base64 of the raw MD5 digest, as Amazon wants it."""

    name: str
    content: bytes = attrs.field(repr=False)
    digest: str

    @classmethod
    def of(cls, name: str, content: bytes) -> "LoadedFile":
        """Make one of its content."""
        return cls(name, content, _base64(hashlib.md5(content, usedforsecurity=False).digest()))

    def release(self) -> None:
        """Let go of the content: frames of an error may hold the file until they are collected."""
        self.content = b""


def with_file_states(message: M) -> M:
    """Return a message whose paths carry the state of their files, as far as they have one now.

    It asks the file system, and reads a file that was written within the last seconds. A file
    that is not there yet, or cannot be looked at, is left for the sending to judge.
    """
    if not message.attached:
        return message
    noted = tuple(map(with_state, message.attached))
    if all(item is was for item, was in zip(noted, message.attached, strict=True)):
        return message
    changes = {"attachments": noted}  # a field of all types that have any
    return attrs.evolve(message, **changes)


def with_state(item: AttachmentLike) -> AttachmentLike:
    """Return a path with the state of its file; everything else, and no file, as it is."""
    if not isinstance(item, os.PathLike) or isinstance(item, CheckedPath):
        return item
    try:
        found = os.stat(item)  # noqa: PTH116  # for each job, where a Path would double the cost
    except (OSError, ValueError):
        return item
    if not stat.S_ISREG(found.st_mode):
        return item
    state = _state(found)
    if found.st_size < MAX_ATTACHMENT_BYTES and _is_young(found):
        with suppress(OSError), Path(item).open("rb") as file:
            state = attrs.evolve(state, digest=_md5(file))
    return CheckedPath(item, state)


def _state(found: os.stat_result) -> FileState:
    return FileState(
        size=found.st_size,
        modified_at=found.st_mtime_ns,
        changed_at=found.st_ctime_ns,
        inode=found.st_ino,
    )


def _is_young(found: os.stat_result) -> bool:
    return time.time() - max(found.st_mtime, found.st_ctime) < YOUNG


def _md5(file: io.BufferedReader) -> str:
    new = partial(hashlib.md5, usedforsecurity=False)
    return _base64(hashlib.file_digest(file, new).digest())


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


@attrs.frozen
class _Found:
    """A file on disk as it was found; ``wanted`` is what it was when it was checked, if it was."""

    path: Path
    name: str
    wanted: FileState | None
    state: FileState

    def read(self, order_id: str) -> LoadedFile:
        """Read the file; raises InvalidMessageError if it changed, OSError if it cannot be read."""
        with self.path.open("rb") as file:
            before = _state(os.fstat(file.fileno()))
            # No more than was found, and one byte, which tells that it grew.
            content = file.read(self.state.size + 1)
            after = _state(os.fstat(file.fileno()))
        loaded = LoadedFile.of(self.name, content)
        is_whole = self.state == before == after and len(content) == self.state.size
        if not is_whole or not _is_as_checked(
            self.wanted, attrs.evolve(after, digest=loaded.digest)
        ):
            raise _invalid(order_id, f"attachment {self.name!r} {_CHANGED}")
        faults = tuple(content_faults(self.name, content))
        if faults:
            raise _invalid(order_id, *faults)
        return loaded


@attrs.frozen
class Survey:
    """The attachments of a message, looked at, of which the files are yet to be read."""

    order_id: str
    _items: Sequence[Attachment | File | _Found]

    @classmethod
    def of(cls, attachments: Sequence[AttachmentLike], order_id: str) -> "Survey":
        """Look at files; raises InvalidMessageError with every fault named, and UploadError."""
        faults: list[str] = []
        unreadable: list[UploadError] = []
        items: list[Attachment | File | _Found] = []
        for item in attachments:
            if not isinstance(item, os.PathLike):
                items.append(item)
                continue
            name = attachment_name(item)
            try:
                found = _look_at(item, name)
            except OSError as error:
                unreadable.append(_unreadable(name, order_id, error))
                continue
            if isinstance(found, str):
                faults.append(f"attachment {name!r} {found}")
            else:
                items.append(found)
        faults += size_faults(sum(map(_size, items)))
        if faults:
            raise _invalid(order_id, *faults)
        if unreadable:
            raise unreadable[0]
        return cls(order_id, items)

    @property
    def size(self) -> int:
        """How many bytes are to be read."""
        return sum(item.state.size for item in self._items if isinstance(item, _Found))

    def load(self) -> list[Attachment | LoadedFile]:
        """Read the files; raises InvalidMessageError for what changed meanwhile, UploadError."""
        loaded = [self._loaded(item) for item in self._items]
        for file in loaded:
            if isinstance(file, LoadedFile):
                for warning in content_warnings(file.name, file.content):
                    with _warning:  # files are loaded in several threads
                        _warn(warning)
        return loaded

    def _loaded(self, item: Attachment | File | _Found) -> Attachment | LoadedFile:
        if isinstance(item, Attachment):
            return item
        if isinstance(item, File):
            return LoadedFile.of(item.name, item.content)
        try:
            return item.read(self.order_id)
        except OSError as error:
            failure = _unreadable(item.name, self.order_id, error)
        raise failure


def _look_at(item: os.PathLike[str], name: str) -> _Found | str:
    """Look at a file, or say what is wrong with it; raises OSError."""
    path, wanted = Path(item), item.state if isinstance(item, CheckedPath) else None
    try:
        found = path.stat()
    except ValueError:  # a NUL or a lone surrogate
        return "has a path that no file can have"
    if not stat.S_ISREG(found.st_mode):
        return "is no file"
    state = _state(found)
    if not _is_as_checked(wanted, state):
        return _CHANGED
    return _Found(path, name, wanted, state) if state.size else "is empty"


def _is_as_checked(wanted: FileState | None, now: FileState) -> bool:
    return wanted is None or wanted.matches(now)


def _size(item: Attachment | File | _Found) -> int:
    if isinstance(item, _Found):
        return item.state.size
    return len(item.content) if isinstance(item, File) else 0


def _invalid(order_id: str, *faults: str) -> InvalidMessageError:
    return InvalidMessageError("the message", faults, order_id)


_warning = Lock()


@lru_cache(maxsize=_REMEMBERED)
def _warn(warning: str) -> None:
    """Log a warning about a file, once where all orders get it."""
    logger.warning("%s", printable(warning))


def _unreadable(name: str, order_id: str, error: OSError) -> UploadError:
    why = error.strerror or type(error).__name__
    return UploadError(order_id, name, f"it cannot be read: {why}")
