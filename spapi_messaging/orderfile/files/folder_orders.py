"""A folder of files that are named by the ids of their orders, read as if it were a table.

A name says for which order a file is, and nothing else does: so one file for each order, one
order for each file, and a folder that leaves it open is no list of orders. Files that name no
order are left alone, and said.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

from spapi_messaging.errors import OrderFileError
from spapi_messaging.orderfile.files.file_names import folded, listed, natural, order_ids, shown
from spapi_messaging.orderfile.files.listing import files_and_folders
from spapi_messaging.orderfile.order_id import NOT_OF_AMAZON

_NAMED = 5
_SHOWN_FAULTS = 20
_EXPECTED = "expected are files that are named by order ids, as invoice-903-1671087-0812628.pdf"


@attrs.frozen(eq=False)
class FolderOrders:
    """Orders with a file for each, in the natural order of the names.

    ``left_out`` counts files by the reason why they are no order's; ``notes`` are sentences about
    what else there is.
    """

    folder: Path
    _files: Mapping[str, str]
    left_out: Mapping[str, int]
    notes: tuple[str, ...]

    @classmethod
    def read(cls, folder: str | os.PathLike[str]) -> "FolderOrders":
        """Read the names in a folder, not those in its folders.

        Raises OrderFileError where there is no order, two files are of one order, or two orders
        are in one name.
        """
        folder = Path(folder)
        files, folders = files_and_folders(folder)
        sorting = _Sorting()
        for name in sorted(files, key=natural):
            sorting.add(name)
        notes = tuple(sorting.notes(folders))
        if faults := sorting.faults():
            raise OrderFileError(shown(str(folder)), faults)
        if not sorting.of_orders:
            there_are = "; ".join([*notes, *sorting.left_out]) or "it has no files"
            raise OrderFileError(shown(str(folder)), (f"{there_are}; {_EXPECTED}",))
        only = {order_id: names[0] for order_id, names in sorting.of_orders.items()}
        return cls(folder, only, sorting.left_out, notes)

    def __iter__(self) -> Iterator[tuple[str, Path]]:
        return ((order_id, self.folder / name) for order_id, name in self._files.items())

    def __len__(self) -> int:
        return len(self._files)


@attrs.define
class _Sorting:
    """Files by what their names say."""

    of_orders: dict[str, list[str]] = attrs.field(factory=dict)
    left_out: dict[str, int] = attrs.field(factory=dict)
    _of_several: list[str] = attrs.field(factory=list)
    _of_none: list[str] = attrs.field(factory=list)

    def add(self, name: str) -> None:
        """Take a file."""
        ids = [found.upper() for found in order_ids(folded(name))]
        if len(ids) > 1:
            self._of_several.append(f"{shown(name)} has the ids of {len(ids)} orders in its name")
        elif not ids:
            self._of_none.append(name)
        elif ids[0].startswith("S"):
            self.left_out[NOT_OF_AMAZON] = self.left_out.get(NOT_OF_AMAZON, 0) + 1
        else:
            self.of_orders.setdefault(ids[0], []).append(name)

    def faults(self) -> tuple[str, ...]:
        """Return what leaves open which file is whose, the first 20 and how many more."""
        faults = self._of_several + [
            f"{len(names)} files are of order {order_id}: {listed(names)}"
            for order_id, names in self.of_orders.items()
            if len(names) > 1
        ]
        more = len(faults) - _SHOWN_FAULTS
        return (*faults[:_SHOWN_FAULTS], *([f"and {more} more such faults"] if more > 0 else []))

    def notes(self, folders: list[str]) -> Iterator[str]:
        """Say what is left alone."""
        if self._of_none:
            names = listed(self._of_none, most=_NAMED)
            yield f"{_counted(len(self._of_none), 'file')} without an order id in the name: {names}"
        if folders:
            names = listed(sorted(folders, key=natural), most=_NAMED)
            yield f"{_counted(len(folders), 'folder')} not looked into: {names}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
