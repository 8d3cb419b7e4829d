"""A plan: a job file that a rehearsal wrote, with all that is sent. That is sent, or nothing.

Its text is what the buyer reads: a ``$`` in it is a dollar, no template fills it, and the language
that was chosen is not asked for again. Its files are known by what is in them, and one that is
another by now is at fault. Its first line says how many messages follow: a plan that was cut, or
grew, is no longer what somebody has looked at, and is refused as a whole.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import attrs

from spapi_messaging.bulk import Identity, Job
from spapi_messaging.cli.jobfile.attached import STAND_IN, Look, Seen
from spapi_messaging.cli.jobfile.records import FaultList, Record, Values
from spapi_messaging.errors import InvalidMessageError, OrderFileError
from spapi_messaging.messages import (
    ChosenText,
    LiteralText,
    LocalizedText,
    attachment_name,
)
from spapi_messaging.orderfile import JsonText, looks_like_json
from spapi_messaging.sending import checked_closely

MARK = "plan"
VERSION = 1
"""Stands under MARK in each line."""

_MAX_HEAD = 65_536
_HASHED = 1024
_SHA_256 = re.compile(r"[0-9a-f]{64}")
_DIGEST = re.compile(r"[0-9a-f]{32}")
_ANEW = "make it again, with bulk FILE --plan"
_FILLED = ("fields", "default_language")
_FILE_NAMES = {"path", "name", "size", "sha256"}
_HEAD_NAMES = {MARK, "messages", "made_at", "journal"}


@attrs.frozen(kw_only=True)
class PlanHead:
    """The first line of a plan. ``journal``: of the campaign that it is a part of, if any."""

    messages: int
    journal: str | None = None

    @classmethod
    def of(cls, values: Values) -> "PlanHead":
        """Read the line; raises ValueError with a sentence for one that is not as it was made."""
        if not _is_mark(values[MARK]):
            raise ValueError(f"it is no plan of a kind that this version reads ({VERSION})")
        messages, journal = values["messages"], values.get("journal")
        if type(messages) is not int or messages < 0 or not isinstance(journal, str | None):
            raise ValueError("its first line is not as it was made")
        unknown = len(values.keys() - _HEAD_NAMES)
        if unknown:
            raise ValueError(f"its first line has {unknown} names that are unknown here")
        return cls(messages=messages, journal=journal)


def plan_head(path: Path) -> PlanHead | None:
    """Look at the first object of a file, however it was saved; None for what is no plan."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            begin = file.read(_MAX_HEAD)
            if not looks_like_json(begin) or MARK.encode() not in begin.replace(b"\0", b""):
                return None
            _, values = next(JsonText.of(file, path.name).records(), (0, None))
        return PlanHead.of(values) if isinstance(values, dict) and _is_head(values) else None
    except (OSError, ValueError):
        return None  # reading the whole of it says why


class PlannedPath(str):
    """The path of a file, with what the plan says of it."""

    __slots__ = ("name", "sha256", "size")

    name: str
    size: int
    sha256: str

    @classmethod
    def of(cls, item: Values) -> "PlannedPath":
        """Make one of an object that was looked at."""
        path = cls(item["path"])
        path.name, path.size, path.sha256 = item["name"], item["size"], item["sha256"]
        return path


@attrs.define
class PlanReading:
    """One reading of a job file, which may be a plan; ``options`` have no place beside one."""

    name: str
    options: tuple[str, ...]
    head: PlanHead | None = attrs.field(default=None, init=False)
    """Its first line; None of what is no plan, or not yet known to be one."""

    def records(self, records: Iterable[Record]) -> Iterator[Record]:
        """Hand on the records of jobs; raises OrderFileError for a plan that is not whole."""
        count = 0
        for number, (line, values) in enumerate(records):
            if not number and _is_head(values):
                self._open(values)
                continue
            if _is_head(values):
                raise self._error(f"line {line}: a second plan begins; send each")
            if self.head is None and isinstance(values, dict) and MARK in values:
                raise self._error(f"line {line} is of a plan, whose first line is missing: {_ANEW}")
            count += 1
            yield line, values
        if self.head is not None and count != self.head.messages:
            raise self._error(
                f"it is a plan of {self.head.messages} messages, and {count} are in it: "
                f"it was cut or changed; {_ANEW}"
            )

    def _open(self, values: Any) -> None:
        try:
            self.head = PlanHead.of(values)
        except ValueError as error:
            raise self._error(f"{error}; {_ANEW}") from None
        if self.options:
            raise self._error(
                f"it is a plan, which has all that is sent: leave out {', '.join(self.options)}"
            )

    def _error(self, fault: str) -> OrderFileError:
        return OrderFileError(self.name, (fault,))

    def make(self, make: Callable[[Values], Job | FaultList], values: Values) -> Job | FaultList:
        """Make a job by ``make``, or say all that is wrong with its line."""
        if self.head is None:
            return make(values)
        faults: list[str] = []
        given = dict(values)
        if not _is_mark(given.pop(MARK, None)):
            faults.append(f'it is no line of a plan ("{MARK}": {VERSION} is missing)')
        digests = [_digest(name, given.pop(name, None), faults) for name in ("content", "known_as")]
        _read_text(given, faults)
        _read_files(given, faults)
        made = make(given)
        if faults or not isinstance(made, Job):
            return tuple(dict.fromkeys([*faults, *(() if isinstance(made, Job) else made)]))
        return _known_as(made, *digests)


