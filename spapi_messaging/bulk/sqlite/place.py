"""What is at a journal's path: a file, nothing, or what can be no journal; and who has it open."""

import errno
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

SIDE_FILES = ("-wal", "-shm", "-lock", "-journal", "-new")
"""What belongs to a journal, by the endings of the names."""

OPEN_ELSEWHERE = (
    "a run has it open by another name (a link or a mount), and its log is beside that name: give "
    "the name that the run was given"
)
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}
_held: set[tuple[int, int]] = set()
"""The files that this process has locked itself."""


def real_path(path: Path) -> Path:
    """Return the file's own name: its log and its lock are beside that, not beside a link."""
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):  # a NUL in it
        return path


def not_a_file(path: Path) -> str | None:
    """Say what there is in a file's place; None for a file, and where there is nothing."""
    if path == Path():
        return "it has no name, or is a folder: give the name of a file"
    try:
        kind = stat.S_IFMT(path.stat().st_mode)
    except ValueError:
        return "it is no file's name"
    except OSError as error:
        return "its name is too long" if error.errno == errno.ENAMETOOLONG else None
    return None if kind == stat.S_IFREG else f"it is {_KINDS.get(kind, 'something else')}, no file"


def identity_of(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from all others, by whatever name; None if there is none."""
    with suppress(OSError, ValueError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None


def note_held(descriptor: int) -> None:
    """Remember that this process has a file locked."""
    found = os.fstat(descriptor)
    _held.add((found.st_dev, found.st_ino))


def note_released(descriptor: int) -> None:
    """Forget what `note_held` remembered."""
    found = os.fstat(descriptor)
    _held.discard((found.st_dev, found.st_ino))


def is_held(path: Path) -> bool:
    """Say whether a run holds the lock that is on the file itself, by whatever name.

    A file that this process holds is not even opened: to close it would drop SQLite's locks
    (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    if sys.platform == "win32":
        return False
    if identity_of(path) in _held:
        return True
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without such locks
        return False
    finally:
        os.close(descriptor)
    return False
