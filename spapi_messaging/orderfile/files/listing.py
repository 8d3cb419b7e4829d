"""The files below a folder, listed once and never without a bound.

Hidden files and folders are none that a person put there to be sent, and pipes and sockets are no
files; a link to a file is one. What cannot be listed ends the run: a file that was not seen could
be the second one of an order.
"""

import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from spapi_messaging.errors import OrderFileError
from spapi_messaging.orderfile.files.file_names import folded, is_hidden, shown

MAX_ENTRIES = 200_000


def files_below(
    folder: Path,
    is_entered: Callable[[tuple[str, ...]], bool],
    *,
    follows_links: bool = True,
    with_lost_links: bool = False,
) -> Iterator[tuple[str, ...]]:
    """Return the names of each file's path below a folder, as they are on disk.

    ``is_entered`` says whether the folder of such a path is looked into. Links to folders are
    followed only if ``follows_links``: they may lead in circles. ``with_lost_links``: a link that
    leads nowhere is a file, too. Raises OrderFileError.
    """
    left = MAX_ENTRIES
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        path = waiting.pop()
        entries = _entries(folder.joinpath(*path), most=left + 1)
        left -= len(entries)
        if left < 0:
            fault = f"more than {MAX_ENTRIES:,} files and folders are in it; name one with fewer"
            raise OrderFileError(shown(str(folder)), (fault,))
        for entry in entries:
            found = (*path, entry.name)
            if is_hidden(entry.name):
                continue
            if _is_file(entry) or (with_lost_links and _is_lost(entry)):
                yield found
            elif entry.is_dir(follow_symlinks=follows_links) and is_entered(found):
                waiting.append(found)


def files_and_folders(folder: Path) -> tuple[list[str], list[str]]:
    """Return the names of the files and of the folders in a folder; raises OrderFileError.

    A link that leads nowhere is a file: whoever opens it says so, where it would be missed.
    """
    folders: list[str] = []

    def note(path: tuple[str, ...]) -> bool:
        folders.append(path[0])
        return False

    return [name for (name,) in files_below(folder, note, with_lost_links=True)], folders


def as_on_disk(folder: Path) -> Path:
    """Return a folder with its names in the case and form that they have on disk, if it is one."""
    found = Path(folder.anchor)
    for name in folder.relative_to(folder.anchor).parts:
        found = found / (name if (found / name).exists() else _alike(found, name))
    return found


def _alike(folder: Path, name: str) -> str:
    """Return the only folder's name that differs from one in nothing that is seen."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.is_dir()]
    except OSError:
        return name
    alike = [found for found in names if folded(found) == folded(name)]
    return alike[0] if len(alike) == 1 else name


def _entries(folder: Path, *, most: int) -> "list[os.DirEntry[str]]":
    try:
        with os.scandir(folder) as entries:
            return list(islice(entries, most))
    except FileNotFoundError:
        why = "there is no such folder"
    except (OSError, ValueError) as error:  # ValueError: a lone surrogate
        why = getattr(error, "strerror", None) or "it is no path"
    raise OrderFileError(shown(str(folder)), (why,))


def _is_file(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link that leads to itself, or to where nobody may look
        return False


def _is_lost(entry: "os.DirEntry[str]") -> bool:
    return entry.is_symlink() and not Path(entry.path).exists()
