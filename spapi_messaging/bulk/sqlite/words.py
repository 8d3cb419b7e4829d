"""What SQLite says of a file, in words of ours.

Its own are for programmers ("database disk image is malformed"), and say nothing of what to do.
https://www.sqlite.org/rescode.html
"""

import sqlite3

_FROM_COPY = "bring it back from a copy"
DAMAGED = f"it is damaged: {_FROM_COPY}"
_WORDS = {
    sqlite3.SQLITE_BUSY: "another program has it open: try again when that has ended",
    sqlite3.SQLITE_CANTOPEN: "unable to open it: look whether its folder is there, and is yours",
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_FULL: "its disk is full: make room there",
    sqlite3.SQLITE_IOERR: "its disk fails: look whether it is full or broken",
    sqlite3.SQLITE_NOTADB: f"it is no journal; or if it was one, it is damaged: {_FROM_COPY}",
    sqlite3.SQLITE_PERM: "this system does not let you open it",
    sqlite3.SQLITE_READONLY: "it is readonly for you, or its folder is",
}
_WORDS[sqlite3.SQLITE_LOCKED] = _WORDS[sqlite3.SQLITE_BUSY]
_LACKS = f"it lacks what a journal has: {_FROM_COPY}"
_KIND = 0xFF
"""The bits of a code that say its kind; the others say more of it."""


def in_words(error: sqlite3.Error) -> str:
    """Say what is wrong with a journal's file, and what to do."""
    # Only what comes from SQLite itself has a code, and not from Python's module.
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_ERROR and str(error).startswith("no such "):
        return _LACKS
    return str(error) if code is None else _WORDS.get(code & _KIND, str(error))
