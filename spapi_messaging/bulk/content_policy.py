"""What the jobs of a run say, looked at before they are sent.

Whether Amazon refuses a text for what is in it is not documented; that it is against the rules
is. So the default is to warn: once for each operation and code in the log, where a campaign of
200,000 would write as many lines, and by the number of texts in the run's summary.
"""

import asyncio
import functools
import logging
from collections import Counter
from collections.abc import Iterator
from typing import Literal, TypeAlias

import attrs

from spapi_messaging.bulk.job import Job
from spapi_messaging.content import ContentWarning, check_filled, check_text, other_orders
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.messages import Fields, Message, Text, each

logger = logging.getLogger("spapi_messaging")

ContentPolicy: TypeAlias = Literal["warn", "refuse", "off"]

_REMEMBERED = 256
_HARMLESS = frozenset({"link"})
"""What may well be right: a link that concerns the order."""


def found_in(
    message: Message, job: Job | None = None, *, order_id: str | None = None
) -> Iterator[tuple[str, ContentWarning]]:
    """Return what is to be said of a message's text in each language, with the text that it is in.

    Of a ``job`` with fields it is the template that is looked at, once for a campaign, and what
    fills it by itself where that gives the same answer. A language is always that of the template:
    a name or a title may be in any. Other orders than the job's, or than ``order_id``, are always
    looked for in what goes out.
    """
    template = (job.message if job else message).text_or_none
    if template is None:
        return
    fields, text = job.fields if job else None, message.text_or_none
    own = job.order_id if job else order_id
    if fields and isinstance(template, str) and isinstance(text, str):
        yield from check_filled(template, fields, text, message.operation, order_id=own)
        return
    yield from _in_languages(template, text or template, fields, message.operation)
    if own is not None:
        yield from _other_orders(text or "", own)


def _in_languages(
    template: Text, text: Text, fields: Fields | None, operation: str
) -> Iterator[tuple[str, ContentWarning]]:
    for language, variant in each(template):
        if language is not None:
            found = _language_of(variant, operation, language)
            yield from ((variant, one) for one in found)
    texts = dict(each(text))
    for language, variant in each(template):
        filled = texts.get(language, variant)
        if fields:
            yield from check_filled(variant, fields, filled, operation)
        else:
            yield from ((filled, one) for one in _checked(filled, operation))


def _other_orders(text: Text, own: str) -> Iterator[tuple[str, ContentWarning]]:
    for _, variant in each(text):
        yield from ((variant, one) for one in other_orders(variant, own))


def is_serious(warning: ContentWarning) -> bool:
    """Say whether a job is to be refused for it where warnings are: a mere link may be right."""
    return warning.code not in _HARMLESS


@functools.lru_cache(maxsize=_REMEMBERED)
def _language_of(text: str, operation: str, language: str) -> tuple[ContentWarning, ...]:
    found = check_text(text, operation, language=language)
    return tuple(one for one in found if one.code == "language")


@functools.lru_cache(maxsize=_REMEMBERED)
def _checked(text: str, operation: str) -> tuple[ContentWarning, ...]:
    return tuple(check_text(text, operation))


@attrs.define
class ContentCheck:
    """Judges the texts of a run; ``counts`` has how many of them were found to have what."""

    policy: ContentPolicy
    counts: Counter[str] = attrs.field(factory=Counter, init=False)
    _told: set[tuple[str, str]] = attrs.field(factory=set, init=False)
    _loading: asyncio.Lock = attrs.field(factory=asyncio.Lock, init=False)
    _loaded: set[type] = attrs.field(factory=set, init=False)

    async def refusal(self, job: Job) -> InvalidMessageError | None:
        """Warn of what is in a job's text, or return the error to refuse it with."""
        if self.policy == "off":
            return None
        await self._load(job)
        found = [one for _, one in found_in(job.rendered, job)]
        self.counts.update({one.code for one in found})
        if self.policy == "refuse":
            faults = tuple(_describe_warning(one) for one in found if is_serious(one))
            if faults:
                return InvalidMessageError(job.message.operation, faults, job.order_id)
        for one in found:
            self._tell(job, one)
        return None

    async def _load(self, job: Job) -> None:
        """Look at the first text of a kind in a thread: the judge of languages loads for long."""
        kind = type(job.message.text_or_none)
        if kind in self._loaded:
            return
        async with self._loading:
            if kind not in self._loaded:
                await asyncio.to_thread(list, found_in(job.rendered, job))
                self._loaded.add(kind)

    def _tell(self, job: Job, warning: ContentWarning) -> None:
        about = (job.message.operation, warning.code)
        if about not in self._told:
            self._told.add(about)
            logger.warning(
                "The text of %s for order %s: %s; the run's summary counts all such texts",
                *(job.message.operation, job.order_id, _describe_warning(warning)),
            )


def _describe_warning(warning: ContentWarning) -> str:
    where = f"characters {warning.start + 1} to {warning.end}"
    return f"{warning.message} ({warning.code}, {where})"
