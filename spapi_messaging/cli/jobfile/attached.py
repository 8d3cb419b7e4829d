"""The attachments that a job file names: looked at when it is checked, and not when it is sent.

At the check a file that is missing, empty or of no type that Amazon takes is a fault of its line.
When the job is sent, the library looks again, and its outcome says what it finds then: a file that
has changed is not sent, and a share that is away by that time must not make a line of the job file
a fault that nobody reads.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from spapi_messaging.bulk import Job
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.messages import (
    CONTENT_TYPES,
    HEAD,
    MAX_ATTACHMENT_BYTES,
    MAX_ATTACHMENTS,
    Attachment,
    CheckedPath,
    content_faults,
    content_type,
    content_warnings,
    is_compound,
    size_faults,
)
from spapi_messaging.orderfile import OrderAttachments, json_kind

MAX_PATH = 4096
_LOOKED_AT = 1024
_NAMED = 200
_WARNINGS = 20
STAND_IN = Attachment("stand-in", "stand-in.txt")
"""Stands for an attachment that has its fault already, so that the rest can be judged."""


@attrs.frozen
class Seen:
    """What a path was when it was looked at."""

    path: Path | CheckedPath
    size: int = 0
    fault: str | None = None


Look: TypeAlias = Callable[[str], Seen]
_TOO_LONG = Seen(Path(), fault=f"is a path of more than {MAX_PATH} characters")


@attrs.define
class FileWarnings:
    """What is to be said of files that are sent nevertheless: the first 20, and how many more."""

    _lines: dict[str, None] = attrs.field(factory=dict, init=False)
    _more: int = attrs.field(default=0, init=False)

    def add(self, warnings: Iterable[str]) -> None:
        """Take what is to be said of a file; what has been said is not said again."""
        for warning in warnings:
            if len(self._lines) < _WARNINGS:
                self._lines.setdefault(warning)
            elif warning not in self._lines:
                self._more += 1

    def lines(self) -> Iterator[str]:
        """Return what is to be said."""
        yield from self._lines
        if self._more:
            yield f"… and {self._more} more such files"


def looking(folder: Path, warnings: FileWarnings | None = None) -> Look:
    """Look at files, whose relative paths start in a folder.

    Only the beginning of a file is read, unless its kind does not show there; what the last
    1,024 were is remembered.
    """
    told = FileWarnings() if warnings is None else warnings
    return lru_cache(maxsize=_LOOKED_AT)(lambda item: _look_at(folder, item, told))


def trusting(folder: Path, known: Callable[[Path], Path | CheckedPath]) -> Look:
    """Take the files for what they were when they were looked at; the library sends no other."""
    return lambda item: Seen(known(folder / item))


def unseen(job: Job) -> str | None:
    """Say whether a file could not be looked at any more when its job was made."""
    for number, item in enumerate(job.rendered.attached, start=1):
        if isinstance(item, os.PathLike) and not isinstance(item, CheckedPath):
            return f"attachment {number} was moved or deleted while it was looked at"
    return None


def attachments_of(items: Any, look: Look, faults: list[str]) -> list[Any]:
    """Return what a message takes as its attachments, and add to the faults."""
    if not isinstance(items, list):
        faults.append(f'attachments must be a list of paths, as ["a.pdf"], not {json_kind(items)}')
        return [STAND_IN]
    if len(items) > MAX_ATTACHMENTS:
        return [STAND_IN] * len(items)
    total, attachments = 0, []
    for number, item in enumerate(items, start=1):
        attachment: Any = item
        fault = None
        if isinstance(item, dict):
            fault = _object_fault(item)
        elif isinstance(item, str):
            seen = look(item) if len(item) <= MAX_PATH else _TOO_LONG
            attachment, fault = seen.path, seen.fault
            total += seen.size
        elif item is None or isinstance(item, bool | int | float | list):
            fault = f"must be a path in quotes, not {json_kind(item)}"
        if fault:
            faults.append(f"attachment {number} {fault}")
        attachments.append(STAND_IN if fault else attachment)
    faults += size_faults(total)
    return attachments


def _look_at(folder: Path, item: str, warnings: FileWarnings) -> Seen:
    path = folder / item
    if content_type(item) is None:
        return Seen(path, fault=f"is none of the types {' '.join(CONTENT_TYPES)}")
    name = repr(item if len(item) <= _NAMED else f"\u2026{item[-_NAMED:]}")
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return Seen(path, fault=f"({name}) is no file")
        with path.open("rb") as file:
            head = file.read(HEAD)
            if is_compound(head):
                head += file.read(MAX_ATTACHMENT_BYTES)
    except OSError as error:
        return Seen(path, fault=f"({name}): {error.strerror}")
    except ValueError:  # a NUL or a lone surrogate, which no file's name has
        return Seen(path, fault=f"({name}) is no path")
    warnings.add(content_warnings(path.name, head))
    fault = f"({name}) is empty" if not head else next(content_faults(path.name, head), None)
    return Seen(path, found.st_size, fault and fault.removeprefix("attachment "))


def _object_fault(item: dict[str, Any]) -> str | None:
    if item.keys() == {"uploadDestinationId", "fileName"}:
        is_right = all(isinstance(value, str) and value for value in item.values())
        return None if is_right else "must have strings as its uploadDestinationId and fileName"
    return "is an object with other names than uploadDestinationId and fileName"


@attrs.define(eq=False)
class ForOrders:
    """The files that patterns find for each order; each has to find exactly one."""

    _found: tuple[OrderAttachments, ...]

    @classmethod
    def find(cls, patterns: Sequence[str]) -> "ForOrders":
        """List the files; raises OrderFileError for a pattern that is of no use."""
        return cls(tuple(map(OrderAttachments.find, patterns)))

    def __bool__(self) -> bool:
        return bool(self._found)

    @property
    def names(self) -> Iterator[str]:
        """The fields of an order that the patterns use."""
        for one in self._found:
            yield from one.pattern.names

    def of(self, order_id: str, fields: Mapping[str, str], faults: list[str]) -> list[str]:
        """Return the paths of an order's files, and add to the faults."""
        paths = []
        for one in self._found:
            try:
                paths.append(str(one.of(order_id, fields).absolute()))
            except InvalidMessageError as error:
                faults += error.faults
        return paths

    def unused(self) -> Iterator[str]:
        """Say which files are of no order that was asked for."""
        for one in self._found:
            unused = one.unused()
            if unused.count:
                files = "file belongs" if unused.count == 1 else "files belong"
                more = ", …" if unused.count > len(unused.names) else ""
                yield f"{unused.count} {files} to no order: {', '.join(unused.names)}{more}"
