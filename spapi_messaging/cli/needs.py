"""What a message of each action needs, in words: read off the limits of the message types."""

from collections.abc import Iterator
from typing import Any

import attrs

from spapi_messaging.messages import MAX_ATTACHMENTS, AttachmentLimit, Message, TextLimit


def needs_of(message_type: type[Message]) -> str:
    """Say what a message of this type has to have, and what it may have."""
    needed, allowed = (list(_parts(message_type, needed=needed)) for needed in (True, False))
    dates = [part for part in allowed if part.startswith("dates")]
    either = [part for part in allowed if part not in dates]
    # Nothing at all is no message: where nothing is required, one of what is allowed is.
    parts = [*needed, *([" or ".join(either)] if either else []), *dates[:1]]
    return ", ".join(parts) or "nothing"


def _parts(message_type: Any, *, needed: bool) -> Iterator[str]:
    for field in attrs.fields(message_type):
        if (field.default is attrs.NOTHING) is not needed:
            continue
        match field.metadata["limit"]:
            case TextLimit(max_length=most):
                yield f"a text (up to {most:,} characters)"
            case AttachmentLimit(min_count=least):
                yield f"files ({least or 'up'} to {MAX_ATTACHMENTS})"
            case _:
                yield "dates of cover if you like"


def example_options(message_type: type[Message] | None) -> list[str]:
    """Return the options of a command that sends such a message, with files to be written."""
    if message_type is None:
        return ["--text-file", "text.txt"]
    needs = needs_of(message_type)
    if "text" in needs:
        return ["--text-file", "text.txt"]
    return ["--attach", "file.pdf"] if "files" in needs else []
