"""What the jobs of a run say, looked at before they are sent.

Whether Amazon refuses a text for what is in it is not documented; that it is against the rules
is. So the default is to warn: once for each operation and code in the log, where a campaign of
200,000 would write as many lines, and by the number of texts in the run's summary.
"""

import asyncio
import functools
import logging
import re
from collections import Counter
from collections.abc import Iterator
from typing import Literal, TypeAlias

import attrs

from spapi_messaging.bulk.job import Job
from spapi_messaging.content import ContentWarning, check_text, other_orders
from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.messages import Message, each

logger = logging.getLogger("spapi_messaging")

ContentPolicy: TypeAlias = Literal["warn", "refuse", "off"]

_REMEMBERED = 256
_WORDS = re.compile(r"[\w ',\u2019-]*")
_DATE_OR_ORDER = re.compile(r"\d{4}-\d\d-\d\d|\d\d?[./]\d\d?[./]\d{2,4}|\d{3}-\d{7}-\d{7}")
MAX_DIGITS = 6
"""More of them may be a telephone number."""
_HARMLESS = frozenset({"link"})
"""What may well be right: a link that concerns the order."""


def found_in(
    message: Message, job: Job | None = None, *, order_id: str | None = None
) -> Iterator[tuple[str, ContentWarning]]:
    """Return what is to be said of a message's text in each language, with the text that it is in.

    Of a ``job`` it is the template that is looked at, once for a campaign, where what fills it
    are plain words: they would not change the answer. A language is always that of the template:
    a name or a title may be in any. Other orders than the job's, or than ``order_id``, are always
    looked for in what goes out.
    """
    template = (job.message if job else message).text_or_none
    if template is None:
        return
    adds_words_only = job is not None and all(map(_is_plain, (job.fields or {}).values()))
    text = template if adds_words_only else message.text_or_none or template
    for language, variant in each(template):
        if language is not None:
            found = _language_of(variant, message.operation, language)
            yield from ((variant, one) for one in found)
    for _, variant in each(text):
        yield from ((variant, one) for one in _checked(variant, message.operation))
    yield from _other_orders(message, job, order_id)


def _other_orders(
    message: Message, job: Job | None, order_id: str | None
) -> Iterator[tuple[str, ContentWarning]]:
    own = job.order_id if job else order_id
    if own is not None:
        for _, variant in each(message.text_or_none or ""):
            yield from ((variant, one) for one in other_orders(variant, own))


def _is_plain(value: str | int) -> bool:
    text = str(value)
    if _DATE_OR_ORDER.fullmatch(text):
        return True
    return bool(_WORDS.fullmatch(text)) and sum(map(str.isdigit, text)) <= MAX_DIGITS


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
