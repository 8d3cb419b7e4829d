"""What all message types have in common: they check their limits when they are made."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, ClassVar, Self

import attrs

from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.messages.attachments import AttachmentLike
from spapi_messaging.messages.constraints import Limit, TextLimit
from spapi_messaging.messages.text import Fields, Text, field_faults, fill


@attrs.frozen(kw_only=True)
class Message:
    """Base of all message types: checks the limits that its fields declare when it is made."""

    operation: ClassVar[str]
    """The operation's name in Amazon's model."""
    segment: ClassVar[str]
    """The last segment of the operation's path."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Other names under which orders offer it."""
    withdrawn: ClassVar[str | None] = None
    """The day Amazon took the operation out of its model, if it did."""

    def __attrs_post_init__(self) -> None:
        kind: Any = type(self)  # mypy takes no class with a hash of its own for hashable
        if not _quick_is_right(self, _limits_of(kind)):
            faults = tuple(self._faults())
            if faults:
                raise InvalidMessageError(kind.__name__, faults)

    def _faults(self) -> Iterator[str]:
        kind: Any = type(self)  # mypy takes no class with a hash of its own for hashable
        fields = _limits_of(kind)
        says_nothing = bool(fields)
        for name, limit, needed in fields:
            value = getattr(self, name)
            if value is not None or needed:
                yield from limit.faults(value)
            says_nothing = says_nothing and value in (None, ())
        if says_nothing:
            yield "it says nothing; give it a text or an attachment"

    @property
    def text_or_none(self) -> Text | None:
        """The text; None for a message that has none."""
        return getattr(self, "text", None)

    def with_fields(self, fields: Fields) -> Self:
        """Return the message with the ``$fields`` of its text filled in (``string.Template``).

        Raises InvalidMessageError for missing and unknown fields, and where the values break a
        limit.
        """
        text = self.text_or_none
        faults = tuple(field_faults(text, fields))
        if faults:
            raise InvalidMessageError(type(self).__name__, faults)
        return self if text is None else self.with_text(fill(text, fields))

    def with_text(self, text: Text) -> Self:
        """Return the message with another text; raises InvalidMessageError if it has a fault."""
        kind: Any = type(self)
        kept = {name: getattr(self, name) for name, _, _ in _limits_of(kind) if name != "text"}
        changed: Self = kind(text=text, **kept)
        return changed

    @property
    def attached(self) -> tuple[AttachmentLike, ...]:
        """The attachments; empty for a message type that takes none."""
        return getattr(self, "attachments", ())


def _quick_is_right(message: Message, fields: tuple[tuple[str, Limit, bool], ...]) -> bool:
    """Say that a message is nothing but a text, and a right one; False says nothing."""
    if len(fields) != 1:
        return False
    ((name, limit, _),) = fields
    return isinstance(limit, TextLimit) and limit.is_plainly_met(getattr(message, name))


@lru_cache(maxsize=64)
def _limits_of(kind: Any) -> tuple[tuple[str, Limit, bool], ...]:
    """Return the fields of a message type with their limits, and whether they have to be given."""
    return tuple(
        (field.name, field.metadata["limit"], field.default is attrs.NOTHING)
        for field in attrs.fields(kind)
    )
