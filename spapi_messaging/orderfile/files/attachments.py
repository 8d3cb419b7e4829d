"""The file that goes to each order, found by a pattern; nothing is guessed.

The wrong file at a buyer's is another buyer's invoice, so an order has its file only if exactly
one matches, and if that one is nobody else's: a name with the ids of two orders is a fault, and
so is a file that two orders would get by another field. The folder is listed once; orders are
looked up by the ids and numbers in the names, so that 100,000 files cost as little as ten.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import attrs

from spapi_messaging.errors import InvalidMessageError, OrderFileError
from spapi_messaging.orderfile.files.file_names import (
    folded,
    is_order_id,
    listed,
    nearly_order_ids,
    one_off,
    order_ids,
    shown,
)
from spapi_messaging.orderfile.files.listing import as_on_disk, files_below
from spapi_messaging.orderfile.files.path_glob import Wanted, words_of
from spapi_messaging.orderfile.files.patterns import ORDER_ID, Pattern
from spapi_messaging.orderfile.names import nearest, plain_name
from spapi_messaging.redaction import name_or_size, size_only

K = TypeVar("K")

_NAMED_UNUSED = 5
_NO_FILE = "there is no such file; {order_id} stands for the id of an order"
_WHAT = "the attachment"
_VALUE = re.compile(r"[\w.+#-]{1,40}")


@attrs.frozen(eq=False)
class _Found:
    """A file: its path below the base as it is on disk and as it is compared, and the ids in it."""

    path: str
    names: tuple[str, ...] = attrs.field(repr=False)
    ids: tuple[str, ...] = attrs.field(repr=False)

    @classmethod
    def of(cls, path: Sequence[str]) -> "_Found":
        names = tuple(map(folded, path))
        return cls("/".join(path), names, order_ids("/".join(names)))


@attrs.frozen
class Unused:
    """Files that fit the pattern and were no order's: how many, and the first names of them."""

    count: int
    names: tuple[str, ...]


