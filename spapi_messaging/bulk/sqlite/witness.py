"""What a journal's file itself knows of the log beside it, so that none is lost unseen.

SQLite commits into ``-wal`` beside the file and moves it into the file now and then. Whoever copies
or moves the file alone, or loses the end of the log, has a journal that opens without a word and
knows nothing of the last messages. So the file has a witness: one page that SQLite never writes
again, in which it is said after each commit how many commits there are. Each commit carries its
own number, under the name of the run that made it. A file that was in use when its process died is
opened only if the numbers in its log go on from what the file holds, up to what was promised.

The order of things, of which each may be the last: the witness says 'in use' before the first
commit is promised; a commit is promised when the witness has its number; the witness says
'checkpointing' while pages go from the log into the file, where a part of them proves nothing;
it says 'closed' when the file has all of them. A page of the witness reaches the disk with the
next checkpoint. After a power cut it may know less than the log, never more.
"""

import os
import sqlite3
import struct
import uuid
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path

import attrs

from spapi_messaging.bulk.sqlite.table import APPLICATION_ID, VERSION
from spapi_messaging.bulk.sqlite.wal import commits
from spapi_messaging.errors import JournalError

_SAID = struct.Struct(">B16sQQ")
_NUMBER = struct.Struct(">16sQ")
TABLES = (
    "CREATE TABLE IF NOT EXISTS witness (said BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS commits (number BLOB NOT NULL)",
)
NUMBER = "UPDATE commits SET number = ?"
NEWER = "it was written by a newer version of spapi-messaging"
_DAMAGED = "its page that says how it was left is damaged: bring it back from a copy"
_PAGE = "SELECT rootpage FROM sqlite_master WHERE name = 'witness'"


class Phase(IntEnum):
    """Where a file is between two closings."""

    CLOSED = 0
    OPENING = 1
    """Nothing is promised yet."""
    IN_USE = 2
    CHECKPOINTING = 3


@attrs.frozen(kw_only=True)
class Witness:
    """What the file says of itself."""

    phase: Phase = Phase.OPENING
    run: bytes = attrs.field(factory=lambda: uuid.uuid4().bytes)
    whole: int = 0
    """The commits of the run that are in the file, whatever becomes of the log."""
    promised: int = 0
    """The commits of the run that somebody relies on."""

    def packed(self) -> bytes:
        """Return it as the file has it."""
        said = _SAID.pack(self.phase, self.run, self.whole, self.promised)
        return said + zlib.crc32(said).to_bytes(4)

    @classmethod
    def unpacked(cls, packed: bytes) -> "Witness":
        """Read it; raises ValueError if it is none."""
        said, check = packed[: _SAID.size], packed[_SAID.size :]
        if len(said) < _SAID.size or zlib.crc32(said).to_bytes(4) != check:
            raise ValueError
        phase, run, whole, promised = _SAID.unpack(said)
        return cls(phase=Phase(phase), run=run, whole=whole, promised=promised)

    @property
    def is_open(self) -> bool:
        """Whether something was promised that may be in the log alone."""
        return self.phase in {Phase.IN_USE, Phase.CHECKPOINTING}

    def number(self, commit: int) -> bytes:
        """Return what a commit carries."""
        return _NUMBER.pack(self.run, commit)


def rows_of(witness: Witness) -> Iterator[tuple[str, tuple[bytes]]]:
    """Return the statements that write the rows of a new file."""
    yield "INSERT INTO witness VALUES (?)", (witness.packed(),)
    yield "INSERT INTO commits VALUES (?)", (witness.number(0),)


@attrs.frozen
class WitnessPlace:
    """Where in the open file the witness is: written there past SQLite, which never does.

    The descriptor is opened before SQLite opens the file, and closed after: to close it would
    drop the locks of this process (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """

    descriptor: int
    offset: int

    @classmethod
    def find(
        cls, path: Path, descriptor: int, database: sqlite3.Connection, witness: Witness
    ) -> "WitnessPlace":
        """Find the place of what is said."""
        size = database.execute("PRAGMA page_size").fetchone()[0]
        first = (database.execute(_PAGE).fetchone()[0] - 1) * size
        os.lseek(descriptor, first, os.SEEK_SET)
        offset = os.read(descriptor, size).find(witness.packed())
        if offset < 0:
            raise JournalError(str(path), _DAMAGED)
        return cls(descriptor, first + offset)

    def say(self, witness: Witness, *, durably: bool) -> None:
        """Write over what was said."""
        os.lseek(self.descriptor, self.offset, os.SEEK_SET)
        os.write(self.descriptor, witness.packed())
        if durably:
            os.fsync(self.descriptor)


