"""The files that Amazon takes as attachments, told by their content, and names for buyers.

An ending alone proves nothing: an export that is an error page in HTML would reach the buyer
as a broken PDF. What is not what its name says is refused; what is, but may be unreadable for the
buyer, as a document with a password, is said.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from spapi_messaging.messages.signatures import OLD_OR_LOCKED_WORD, RTF, kind_of

# "text files, PDFs, Word documents, and these image file types: .jpg, .gif, and .png":
# the description of `attachments` in the schemas that orders embed.
CONTENT_TYPES: Mapping[str, str] = {
    ".txt": "text/plain",
    ".pdf": "application/pdf",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".png": "image/png",
}

_SAME = {".jpeg": ".jpg"}
# Controls, direction overrides, surrogates and private letters, but not the odd blanks of macOS.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co"})


def _ending(name: str) -> str:
    return PurePath(name).suffix.lower()


def content_type(name: str) -> str | None:
    """Return the media type for a file name, or None where Amazon does not take such files."""
    return CONTENT_TYPES.get(_ending(name))


def clean_name(name: Any) -> Any:
    """Make a name that may reach a buyer: without folders, control characters and outer blanks.

    What is not a str is left to be named as a fault.
    """
    if not isinstance(name, str):
        return name
    last = re.split(r"[/\\]", name)[-1]
    return "".join(c for c in last if unicodedata.category(c) not in _DROPPED).strip()


def content_faults(name: str, head: bytes) -> Iterator[str]:
    """Say that a file is not what its ending says.

    ``head`` is its first 4,096 bytes or more, and all of them if it ``is_compound``.
    """
    wanted = _wanted(name)
    if not head or wanted is None:
        return  # other faults say that it is empty, or of no type that Amazon takes
    found = kind_of(head)
    if wanted not in found.endings:
        looks = f"looks like {found.ending}" if found.ending else "is of another type"
        words = f" ({found.words})" if found.words else ""
        better = f"; name it {found.ending} if it is one" if found.ending in CONTENT_TYPES else ""
        yield (
            f"attachment {name!r} {looks} by its content{words}; a buyer could not open it{better}"
        )


def content_warnings(name: str, head: bytes) -> Iterator[str]:
    """Say what a buyer may be unable to read though it is what its ending says.

    ``head`` is as for ``content_faults``.
    """
    wanted = _wanted(name)
    found = kind_of(head) if head and wanted else None
    if found is None or wanted not in found.endings:
        return
    if found.locked:
        yield f"attachment {name!r} has a password; a buyer could not open it without"
    elif found is OLD_OR_LOCKED_WORD and wanted == ".docx":
        what = "has a password or is an old .doc"
        yield f"attachment {name!r} {what} by its content; a buyer may not be able to open it"
    elif found is RTF and wanted == ".txt":
        yield f"attachment {name!r} is RTF by its content; a buyer sees its codes; name it .doc"


def _wanted(name: str) -> str | None:
    ending = _ending(name)
    wanted = _SAME.get(ending, ending)
    return wanted if wanted in CONTENT_TYPES else None