@attrs.define(eq=False, slots=False)
class OrderAttachments:
    """The files of a folder, each to be given to the one order that it belongs to."""

    pattern: Pattern
    base: Path
    _files: Sequence[_Found] = attrs.field(repr=size_only)
    _one_for_all: _Found | None = None
    _taken: dict[_Found, str] = attrs.field(factory=dict, init=False, repr=False)
    _asked_for: set[_Found] = attrs.field(factory=set, init=False, repr=False)

    @classmethod
    def find(cls, pattern: str, *, folder: Path | None = None) -> "OrderAttachments":
        """List the files that a pattern like ``invoices/*{order_id}*.pdf`` may be about.

        A relative pattern begins in ``folder``, or where the process runs; it may hold ``*``,
        ``?``, ``[…]``, ``**`` and the fields of an order in braces. Without any of them it is
        one file for all orders. Upper and lower case make no difference, hidden files are left
        out. Raises OrderFileError.
        """
        try:
            parsed = Pattern.parse(pattern.replace(os.sep, "/"))
            base = (folder or Path()) / Path(parsed.base).expanduser()
        except (ValueError, RuntimeError) as error:  # RuntimeError: nobody's home
            raise _unusable(pattern, str(error)) from None
        if not parsed.names and (base / parsed.last).is_file():
            return cls(parsed, base, (), _Found.of([parsed.last]))
        base, anyone = as_on_disk(base), parsed.anyone()
        paths = files_below(
            base,
            lambda path: anyone.may_be_in(folded(path[-1]), len(path) - 1),
            follows_links=not parsed.is_deep,
        )
        files = sorted(map(_Found.of, paths), key=lambda file: file.path)
        if parsed.names:
            return cls(parsed, base, files)
        same = [file for file in files if anyone.matches(file.names)]
        if len(same) == 1:
            return cls(parsed, base, files, same[0])
        which = f"{len(same)} files match: {_paths(same)}" if same else _NO_FILE
        raise _unusable(pattern, which)

    def of(self, order_id: str, fields: Mapping[str, str] | None = None) -> Path:
        """Return the file of an order; raises InvalidMessageError where it is not certain."""
        own = folded(order_id.strip())
        if self._one_for_all is not None:
            _refuse_ids_of_others(order_id, own, self._one_for_all)
            return self.base / self._one_for_all.path
        try:
            values = self._values(order_id, fields or {})
            wanted = self.pattern.wanted(values)
        except ValueError as error:
            raise _not_found(order_id, str(error)) from None
        found = [file for file in self._candidates(own, wanted) if wanted.matches(file.names)]
        self._asked_for.update(found)
        if not found:
            raise _not_found(order_id, f"no file matches {self._asked(values)}{self._hint(own)}")
        if len(found) > 1:
            which = f"{len(found)} files match {self._shown}: {_paths(found)}"
            raise _not_found(order_id, which)
        _refuse_ids_of_others(order_id, own, found[0])
        self._refuse_second_order(order_id, found[0])
        return self.base / found[0].path

    def unused(self) -> Unused:
        """Say which files the pattern is about that are of none of the orders asked so far."""
        anyone = self.pattern.anyone()
        left = [
            file.path
            for file in self._files
            if file not in self._asked_for
            and file is not self._one_for_all
            and anyone.matches(file.names)
        ]
        return Unused(len(left), tuple(map(shown, left[:_NAMED_UNUSED])))

    @property
    def _shown(self) -> str:
        return shown(self.pattern.text)

    def _values(self, order_id: str, fields: Mapping[str, str]) -> dict[str, str]:
        values = {plain_name(name): value for name, value in fields.items()}
        values[ORDER_ID] = order_id
        missing = [name for name in self.pattern.names if name not in values]
        if missing:
            near = nearest(missing[0], values)
            hint = f"; did you mean {shown(near)}?" if near else ""
            raise ValueError(f"the order has no field {shown(missing[0])} for {self._shown}{hint}")
        return values

    def _asked(self, values: Mapping[str, str]) -> str:
        """Return the pattern with the values of the fields, but for the id of the order."""
        own = [
            f"{name} {name_or_size(values[name], _VALUE)}"
            for name in self.pattern.names
            if name != ORDER_ID
        ]
        return f"{self._shown} for {', '.join(own)}" if own else self._shown

    def _candidates(self, own: str, wanted: Wanted) -> Sequence[_Found]:
        """Return the few files that are worth a look, all where there is nothing to go by."""
        if ORDER_ID in self.pattern.names and is_order_id(own):
            return self._by_id.get(own, ())
        of_words = [self._by_word.get(word, ()) for word in wanted.words()]
        return min(of_words, key=len, default=self._files)

    def _refuse_second_order(self, order_id: str, file: _Found) -> None:
        first = self._taken.setdefault(file, order_id)
        if first != order_id:
            fault = f"{shown(file.path)} is the file of two orders, {first} and {order_id}"
            raise _not_found(order_id, f"{fault}, by {self._shown}")

    def _hint(self, own: str) -> str:
        """Say which file may have been meant."""
        if ORDER_ID not in self.pattern.names or not is_order_id(own):
            return ""
        if others := self._by_id.get(own):
            has = "has" if len(others) == 1 else "have"
            return f"; {_paths(others)} {has} its id, but another name"
        near = (self._nearly.get(slip) for slip in one_off(own))
        nearest = next((files[0] for files in near if files), None)
        return f"; the nearest name is {shown(nearest.path)}" if nearest else ""

    @cached_property
    def _by_id(self) -> dict[str, list[_Found]]:
        return _index(self._files, lambda file: file.ids)

    @cached_property
    def _by_word(self) -> dict[str, list[_Found]]:
        return _index(self._files, lambda file: words_of(file.names))

    @cached_property
    def _nearly(self) -> dict[str, list[_Found]]:
        return _index(self._files, lambda file: nearly_order_ids("/".join(file.names)))


def _index(files: Iterable[_Found], keys: Callable[[_Found], Iterable[K]]) -> dict[K, list[_Found]]:
    index: dict[K, list[_Found]] = {}
    for file in files:
        for key in keys(file):
            index.setdefault(key, []).append(file)
    return index


def _refuse_ids_of_others(order_id: str, own: str, file: _Found) -> None:
    """Refuse a file with the id of another order in its name, the order's own or not."""
    others = [found.upper() for found in file.ids if found != own]
    if others:
        fault = f"{shown(file.path)} has the id of another order ({', '.join(others[:3])})"
        raise _not_found(order_id, f"{fault}: nobody can tell whose file it is")


def _paths(files: Iterable[_Found]) -> str:
    return listed(file.path for file in files)


def _unusable(pattern: str, fault: str) -> OrderFileError:
    return OrderFileError(f"the pattern {shown(pattern)}", (fault,))


def _not_found(order_id: str, fault: str) -> InvalidMessageError:
    return InvalidMessageError(_WHAT, (fault,), order_id)
