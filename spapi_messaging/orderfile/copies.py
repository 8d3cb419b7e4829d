"""The copy of a file that is checked and sent from, whatever becomes of the file meanwhile.

A file that is saved, cut or lengthened while it is read, or while its jobs are sent, would send
what nobody has checked, or end in the middle. So all readings are of a copy, in a temporary file
without a name, which is gone with the process; and pipes cannot be read twice anyhow.
"""

import os
import re
import stat
import sys
import tempfile
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

import attrs

from spapi_messaging.errors import OrderFileError
from spapi_messaging.orderfile.names import nearest

_CHUNK = 65_536
_LOOKED_AT = 1000
_LOCK = re.compile(r"~\$(.+)|\.~lock\.(.+)#")

State = tuple[int, ...]


@attrs.frozen
class Copy:
    """A copy, and the state of the file that it was made of; None for a pipe."""

    stream: BinaryIO
    state: State | None

    @property
    def is_of_a_file(self) -> bool:
        """Whether it was made of a file, which can be read again."""
        return self.state is not None


def copy_of(path: Path | None, name: str) -> Copy:
    """Copy a file, or standard input without one; raises OrderFileError, also where it changes."""
    source = _stdin() if path is None else _opened(path, name)
    try:
        found = os.fstat(source.fileno()) if path is not None else None
        if found and not source.isatty() and _is_device(found.st_mode):
            raise OrderFileError(name, ("it is a device, which never ends",))
        before = _state(found) if found and stat.S_ISREG(found.st_mode) else None
        copy = _temporary()
        try:
            size = _fill(copy, source, name, before[2] if before else sys.maxsize)
            if before is not None:
                _refuse_changed(before, (_state(os.fstat(source.fileno())), size), name)
        except BaseException:
            copy.close()
            raise
    finally:
        if path is not None:
            source.close()
    return Copy(copy, before)


def state_of(path: Path) -> State | None:
    """Return the state of a file now; None where there is none."""
    try:
        return _state(path.stat())
    except (OSError, ValueError):
        return None


def no_room(fault: str) -> OrderFileError:
    """Make the error for a temporary folder that does not take what a check writes there."""
    try:
        where = tempfile.gettempdir()
    except OSError:
        where = "the temporary folder"
    why = f"a file is copied there before it is checked, and it takes no copy ({fault})"
    return OrderFileError(where, (f"{why}; make room there, or let TMPDIR name another folder",))


def _is_device(mode: int) -> bool:
    return stat.S_ISCHR(mode) or stat.S_ISBLK(mode)


def _refuse_changed(before: State, now: tuple[State, int], name: str) -> None:
    if now != (before, before[2]):
        fault = "it was changed while it was read; begin when whatever writes it is done"
        raise OrderFileError(name, (fault,))


def _fill(copy: BinaryIO, source: BinaryIO, name: str, most: int) -> int:
    """Copy what there is, but no more: whoever writes on might never be caught up with."""
    size = 0
    while True:
        try:
            chunk = source.read(min(_CHUNK, most - size))
        except OSError as error:
            raise OrderFileError(name, (error.strerror or type(error).__name__,)) from None
        try:
            copy.write(chunk)
            copy.flush()
        except OSError as error:
            raise no_room(error.strerror or type(error).__name__) from None
        if not chunk:
            return size
        size += len(chunk)


def _temporary() -> BinaryIO:
    try:
        return cast("BinaryIO", tempfile.TemporaryFile())
    except OSError as error:
        raise no_room(error.strerror or type(error).__name__) from None


def _stdin() -> BinaryIO:
    if sys.stdin is None:
        raise OrderFileError("standard input", ("it is closed",))
    return sys.stdin.buffer


def _opened(path: Path, name: str) -> BinaryIO:
    if path.is_dir():
        raise OrderFileError(name, ("it is a directory",))
    if (locked := _locked_by(path)) is not None:
        open_now = f"it is there because {locked} is open: give {locked} itself"
        raise OrderFileError(name, (open_now,))
    try:
        return path.open("rb")
    except OSError as error:
        fault = f"{error.strerror}{meant_instead(path)}"
    except ValueError:
        fault = "no file can have this name"
    raise OrderFileError(name, (fault or "it cannot be opened",))


def meant_instead(path: Path) -> str:
    """Say which file was likely meant by the name of one that is not there."""
    try:
        if path.exists():
            return ""
        names = [one.name for one in islice(path.parent.iterdir(), _LOOKED_AT) if one.is_file()]
    except (OSError, ValueError):
        return ""
    near = nearest(path.name, [name for name in names if name.isprintable()])
    return f"; did you mean {path.with_name(near)}?" if near else ""


def _locked_by(path: Path) -> str | None:
    """Return the name of the workbook that Excel or LibreOffice has put a lock file beside."""
    found = _LOCK.fullmatch(path.name)
    return (found[1] or found[2]) if found and found[0].isprintable() else None


def _state(found: os.stat_result) -> State:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
