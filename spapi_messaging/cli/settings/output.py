"""The file that a command writes: whole or not at all, and over no journal.

A journal is the only proof of what buyers have; no slip of ``--output`` may cost it. What is
written goes to a new file beside the old one, which it replaces at the end. Devices and pipes
cannot be replaced, and are written as they are.
"""

import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TextIO

import attrs

from spapi_messaging.bulk import SIDE_FILES, identity_of, is_journal, real_path
from spapi_messaging.cli.settings.ends import INVALID, fail

_SYSTEM = ("/dev/", "/proc/")
"""Where names stand for what is open already."""


@attrs.frozen
class Output:
    """A file that is being written; leaves the program if it cannot be."""

    path: Path
    file: IO[str]

    def write(self, text: str) -> int:
        """Write a text."""
        with _or_leave(self.path):
            return self.file.write(text)


def refuse_journals(path: Path | None, journal: Path | None) -> None:
    """Leave the program if a journal, or a file that belongs to one, would be written over.

    To be called before the journal is read: a file that is closed drops the locks of its reader.
    """
    own = [] if journal is None else _files(journal)
    if path is None:
        if _standard_output() in _identities(own):
            fail("standard output is the journal itself, or a file of it: give another", INVALID)
        return
    real = real_path(path)
    if real in own or identity_of(real) in _identities(own):
        fail(f"{path} is the journal itself, or a file of it: give another --output", INVALID)
    owners = [Path(str(real).removesuffix(end)) for end in SIDE_FILES if str(real).endswith(end)]
    if any(is_journal(file) for file in (real, *owners)):
        fail(f"{path} is a journal, or a file of one: give another --output", INVALID)


@contextmanager
def opened(path: Path | None) -> Iterator[TextIO | Output]:
    """Open what a command writes to: a file, or standard output."""
    if path is None or _is_stdout(path):
        yield sys.stdout
        return
    with _or_leave(path):
        is_direct = _is_direct(path)
    if is_direct:
        yield from _written(path, path)
        return
    real = real_path(path)
    with _or_leave(path):
        if real.exists() and not os.access(real, os.W_OK):
            raise PermissionError(0, "it is readonly for you")
    new = real.with_name(f".spapi-messaging-{secrets.token_hex(8)}")
    try:
        yield from _written(path, new)
        with _or_leave(path):
            with suppress(FileNotFoundError):
                new.chmod(stat.S_IMODE(real.stat().st_mode))
            new.replace(real)
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)


def _written(path: Path, place: Path) -> Iterator[Output]:
    with _or_leave(path):
        file = place.open("w", encoding="utf-8", newline="")
    try:
        yield Output(path, file)
    except BaseException:
        with suppress(OSError):
            file.close()
        raise
    with _or_leave(path):
        file.close()


@contextmanager
def _or_leave(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fail(f"{path}: {error.strerror}", INVALID)
    except ValueError:  # a NUL in its name
        fail(f"{path} is no file's name", INVALID)


def _files(journal: Path) -> list[Path]:
    real = real_path(journal)
    return [real, *(Path(f"{real}{ending}") for ending in SIDE_FILES)]


def _identities(files: list[Path]) -> set[tuple[int, int]]:
    return {found for file in files if (found := identity_of(file)) is not None}


def _is_direct(path: Path) -> bool:
    if str(path.absolute()).startswith(_SYSTEM):
        return True
    try:
        is_file = stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return False
    # A folder that takes no new file may have one that can be written.
    return not is_file or not os.access(real_path(path).parent, os.W_OK)


def _is_stdout(path: Path) -> bool:
    return str(path) == "/dev/stdout" or (
        _standard_output() is not None and identity_of(path) == _standard_output()
    )


def _standard_output() -> tuple[int, int] | None:
    with suppress(OSError, ValueError):
        found = os.fstat(sys.stdout.fileno())
        return found.st_dev, found.st_ino
    return None
