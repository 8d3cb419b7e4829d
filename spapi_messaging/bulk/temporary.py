"""A database of SQLite's that is gone with the process, for what memory must not grow with.

It holds 2 MB in memory and the rest in a file without a name. Nothing of it is to survive: neither
a rollback journal nor a flush is needed, nor a commit, which would cost as much as the rows.
"""

import sqlite3

_SETTINGS = ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF")


def temporary_database(*tables: str) -> sqlite3.Connection:
    """Open one with tables in it; raises sqlite3.Error where the temporary folder takes none."""
    # A collector of garbage may close it in another thread, a service read it there.
    database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    for statement in (*_SETTINGS, *tables, "BEGIN"):
        database.execute(statement)
    return database
