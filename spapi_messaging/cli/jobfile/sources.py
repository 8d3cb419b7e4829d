"""What a job file is, told by its content where nobody says it, and what reads its records.

An ending proves little: reports are downloaded as .txt, .tsv and .csv alike, and a workbook is
renamed by whoever was asked for a CSV. Only JSON is told by its ending, since what is wrong with
it is to be said of JSON. A file whose rows say their action is one of jobs; any other is one of
orders, and needs to be told the action of all.
"""

from collections.abc import Mapping
from itertools import islice
from typing import BinaryIO, Literal, TypeAlias

import attrs

from spapi_messaging.cli.jobfile.json_jobs import JsonJobs
from spapi_messaging.cli.jobfile.order_jobs import OrderJobs
from spapi_messaging.cli.jobfile.records import Records, Selection
from spapi_messaging.cli.jobfile.table_jobs import TableJobs, has_action
from spapi_messaging.errors import OrderFileError
from spapi_messaging.orderfile import (
    JsonSource,
    JsonText,
    Source,
    looks_like_json,
    source_of,
    table_source,
)

Format: TypeAlias = Literal["jsonl", "json", "csv"]

_BY_ENDING: Mapping[str, Format] = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json"}
_HEAD = 4096
_LOOKED_AT = 100
"""Objects in which a name is looked for that says what they are."""


@attrs.frozen(kw_only=True)
class Opening:
    """How a file is opened; ``names``: the fields of a text that all orders get.

    ``format`` wins over ``ending`` and content.
    """

    name: str
    selection: Selection
    format: Format | None = None
    ending: str = ""
    names: frozenset[str] | None = None
    odd: bool = False

    def open(self, stream: BinaryIO) -> Records:
        """Return what reads a stream that can be read again; raises OrderFileError."""
        stream.seek(0)
        head = stream.read(_HEAD)
        stream.seek(0)
        if not head:
            raise OrderFileError(self.name, ("it is empty",))
        kind = self.format or _BY_ENDING.get(self.ending.lower())
        if kind is None and looks_like_json(head):
            kind = "json"
        if kind is None or kind == "csv":
            return self._of_table(self._table(stream, is_told=kind is not None))
        return self._of_json(stream, by_lines=kind == "jsonl")

    def _table(self, stream: BinaryIO, *, is_told: bool) -> Source:
        open_source = table_source if is_told else source_of
        return open_source(
            stream,
            self.name,
            encoding=self.selection.encoding,
            japanese=self.selection.is_japanese,
        )

    def _of_table(self, table: Source) -> Records:
        selection, said = self.selection, _how_read(table)
        if not has_action(table.columns) and selection.action is not None:
            return OrderJobs.of(
                table, self.name, selection, names=self.names, said=said, odd=self.odd
            )
        self._refuse_two_actions(says_it="the table has a column action")
        return TableJobs.of(self.name, table, selection, said=said, odd=self.odd)

    def _of_json(self, stream: BinaryIO, *, by_lines: bool) -> Records:
        selection = self.selection
        if selection.action is not None:
            text = JsonText.of(stream, self.name, encoding=selection.encoding, by_lines=by_lines)
            if any(_says_action(values) for _, values in islice(text.records(), _LOOKED_AT)):
                self._refuse_two_actions(says_it="its objects have an action")
            source = JsonSource.of(
                stream, self.name, encoding=selection.encoding, by_lines=by_lines
            )
            jobs = OrderJobs.of(source, self.name, selection, names=self.names, odd=self.odd)
            jobs.unit = text.unit
            return jobs
        return JsonJobs.of(stream, self.name, selection, by_lines=by_lines)

    def _refuse_two_actions(self, *, says_it: str) -> None:
        if self.selection.action is not None:
            fault = f"{says_it}, and --action says one for all: drop --action, or take it out"
            raise OrderFileError(self.name, (fault,))


def _says_action(values: object) -> bool:
    return isinstance(values, dict) and has_action(tuple(values))


def _how_read(table: Source) -> tuple[str, ...]:
    encoding = table.encoding
    return (f"read as {encoding.name}",) if encoding is not None and encoding.is_guessed else ()