def beside(path: Path, suffix: str) -> Path:
    """Return the name of a file that belongs to another."""
    return path.with_name(path.name + suffix)


def size_of(path: Path) -> int:
    """Return the size of a file, 0 if there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def without_log(path: Path) -> sqlite3.Connection:
    """Open the file as it is, whatever lies beside it, and write nothing."""
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)


def _half_moved(path: Path) -> sqlite3.Connection:
    """Open the file as it is, even if its first page already counts what the log still has."""
    database = without_log(path)
    database.execute("PRAGMA writable_schema = ON")
    return database


def witness_of(path: Path) -> Witness | None:
    """Read what the file says; None if it is older than the witness. Raises sqlite3.Error."""
    with closing(_half_moved(path)) as database:
        if database.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            return None
        if database.execute("PRAGMA user_version").fetchone()[0] > VERSION:
            raise JournalError(str(path), NEWER)
        if database.execute(_PAGE).fetchone() is None:
            return None
        row = database.execute("SELECT said FROM witness").fetchone()
    try:
        return Witness.unpacked(row[0])
    except (ValueError, TypeError):
        raise JournalError(str(path), _DAMAGED) from None


@attrs.frozen
class Log:
    """What of a run is proven to be in the log: the numbers of its first and last commit."""

    is_blank: bool
    first: int = 0
    last: int = 0

    @classmethod
    def read(cls, path: Path, run: bytes) -> "Log":
        """Read a log, which may be missing. A page takes some 0.1 ms."""
        numbers: list[int] = []
        is_blank = True
        with suppress(FileNotFoundError), path.open("rb") as log:
            for pages in commits(log):
                is_blank = False
                found = [page.find(run) for page in pages]
                numbers += [
                    _NUMBER.unpack_from(page, at)[1]
                    for page, at in zip(pages, found, strict=True)
                    if at >= 0
                ]
        return cls(is_blank, *([numbers[0], numbers[-1]] if numbers else []))

    @property
    def is_own(self) -> bool:
        """Whether it has something of the run."""
        return self.last > 0


def loss_of(path: Path, witness: Witness) -> str | None:
    """Say what is missing of a file that nobody has open; None if nothing is."""
    name = beside(path, "-wal").name
    log = Log.read(beside(path, "-wal"), witness.run)
    if witness.phase is Phase.OPENING:
        return None
    if log.is_blank:
        if witness.phase is Phase.CLOSED:
            return None
        # A program that looks in moves the log into the file when it leaves.
        if witness.phase is Phase.IN_USE and _number_in(path, witness) >= witness.promised:
            return None
        exists = beside(path, "-wal").exists()
        fault = f"{name} is {'empty or damaged' if exists else 'missing'}"
    elif not log.is_own:
        fault = f"{name} beside it is that of another journal"
    elif witness.phase is Phase.CLOSED or (
        log.first <= witness.whole + 1 and log.last >= witness.promised
    ):
        return None
    else:
        fault = f"{name} is damaged, or not as new as the file"
    return f"{fault}, and {_advice(path, name)}"


def last_commit(database: sqlite3.Connection, witness: Witness) -> int:
    """Return the number of the last commit that a connection sees."""
    number = database.execute("SELECT number FROM commits").fetchone()[0]
    run, commit = _NUMBER.unpack(number)
    return int(commit) if run == witness.run else 0


def _number_in(path: Path, witness: Witness) -> int:
    """Return the number of the last commit that is in the file itself."""
    with closing(_half_moved(path)) as database:
        return last_commit(database, witness)


def _advice(path: Path, name: str) -> str:
    if path.stat().st_nlink > 1:
        return "the file has another name (a hard link), and its log is beside that: give that name"
    known = "some moment"
    with suppress(sqlite3.Error, ValueError, OverflowError), closing(_half_moved(path)) as database:
        last = database.execute("SELECT max(began_at) FROM jobs").fetchone()[0]
        known = "it began" if last is None else f"{datetime.fromtimestamp(last, UTC):%F %T} UTC"
    return (
        f"the run that had the file open was killed: without {name} nobody knows what was sent "
        f"after {known}. Bring {name} back from where the file was, and keep the two together. If "
        f"it is lost: export what there is, look the other orders up in Seller Central, and send "
        f"what neither of them has as sent with a new journal"
    )
