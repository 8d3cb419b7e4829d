"""What a message takes as an attachment: a path, a file in memory, or one that is uploaded."""

import os
from pathlib import PurePath

import attrs

from spapi_messaging.messages.filetypes import clean_name
from spapi_messaging.redaction import size_only


@attrs.frozen
class Attachment:
    """A file that is already uploaded: its upload destination's id and the name the buyer sees."""

    upload_destination_id: str
    file_name: str = attrs.field(converter=clean_name)


@attrs.frozen
class File:
    """A file to upload, from memory. ``name`` with its ending is what the buyer sees.

    Folders and control characters are taken out of the name.
    """

    content: bytes = attrs.field(repr=size_only)
    name: str = attrs.field(kw_only=True, converter=clean_name)


AttachmentLike = Attachment | File | os.PathLike[str]
"""What a message takes as an attachment; a path is read when the message is sent."""


def attachment_name(attachment: AttachmentLike) -> str:
    """Return the file name that the buyer will see."""
    match attachment:
        case Attachment(file_name=name) | File(name=name):
            return name
        case _:
            return str(clean_name(PurePath(attachment).name))
