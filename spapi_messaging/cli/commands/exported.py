"""The outcomes of a journal as rows of a table for people, and as objects for programs.

Both have the same names and words, those of ``bulk --json``. A table is for eyes: its times are
local, to the second, and its marketplaces countries. Objects have all that the journal has: times
in UTC as they are, the marketplace's id, Amazon's operation and the error's class.
"""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

import attrs

from spapi_messaging.bulk import Entry, error_in, reason_in_words
from spapi_messaging.cli.journal_standing import standing_name
from spapi_messaging.cli.settings import Output
from spapi_messaging.cli.view import as_json
from spapi_messaging.cli.words import action_name
from spapi_messaging.marketplaces import marketplace_named
from spapi_messaging.redaction import csv_cell

_COLUMNS = (
    *("order_id", "action", "outcome", "reason", "began_at", "ended_at", "marketplace"),
    *("seller", "request_id", "language", "evidence", "key"),
)
_MARK = "\ufeff"
"""Without it Excel takes a file of UTF-8 for one in the country's old encoding."""


def write_table(
    file: TextIO | Output, entries: Iterable[Entry], *, moving_since: float | None = None
) -> None:
    """Write a row for each entry; a file begins with a mark that makes Excel read it as UTF-8.

    What is piped has none: a program would take it for a part of the first column's name.
    """
    if isinstance(file, Output):
        file.write(_MARK)
    writer = csv.DictWriter(file, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for entry in entries:
        row = _told(entry, moving_since) | {
            "began_at": _local(entry.began_at),
            "ended_at": _local(entry.ended_at),
        }
        writer.writerow({name: csv_cell(value) for name, value in row.items()})


def write_objects(
    file: TextIO | Output, entries: Iterable[Entry], *, moving_since: float | None = None
) -> None:
    """Write an object for each entry, each in a line."""
    for entry in entries:
        line = _told(entry, moving_since) | {
            "began_at": _utc(entry.began_at),
            "ended_at": _utc(entry.ended_at),
            "operation": entry.operation,
            "error": error_in(entry.reason) if entry.reason else None,
            "marketplace_id": entry.marketplace,
            "content": entry.content,
        }
        file.write(f"{as_json(line)}\n")


def _told(entry: Entry, moving_since: float | None) -> dict[str, object]:
    """Return an entry in the words that people read; what is damaged in it is None."""
    values = attrs.asdict(entry)
    place = marketplace_named(values["marketplace"]) if values["marketplace"] else None
    return {
        "order_id": values["order_id"],
        "action": values["operation"] and action_name(values["operation"]),
        "outcome": values["state"] and standing_name(entry, moving_since),
        "reason": values["reason"] and reason_in_words(values["reason"]),
        "began_at": None,
        "ended_at": None,
        "marketplace": place.name if place else values["marketplace"],
        "seller": values["seller"],
        "request_id": values["request_id"],
        "language": values["language"],
        "evidence": values["evidence"],
        "key": values["key"],
    }


def _local(at: float | None) -> str | None:
    if at is None:
        return None
    utc = datetime.fromtimestamp(at, UTC)
    try:
        return utc.astimezone().isoformat(timespec="seconds")
    except OverflowError:  # the last hours of the year 9999, which are the next one's here
        return utc.isoformat(timespec="seconds")


def _utc(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()
