"""Jobs as JSON: objects that have all that a job has, by its names in any spelling."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Self

import attrs

from spapi_messaging.cli.jobfile.records import (
    FaultList,
    Filter,
    Record,
    RecordsBase,
    Selection,
    Values,
)
from spapi_messaging.cli.jobfile.table_jobs import JOB_COLUMNS
from spapi_messaging.orderfile import (
    JsonText,
    LeftOut,
    RowReader,
    clean_order_id,
    name_key,
    plain_name,
    shown,
)

_NAMES = (*JOB_COLUMNS, "default_language", "fields")
_SPELLED = {name_key(name): name for name in _NAMES}
_JUDGE = RowReader.of(("order_id",))


@attrs.define(kw_only=True)
class JsonJobs(RecordsBase):
    """Reads the jobs of a JSON file."""

    _text: JsonText
    _name: str
    _selection: Selection
    _names: tuple[str, ...]

    @classmethod
    def of(cls, stream: BinaryIO, name: str, selection: Selection, *, by_lines: bool) -> Self:
        """Begin; conditions are about any name that one of the objects has."""
        text = JsonText.of(stream, name, encoding=selection.encoding, by_lines=by_lines)
        jobs = cls(text=text, name=name, selection=selection, names=(), unit=text.unit)
        if selection.where:
            known: dict[str, None] = {}
            for _, values in text.records():
                if isinstance(values, dict):
                    known.update(dict.fromkeys(_texts(values)))
            jobs._names = tuple(known)
            selection.filter(name, jobs._names)
        return jobs

    def records(self) -> Iterator[Record]:
        """Read the objects: the values of a job, or why there is none."""
        judge = self._selection.filter(self._name, self._names)
        for line, values in self._text.records():
            yield line, values if isinstance(values, str) else _record(line, values, judge)
            if judge.is_full:
                return


def _record(line: int, given: Values, judge: Filter) -> Values | FaultList | LeftOut:
    values: Values = {}
    for written, value in given.items():
        name = written if written in _NAMES else _SPELLED.get(name_key(written), written)
        if name in values:
            return (f"{shown(written)} is given twice, in another spelling",)
        values[name] = value
    order_id = values.get("order_id")
    if isinstance(order_id, str) and clean_order_id(order_id)[:1] in {"S", "s"}:
        found = _JUDGE.read(line, [order_id])
        if isinstance(found, LeftOut):
            return found
    skipped = judge.judge(_texts(given) if judge.conditions else {})
    return values if skipped is None else skipped


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Return what an object says by plain names, as conditions see it."""
    fields = values.get("fields")
    pairs = [*values.items(), *(fields.items() if isinstance(fields, dict) else ())]
    return {
        plain_name(name): str(value).strip()
        for name, value in pairs
        if isinstance(value, str | int | float) and value != ""
    }
