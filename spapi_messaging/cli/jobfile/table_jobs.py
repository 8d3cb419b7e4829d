"""Tables whose rows say their action: the columns of a job, and others for a text template.

Which order a row is of, and where it was placed, is read as in any file of orders. What is wrong
with a row is found by who makes the job of it, so that all is named at once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Self

import attrs

from spapi_messaging.cli.jobfile.records import Filter, Record, RecordsBase, Selection, Values
from spapi_messaging.errors import OrderFileError
from spapi_messaging.orderfile import (
    MARKETPLACE_COLUMNS,
    HiddenRows,
    LeftOut,
    OrderRow,
    RowFault,
    RowReader,
    Source,
    name_key,
    nearest,
    nearest_words,
    plain_name,
    shown_column,
)


def _paths(cell: str) -> list[str]:
    return [path for path in map(str.strip, cell.split(";")) if path]


@attrs.frozen
class JobCell:
    """A column of a job: what it means to people, and how a cell of it is read."""

    meaning: str
    read: Callable[[str], Any] = str.strip


JOB_CELLS: Mapping[str, JobCell] = {
    "order_id": JobCell("The order's id. A report's own column for it does as well."),
    "action": JobCell("What to send, such as unexpectedProblem: a name of Amazon's, in any case."),
    "marketplace": JobCell("Where it was placed: DE, an id, or a domain such as Amazon.de."),
    "seller": JobCell("Whose order it is: a name in the file of --credentials."),
    "text": JobCell("The text, unless --text-file has it for all.", str),
    "attachments": JobCell("Paths of files, up to 5, with ; between them.", _paths),
    "coverage_start_date": JobCell("Of a warranty: its first day, such as 2026-12-01."),
    "coverage_end_date": JobCell("Of a warranty: its last day, to its end."),
    "key": JobCell("Your own name for the message, by which it is sent once."),
}
"""The columns of a job."""
JOB_COLUMNS = tuple(JOB_CELLS)
_SPELLED = {name_key(name): name for name in JOB_CELLS}


def has_action(columns: Sequence[str]) -> bool:
    """Say whether the rows of a table say their action."""
    return any(name_key(column) == "action" for column in columns)


@attrs.define(kw_only=True)
class TableJobs(RecordsBase):
    """Reads the jobs of a table; ``columns`` are those for a text template, as written."""

    table: Source
    _name: str
    _reader: RowReader
    _selection: Selection
    _filter: Filter
    _job: tuple[tuple[int, str, JobCell], ...]
    """The cells of a job: their places, names, and how they are read."""
    _fields: tuple[tuple[int, str], ...]

    @classmethod
    def of(
        cls,
        name: str,
        table: Source,
        selection: Selection,
        *,
        said: tuple[str, ...] = (),
        odd: bool = False,
    ) -> Self:
        """Begin with a header; raises OrderFileError for one that lacks a column."""
        columns = tuple(table.columns)
        try:
            reader = RowReader.of(columns, odd=odd)
        except ValueError as error:
            raise OrderFileError(name, (str(error),)) from None
        if not has_action(columns):
            raise OrderFileError(name, (_no_action(columns, reader),))
        job = _job_columns(columns, reader)
        taken = {at for at, name, _ in job if name != "marketplace" or _is_named(columns[at], name)}
        fields = tuple((at, one) for at, one in enumerate(columns) if one and at not in taken)
        return cls(
            table=table,
            columns=tuple(one for _, one in fields),
            read_columns=tuple(columns[at] for at, _, _ in job),
            said=said,
            name=name,
            reader=reader,
            selection=selection,
            filter=selection.filter(name, reader.columns),
            job=job,
            fields=fields,
        )

    def records(self) -> Iterator[Record]:
        """Read the rows: the values of a job, or why there is none."""
        self._filter = self._selection.filter(self._name, self._reader.columns)
        for line, cells in self.table.rows():
            yield line, self._record(line, cells) if isinstance(cells, list) else cells
            if self._filter.is_full:
                return

    def _record(self, line: int, cells: list[str]) -> Any:
        row = self._reader.read(line, cells)
        if isinstance(row, LeftOut):
            return row
        return _hidden(row) or self._job_of(row, cells)

    def _job_of(self, row: OrderRow | RowFault, cells: list[str]) -> Any:
        own = row.fields if isinstance(row, OrderRow) else self._plain(cells)
        skipped = self._filter.judge(own)
        if skipped is not None:
            return skipped
        values: Values = {
            name: column.read(cell)
            for at, name, column in self._job
            if (cell := cells[at]) and not cell.isspace()
        }
        values["fields"] = {
            name: value for at, name in self._fields if (value := cells[at].strip())
        }
        if isinstance(row, OrderRow):
            values["order_id"] = row.order_id
            if row.marketplace is not None:
                values["marketplace"] = row.marketplace
        return values

    def _plain(self, cells: list[str]) -> dict[str, str]:
        pairs = zip(self._reader.columns, cells, strict=False)
        return {name: value for name, cell in pairs if name and (value := cell.strip())}


def _job_columns(columns: Sequence[str], reader: RowReader) -> tuple[tuple[int, str, JobCell], ...]:
    """Find the columns of a job; that of the order may be called as in a report."""
    places = {name_key(column): at for at, column in reversed([*enumerate(columns)])}
    found = {_SPELLED[key]: at for key, at in places.items() if key in _SPELLED}
    found["order_id"] = reader.order_id_at
    for name in MARKETPLACE_COLUMNS:
        if "marketplace" not in found and name_key(name) in places:
            found["marketplace"] = places[name_key(name)]
    return tuple((at, name, JOB_CELLS[name]) for name, at in found.items())


def _hidden(row: OrderRow | RowFault) -> HiddenRows | None:
    reason = row.reason if isinstance(row, RowFault) else None
    return reason if isinstance(reason, HiddenRows) else None


def _is_named(column: str, name: str) -> bool:
    return name_key(column) == name_key(name)


def _no_action(columns: Sequence[str], reader: RowReader) -> str:
    say = "say what to send, as in --action confirmDeliveryDetails --text-file text.txt"
    if reader.kind is not None:
        return f"this is Amazon's {reader.kind.name}; {say}"
    near = nearest("action", [one for one in columns if one])
    known = ", ".join(shown_column(one) for one in columns if one)
    meant = nearest_words(near and shown_column(near), ()) or f" (its columns are {known});"
    return f"the header has no column action{meant} call one action, or {say}"


def near_column(column: str) -> str | None:
    """Return the column of a job that a column's name seems to mean, and is not."""
    found = nearest(plain_name(column), _MISTAKEN)
    is_it = found is None or _is_named(column, found) or _is_named(column, "order_id")
    return None if is_it or len(name_key(column)) < _SHORTEST else found


_MISTAKEN = ("action", "marketplace", "attachments", "coverage_start_date", "coverage_end_date")
"""The columns of a job whose names are like no others; "seller-sku" and "key" mean themselves."""
_SHORTEST = 5