def comparing(look: Look) -> Look:
    """Look at files as ``look`` does, and at what is in those that a plan names."""

    def look_at(item: str) -> Seen:
        seen = look(item)
        if seen.fault is not None or not isinstance(item, PlannedPath):
            return seen
        return _compared(item, seen)

    read = lru_cache(maxsize=_HASHED)(checked_closely)

    def _compared(item: PlannedPath, seen: Seen) -> Seen:
        path = Path(seen.path)
        if attachment_name(path) != item.name:
            return Seen(path, fault="has a path of another name than the plan gives it")
        if seen.size != item.size:
            return Seen(path, fault=_is_another(item))
        try:
            checked, sha256 = read(path)
        except OSError as error:
            return Seen(path, fault=f"({item.name!r}): {error.strerror}")
        return (
            Seen(checked, seen.size)
            if sha256 == item.sha256
            else Seen(path, fault=_is_another(item))
        )

    return look_at


def _is_another(item: PlannedPath) -> str:
    return f"({item.name!r}) is not the file that it was when the plan was made; {_ANEW}"


def _is_mark(value: Any) -> bool:
    return type(value) is int and value == VERSION


def _is_head(values: Any) -> bool:
    return isinstance(values, dict) and MARK in values and "messages" in values


def _digest(name: str, value: Any, faults: list[str]) -> str | None:
    if value is None or (isinstance(value, str) and _DIGEST.fullmatch(value)):
        return value
    faults.append(f"{name} is not a digest as plans have it")
    return None


def _read_text(given: Values, faults: list[str]) -> None:
    """Take the text for what it is, in the language that was chosen."""
    filled = [name for name in _FILLED if given.pop(name, None) is not None]
    faults += [f"{name} has no place in a plan, whose texts are filled" for name in filled]
    text, language = given.get("text"), given.pop("language", None)
    if text is None:
        if language is not None:
            faults.append("language is given, and no text")
        return
    if not isinstance(text, str):
        faults.append("text must be a string in a plan")
        given["text"] = "-"  # so that the rest can be judged
        return
    given["text"] = LiteralText(text)
    if language is not None:
        try:
            given["text"] = LocalizedText({str(language): given["text"]})
        except InvalidMessageError as error:
            faults += [f"language: {fault}" for fault in error.faults]


def _read_files(given: Values, faults: list[str]) -> None:
    items = given.get("attachments")
    if isinstance(items, list):
        given["attachments"] = [
            _file(number, item, faults) for number, item in enumerate(items, start=1)
        ]


def _file(number: int, item: Any, faults: list[str]) -> Any:
    if isinstance(item, str):
        faults.append(f"attachment {number} must be an object with {_named(_FILE_NAMES)}")
    if not isinstance(item, dict) or "path" not in item:
        return item
    if item.keys() != _FILE_NAMES:
        faults.append(f"attachment {number} must have {_named(_FILE_NAMES)}, and nothing else")
        return STAND_IN
    if not (
        all(isinstance(item[name], str) for name in ("path", "name", "sha256"))
        and type(item["size"]) is int
        and _SHA_256.fullmatch(item["sha256"])
    ):
        faults.append(f"attachment {number} is not described as plans do it")
        return STAND_IN
    return PlannedPath.of(item)


def _named(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _known_as(job: Job, content: str | None, known_as: str | None) -> Job:
    """Return the job with the content that the file's journal knows it by.

    Where its line says something else by now, it is known by that.
    """
    text = job.message.text_or_none
    if known_as is None or not isinstance(text, LocalizedText):
        return job
    if Identity.of(job).content != content:
        return job
    chosen = ChosenText(text.variants, known_as=known_as)
    return attrs.evolve(job, message=job.message.with_text(chosen))
