"""A journal's file for those who only look: as it is, whatever its run does, and never written.

Who may only read can make no side files, so a file that nobody has open is read by itself. One
whose run was killed is read with the log beside it, and says what of it is missing.
"""

import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Self

import attrs

from spapi_messaging.bulk.journal import Entry, Plan, ReasonCount, Times
from spapi_messaging.bulk.sqlite.damage import Damage, is_state, is_time, undamaged, undamaged_plan
from spapi_messaging.bulk.sqlite.opening import is_locked
from spapi_messaging.bulk.sqlite.place import OPEN_ELSEWHERE, is_held, not_a_file, real_path
from spapi_messaging.bulk.sqlite.table import (
    ADDED,
    ALL,
    ALL_PLANS,
    APPLICATION_ID,
    COUNTS,
    DOUBTS,
    INDEX_BESIDE,
    OF_ORDER_BESIDE,
    PLANS_THERE,
    REASONS,
    TIMES,
    UNDER_WAY,
    entry_of,
    failing,
    plan_of,
    select,
    storable,
)
from spapi_messaging.bulk.sqlite.witness import (
    Phase,
    Witness,
    beside,
    loss_of,
    size_of,
    without_log,
    witness_of,
)
from spapi_messaging.errors import JournalError

_IN_USE = Witness()
_MAGIC, _KIND, _HEAD = b"SQLite format 3\0", 68, 72


def is_journal(path: Path) -> bool:
    """Say whether a file is a journal, by the marks at its beginning."""
    # https://www.sqlite.org/fileformat2.html#the_database_header
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return head.startswith(_MAGIC) and head[_KIND:_HEAD] == APPLICATION_ID.to_bytes(4)


def read_journal(path: Path) -> list[Entry]:
    """Read all entries, also while a run writes them; raises JournalError. It blocks."""
    with JournalReader(path) as reader:
        if reader.loss is not None:
            raise JournalError(str(path), reader.loss)
        return list(reader.entries())


