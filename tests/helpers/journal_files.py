"""Journals in files, made and then changed as no run would."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from helpers.journal_runs import entry

from spapi_messaging.bulk import Entry, SqliteJournal

_UPDATE = "UPDATE jobs SET {name} = ? WHERE key = 'a'"


def made(path: Path, *entries: Entry) -> Path:
    """Make a closed journal, of one sent message unless told otherwise."""

    async def work() -> None:
        async with SqliteJournal(path) as journal:
            for each in entries or (entry("a", "sent"),):
                await journal.write(each)

    asyncio.run(work())
    return path


def changed(path: Path, **values: object) -> Path:
    """Write over columns of the entry "a", whatever the table says of them."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        database.execute("PRAGMA writable_schema = ON")
        database.execute("UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '')")
        database.execute("PRAGMA writable_schema = RESET")
        for name, value in values.items():
            database.execute(_UPDATE.format(name=name), [value])
    return path
