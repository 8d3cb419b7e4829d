"""What the fields of a message may hold: texts, moments and attachments, with their limits.

Each limit names every fault it finds instead of stopping at the first. Lengths count
characters (code points), not bytes. A buyer's text and a file's content never show in a
``repr``: logs and tracebacks print those.
"""

import os
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Protocol

import attrs

from spapi_messaging.messages.attachments import Attachment, File, attachment_name
from spapi_messaging.messages.filetypes import (
    CONTENT_TYPES,
    content_faults,
    content_type,
)
from spapi_messaging.messages.text import LocalizedText, each

MAX_ATTACHMENTS = 5
MAX_ATTACHMENT_BYTES = 10_000_000
"""The files of one message together stay *below* this many bytes."""

_SURROGATE = re.compile("[\ud800-\udfff]")
# Blanks, controls, and what Unicode calls ignorable by default: fillers, zero widths, selectors.
# https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point; the pattern of Braille
# without dots and the note without a head have no ink either.
_BLANKS = re.compile(
    "[\\s\\0-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    "\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*"
)


def as_tuple(value: Any) -> Any:
    """Make a tuple of what can be one, and leave the rest to be named as a fault."""
    if value is None:
        return ()
    # A lone str or Path is the usual slip, and a str would become a tuple of characters.
    if isinstance(value, str | bytes | os.PathLike) or not isinstance(value, Iterable):
        return value
    return tuple(value)


class Limit(Protocol):
    """Judges the value of one field."""

    def faults(self, value: Any, /) -> Iterator[str]:
        """Name what is wrong with the value."""
        ...


@attrs.frozen
class TextLimit:
    """At least one and at most ``max_length`` characters, and one of them to be seen."""

    max_length: int

    def is_plainly_met(self, text: object) -> bool:
        """Say that a text is right at first sight, as most are; False says nothing."""
        return (
            type(text) is str
            and 1 <= len(text) <= self.max_length
            and text.isascii()
            and "!" <= text[0] <= "~"
        )

    def faults(self, text: Any) -> Iterator[str]:
        """Name what is wrong with a text, in each of its languages."""
        if not isinstance(text, str | LocalizedText):
            yield f"text must be a str or a LocalizedText, not {type(text).__name__}"
            return
        for language, one in ((None, text),) if isinstance(text, str) else each(text):
            if self.is_plainly_met(one):
                continue
            name = f"text in {language!r}" if language else "text"
            if not 1 <= len(one) <= self.max_length:
                yield f"{name} has {len(one)} characters; 1 to {self.max_length} are allowed"
            elif _BLANKS.fullmatch(one):
                yield f"{name} has nothing but blanks; write what the buyer is to read"
            elif not one.isascii() and _SURROGATE.search(one):
                yield f"{name} contains a lone surrogate, which has no UTF-8 form"


def is_blank(text: str) -> bool:
    """Tell whether a text has nothing that a buyer could see; so has an empty one."""
    return _BLANKS.fullmatch(text) is not None


@attrs.frozen
class AttachmentLimit:
    """At least ``min_count`` and at most five attachments, together below 10 MB."""

    min_count: int

    def faults(self, attachments: Any) -> Iterator[str]:
        """Name what is wrong with attachments, as far as no file has to be read for it."""
        if not isinstance(attachments, tuple):
            yield "attachments must be a list of Path, File or Attachment"
            return
        if not self.min_count <= len(attachments) <= MAX_ATTACHMENTS:
            allowed = f"{self.min_count} to {MAX_ATTACHMENTS}"
            yield f"{len(attachments)} attachments; {allowed} are allowed"
        for item in attachments:
            yield from _attachment_faults(item)
        contents = [getattr(item, "content", None) for item in attachments]
        yield from size_faults(sum(len(each) for each in contents if isinstance(each, bytes)))


@attrs.frozen
class MomentLimit:
    """A datetime that says its offset from UTC; ``name`` is the field's."""

    name: str

    def faults(self, moment: Any) -> Iterator[str]:
        """Name what is wrong with a moment."""
        if not isinstance(moment, datetime):
            yield f"{self.name} must be a datetime, not {type(moment).__name__}"
        elif moment.utcoffset() is None:
            yield f"{self.name} has no time zone; give an aware datetime"


def size_faults(size: int) -> Iterator[str]:
    """Name what is wrong with attachments of ``size`` bytes together."""
    if size >= MAX_ATTACHMENT_BYTES:
        yield f"attachments have {size} bytes; together they must stay below {MAX_ATTACHMENT_BYTES}"


def _attachment_faults(item: Any) -> Iterator[str]:
    if not isinstance(item, Attachment | File | os.PathLike):
        yield f"an attachment is a Path, File or Attachment, not {type(item).__name__}"
        return
    fault = _path_fault(item) if isinstance(item, os.PathLike) else None
    if fault:
        yield fault
        return
    name: Any = attachment_name(item)  # whatever a caller without a type checker gave
    if not isinstance(name, str) or not name:
        yield f"attachment name {name!r} is not a plain file name"
    elif not isinstance(item, Attachment) and content_type(name) is None:
        yield f"attachment {name!r} is none of the types {' '.join(CONTENT_TYPES)}"
    if isinstance(item, File):
        yield from _file_faults(name, item.content)
    elif isinstance(item, Attachment):
        yield from _upload_faults(name, item.upload_destination_id)


def _path_fault(item: os.PathLike[str]) -> str | None:
    try:
        path: Any = os.fspath(item)
        if not isinstance(path, str):
            return f"the path of an attachment must be a str, not {type(path).__name__}"
        os.fsencode(path)  # knows the surrogates that stand for bytes of a file's name
    except (TypeError, ValueError):
        path = "\0"
    return "an attachment has a path that no file can have" if "\0" in path else None


def _file_faults(name: Any, content: Any) -> Iterator[str]:
    if not isinstance(content, bytes):
        yield f"the content of attachment {name!r} must be bytes, not {type(content).__name__}"
    elif not content:
        yield f"attachment {name!r} is empty"
    elif isinstance(name, str):
        yield from content_faults(name, content)


def _upload_faults(name: Any, upload_destination_id: Any) -> Iterator[str]:
    if not isinstance(upload_destination_id, str) or not upload_destination_id:
        yield f"attachment {name!r} has no upload destination id"
