"""What a text to a buyer may say, judged before it is sent: warnings, never errors.

Amazon asks for texts in the buyer's language, without HTML, e-mail addresses and phone numbers,
and with links only that concern the order (descriptions of ``text`` in the Messaging API v1
reference, and Amazon's communication guidelines). Whether the API refuses any of it is
unknown: so nothing here stops a message, and a warning may be wrong.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Literal

import attrs

from spapi_messaging.api import Operation, operation_of
from spapi_messaging.content import rules
from spapi_messaging.content.language import other_language
from spapi_messaging.content.leftovers import leftovers
from spapi_messaging.content.mojibake import mojibake
from spapi_messaging.content.phones import phones
from spapi_messaging.content.placeholders import placeholders
from spapi_messaging.content.words import Span
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.messages import TextLimit

Code = Literal[
    "html",  # a tag or an entity
    "email",
    "phone",
    "link",  # a link that may concern the order
    "unrelated-link",  # reviews, social networks, shorteners, shop fronts, marketing
    "all-caps",  # shouting
    "invisible",  # controls, zero widths, private use
    "too-long",  # beyond the operation's limit
    "placeholder",  # what another tool was to fill in: {{name}}, %NAME%, [Name], *|FNAME|*
    "leftover",  # what a program or a spreadsheet left: nan, None, #N/A, 1.2E+15, a literal \\n
    "mojibake",  # read in another encoding than it was written in: fÃ¼r, â€™, U+FFFD
    "order",  # the id of another order than the one that it goes to
    "language",  # another language than the buyer's
]


@attrs.frozen
class ContentWarning:
    """What Amazon or a buyer may object to in a text; ``message`` never quotes the text.

    ``code``: see ``Code``; ``start`` and ``end``: the span in characters, end excluded.
    """

    code: Code
    message: str
    start: int
    end: int


def check_text(
    text: str, operation: str, *, language: str | None = None, order_id: str | None = None
) -> list[ContentWarning]:
    """Return what Amazon or the buyer may object to in a text, sorted by where it starts.

    ``operation``: a name in Amazon's model, a path segment or an alias; an unknown one raises
    InvalidMessageError. ``language``: the BCP 47 tag that the text should be in, such as a
    buyer's locale; without it, or without the extra ``lang``, the language isn't judged.
    ``order_id``: the order that it goes to; without it, the order ids in it aren't judged.
    """
    known = operation_of(operation)
    if known is None:
        raise InvalidMessageError("operation", (f"{operation!r} is not one of Amazon's model",))
    found = [*_warnings(text, known), *_length(text, known), *_language(text, language)]
    if order_id is not None:
        found += other_orders(text, order_id)
    return sorted(found, key=lambda warning: (warning.start, warning.end, warning.code))


def _warnings(text: str, operation: Operation) -> Iterator[ContentWarning]:
    emails = list(rules.emails(text))
    links = list(rules.links(text, beside=emails))
    for start, end in links:
        if rules.unrelated(text[start:end], operation.name):
            why = "the link seems to lead away from the purpose of the message"
            yield ContentWarning("unrelated-link", why, start, end)
        else:
            yield ContentWarning("link", "a link may only concern the order", start, end)
    within = {at for span in links for at in range(*span)}
    for span in (span for span in emails if span[0] not in within):
        yield ContentWarning("email", "Amazon permits no e-mail address", *span)
    for span in phones(text, beside=[*emails, *links]):
        yield ContentWarning("phone", "Amazon permits no phone number", *span)
    for span in rules.shouting(text):
        yield ContentWarning("all-caps", "capitals read like shouting", *span)
    yield from _slips(text, links)


def _slips(text: str, links: list[Span]) -> Iterator[ContentWarning]:
    """Return what no one wrote for a buyer to read; each place is told of once."""
    tags = list(rules.html(text))
    for span in tags:
        yield ContentWarning("html", "HTML is not rendered; write plain text", *span)
    garbled = list(_outside(mojibake(text), links))
    for span in garbled:
        yield ContentWarning("mojibake", "it was read in a wrong encoding; read it as UTF-8", *span)
    for span in _outside(rules.invisible(text), garbled):
        yield ContentWarning("invisible", "characters that no one sees", *span)
    unfilled = list(_outside(placeholders(text), [*tags, *links]))
    for span in unfilled:
        yield ContentWarning("placeholder", "a placeholder that nothing was put in", *span)
    for span in _outside(leftovers(text), [*unfilled, *links]):
        yield ContentWarning("leftover", "what a program had instead of a value", *span)


def _outside(found: Iterable[Span], taken: Iterable[Span]) -> Iterator[Span]:
    """Return the spans that have no character in common with those that are told already."""
    told = {at for span in taken for at in range(*span)}
    for span in found:
        if told.isdisjoint(range(*span)):
            yield span


def other_orders(text: str, order_id: str) -> Iterator[ContentWarning]:
    """Return where a text names other orders than its own: a buyer is to read of none of them."""
    for span, named in rules.order_ids(text):
        if named != order_id:
            why = "it names an order, which is not the one that it goes to"
            yield ContentWarning("order", why, *span)


def _length(text: str, operation: Operation) -> Iterator[ContentWarning]:
    kind: Any = operation.message_type  # mypy takes no class with a hash of its own for hashable
    max_length = _max_length(kind)
    if len(text) > max_length:
        why = (
            f"the text has {len(text)} characters; {operation.name} takes {max_length or 'no text'}"
        )
        yield ContentWarning("too-long", why, max_length, len(text))


@lru_cache(maxsize=64)
def _max_length(kind: Any) -> int:
    fields = attrs.fields(kind) if kind else ()
    limits = (field.metadata.get("limit") for field in fields)
    return sum(limit.max_length for limit in limits if isinstance(limit, TextLimit))


def _language(text: str, wanted: str | None) -> Iterator[ContentWarning]:
    seen = other_language(text, wanted) if wanted else None
    if seen is not None:
        why = f"the text seems to be in {seen!r}; the buyer reads {wanted!r}"
        yield ContentWarning("language", why, 0, len(text))
