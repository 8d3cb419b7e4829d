"""The file that a command writes: whole or not at all, and over no journal.

A journal is the only proof of what buyers have; no slip of ``--output`` may cost it. What is
written goes to a new file beside the old one, which it replaces at the end. Devices and pipes
cannot be replaced, and are written as they are. What is private, since it holds buyers' texts, is
its owner's alone from its first byte on, and goes to nothing but a file.
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
from spapi_messaging.cli.journal_names import jobs_of
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

    def write_at_start(self, text: str) -> None:
        """Write a text over the beginning."""
        with _or_leave(self.path):
            self.file.seek(0)
            self.file.write(text)


def refuse_journals(path: Path | None, journal: Path | None, *, option: str = "--output") -> None:
    """Leave the program if a journal, or a file that belongs to one, would be written over.

    Or the file of its jobs, as when ``-o`` was given what the run was given.

    To be called before the journal is read: a file that is closed drops the locks of its reader.
    """
    own = [] if journal is None else _files(journal)
    other = f"give another {option}"
    if path is None:
        if _standard_output() in _identities(own):
            fail("standard output is the journal itself, or a file of it: give another", INVALID)
        return
    real = real_path(path)
    if real in own or identity_of(real) in _identities(own):
        fail(f"{path} is the journal itself, or a file of it: {other}", INVALID)
    if real in _jobs(journal):
        fail(f"{path} is the file whose messages the journal has: {other}", INVALID)
    owners = [Path(str(real).removesuffix(end)) for end in SIDE_FILES if str(real).endswith(end)]
    if any(is_journal(file) for file in (real, *owners)):
        fail(f"{path} is a journal, or a file of one: {other}", INVALID)


def output_of(path: Path | None) -> Path | None:
    """Return the file that is to be written; None is standard output, which is also called -."""
    return None if path is None or str(path) == "-" or _is_stdout(path) else path


@contextmanager
def opened(path: Path | None) -> Iterator[TextIO | Output]:
    """Open what a command writes to, of ``output_of``: a file, or standard output."""
    if path is None:
        yield sys.stdout
        return
    with _or_leave(path):
        is_direct = _is_direct(path)
    if is_direct:
        yield from _written(path, path)
    else:
        yield from _replaced(path)


@contextmanager
def opened_private(path: Path) -> Iterator[Output]:
    """Open a file for its owner alone, whoever could read what it takes the place of."""
    with _or_leave(path):
        if _is_direct(path):
            fail(f"{path} is no file that can be replaced; name one in a folder of yours", INVALID)
    yield from _replaced(path, mode=0o600)


def _replaced(path: Path, mode: int | None = None) -> Iterator[Output]:
    """Write beside a file and put it in its place at the end, with its mode unless one is given."""
    real = real_path(path)
    with _or_leave(path):
        if real.exists() and not os.access(real, os.W_OK):
            raise PermissionError(0, "it is readonly for you")
    new = real.with_name(f".spapi-messaging-{secrets.token_hex(8)}")
    try:
        yield from _written(path, new, mode)
        with _or_leave(path):
            if mode is None:
                with suppress(FileNotFoundError):
                    new.chmod(stat.S_IMODE(real.stat().st_mode))
            new.replace(real)
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)


def _written(path: Path, place: Path, mode: int | None = None) -> Iterator[Output]:
    with _or_leave(path):
        if mode is not None:
            os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
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


def _jobs(journal: Path | None) -> list[Path]:
    jobs = None if journal is None else jobs_of(journal)
    return [] if jobs is None else [real_path(jobs)]


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
