"""A journal that is looked into while another run may have it open, and is never written.

It is for what comes before a run: the check of its jobs, and a rehearsal. Neither a lock nor a
file beside the journal is made, and a journal that is not there is an empty one. Entries are
looked up one job at a time, so that memory does not grow with the journal.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from spapi_messaging.bulk.journal import Entry
from spapi_messaging.bulk.sqlite.place import not_a_file, real_path
from spapi_messaging.bulk.sqlite.reader import JournalReader
from spapi_messaging.bulk.sqlite.witness import size_of
from spapi_messaging.errors import JournalError


@attrs.define
class JournalLookup:
    """Looks up the entries of a journal's file: ``with JournalLookup.open(path) as lookup``."""

    path: Path | None
    _reader: JournalReader | None = None
    _is_still: bool = False
    """Whether nobody wrote it when it was opened, so that it is read without its log."""

    @classmethod
    @contextmanager
    def open(cls, path: Path | None) -> "Iterator[JournalLookup]":
        """Open it; raises JournalError for a file that is no journal, or has lost something.

        Without a path, and where there is nothing, it has no entries.
        """
        lookup = cls(path)
        try:
            lookup._opened()  # what cannot be read is said before anything is looked up
            yield lookup
        finally:
            lookup._close()

    def find(self, key: str) -> Entry | None:
        """Return the entry of a key, if there is one."""
        reader = self._opened()
        return reader.find(key) if reader else None

    def of_order(self, order_id: str) -> list[Entry]:
        """Return all entries of an order."""
        reader = self._opened()
        return reader.of_order(order_id) if reader else []

    def _opened(self) -> JournalReader | None:
        """Return what is read from, opened anew where a run has begun to write since."""
        if self.path is None:
            return None
        if (kind := not_a_file(self.path)) is not None:
            raise JournalError(str(self.path), kind)
        if not self.path.exists():
            return None
        is_written = _has_log(self.path)
        if self._reader is None or (is_written and self._is_still):
            self._close()
            reader = JournalReader(self.path).__enter__()
            if reader.loss is not None:
                reader.__exit__()
                raise JournalError(str(self.path), reader.loss)
            self._reader, self._is_still = reader, not is_written
        return self._reader

    def _close(self) -> None:
        if self._reader is not None:
            self._reader.__exit__()
            self._reader = None


def _has_log(path: Path) -> bool:
    return size_of(Path(f"{real_path(path)}-wal")) > 0