@attrs.define
class JournalReader:
    """Reads a journal, entry by entry: ``with JournalReader(path) as reader``."""

    path: Path
    loss: str | None = attrs.field(default=None, init=False)
    """What is missing of what the run wrote; None if nothing is."""
    in_use: bool = attrs.field(default=False, init=False)
    """Whether a run has it open."""
    _real: Path = attrs.field(init=False)
    """The file itself, where ``path`` is a link to it."""
    _database: sqlite3.Connection | None = attrs.field(default=None, init=False)
    _missing: tuple[str, ...] = attrs.field(default=(), init=False)
    """Columns that this version has and the file has not."""
    _is_indexed: bool | None = attrs.field(default=None, init=False)
    """Whether orders are found by an index of the file; None until that is looked at."""
    _stack: ExitStack = attrs.field(factory=ExitStack, init=False)

    @_real.default
    def _find_real(self) -> Path:
        return real_path(self.path)

    def __enter__(self) -> Self:
        with failing(self.path), ExitStack() as stack:
            if (kind := not_a_file(self.path)) is not None:
                raise JournalError(str(self.path), kind)
            if not self._real.is_file():
                raise JournalError(str(self.path), "there is no such file")
            if not size_of(self._real):
                raise JournalError(str(self.path), "it is empty, and no journal ever is")
            database = self._database = self._opened(stack)
            if database.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                raise JournalError(str(self.path), "it is no journal")
            there = {row[1] for row in database.execute("PRAGMA table_info(jobs)")}
            self._missing = tuple(name for name in ADDED if name not in there)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._database = None
        self._stack.close()

    def entries(self, *, damage: Damage | None = None) -> Iterator[Entry]:
        """Yield all entries, in the order in which they began.

        With ``damage``, what is damaged in one is None, and noted there; without, it is raised.
        """
        return self._selected(ALL, damage=damage)

    def doubts(self) -> Iterator[Entry]:
        """Yield what is being sent, or in doubt."""
        return self._selected(DOUBTS)

    def plans(self) -> list[Plan]:
        """Return the plans of its runs, the oldest first; none where a file does not keep them."""
        rows = list(self._rows(ALL_PLANS)) if list(self._rows(PLANS_THERE)) else []
        return [undamaged_plan(str(self.path), plan_of(row)) for row in rows]

    def counts(self) -> Counter[tuple[str, str]]:
        """Count the entries by operation and state."""
        counts = Counter({(operation, state): n for operation, state, n in self._rows(COUNTS)})
        if not all(isinstance(operation, str) and is_state(state) for operation, state in counts):
            self._refuse_damage()
        return counts

    def times(self) -> Times:
        """Say when it was written."""
        (*moments, tens) = next(self._rows(TIMES))
        if not all(moment is None or is_time(moment) for moment in moments):
            self._refuse_damage()
        names = ("began", "last", "first_sent", "last_sent")
        return Times(**dict(zip(names, moments, strict=True)), tens=tens)

    def under_way(self, since: float) -> Counter[str]:
        """Count by operation what may be under way: what began since then and has no end."""
        return Counter(dict(self._rows(UNDER_WAY, since)))

    def reasons(self) -> list[ReasonCount]:
        """Count the reasons for what was refused or not sent, the most frequent first."""
        rows = list(self._rows(REASONS))
        if not all(isinstance(each, str) for _, *words in rows for each in (words[0], words[2])):
            self._refuse_damage()
        return [ReasonCount(*row) for row in rows]

    def _refuse_damage(self) -> None:
        for _ in self.entries():  # the entry that is damaged raises
            pass

    def find(self, key: str) -> Entry | None:
        """Return the entry of a key, if there is one."""
        return next(self._selected(select("key", 1), key), None)

    def of_order(self, order_id: str) -> list[Entry]:
        """Return all entries of an order."""
        if self._is_indexed is None:
            self._is_indexed = any(self._rows("PRAGMA index_info (jobs_of_order)"))
            for statement in () if self._is_indexed else INDEX_BESIDE:
                list(self._rows(statement))
        statement = select("order_id", 1) if self._is_indexed else OF_ORDER_BESIDE
        return list(self._selected(statement, order_id))

    def _selected(
        self, statement: str, *values: str, damage: Damage | None = None
    ) -> Iterator[Entry]:
        for name in self._missing:
            statement = statement.replace(name, "NULL")
        for row in self._rows(statement, *map(storable, values)):
            entry = entry_of(row)
            yield damage.mended(entry) if damage else undamaged(str(self.path), entry)

    def _rows(self, statement: str, *values: str | float) -> Iterator[tuple[Any, ...]]:
        with failing(self.path):
            if self._database is None:
                raise JournalError(str(self.path), "it is not open")
            yield from self._database.execute(statement, values)

    def _opened(self, stack: ExitStack) -> sqlite3.Connection:
        path, log = self._real, beside(self._real, "-wal")
        witness = self._left()
        self.in_use = witness is _IN_USE
        if self.in_use:
            return stack.enter_context(closing(_with_log(path)))
        if not size_of(log) or (witness is not None and witness.phase is Phase.CLOSED):
            return stack.enter_context(closing(without_log(path)))
        try:
            database = stack.enter_context(closing(_with_log(path)))
            database.execute("SELECT name FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            # Its folder takes no side file: read a copy.
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            for file in (path, log):
                shutil.copyfile(file, folder / file.name)
            database = stack.enter_context(closing(_with_log(folder / path.name)))
        return database

    def _left(self) -> Witness | None:
        """Say how the file was left, and note what is missing; _IN_USE while a run has it."""
        while not is_locked(self._real):
            witness = witness_of(self._real)
            is_closed = witness is None or witness.phase is Phase.CLOSED
            is_elsewhere = not is_closed and is_held(self._real)
            self.loss = None if witness is None else loss_of(self._real, witness)
            # A run that began, or ended, meanwhile has changed what was looked at.
            if not is_locked(self._real) and witness_of(self._real) == witness:
                if is_elsewhere:
                    raise JournalError(str(self.path), OPEN_ELSEWHERE)
                return witness
        self.loss = None
        return _IN_USE


def _with_log(path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=ro"
    # A collector of garbage may close it in another thread, where a reading was broken off.
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
