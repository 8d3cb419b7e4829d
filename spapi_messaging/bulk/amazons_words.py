"""Amazon's sentence about a message that it refuses, as a journal may hold it.

A journal holds no text of a message and nothing of a buyer, and an error may quote both. So of
a sentence only what cannot be theirs is kept: what stands in quotes, addresses and ids are left
out, and of the words that the message or its fields have, all but those that errors are made of.
"""

import os
import re
from collections.abc import Iterator

from spapi_messaging.bulk.job import Job
from spapi_messaging.messages import LocalizedText
from spapi_messaging.redaction import clipped

MAX_SENTENCE = 300
_LEFT_OUT = "…"
# Straight quotes, backticks, and the curved, low and pointed ones of all languages.
_QUOTED = re.compile(
    r"""(?<!\w)(?:"[^"]*"|'[^']*'(?!\w)|`[^`]*`|[\u201c\u201e][^\u201c\u201d]*[\u201c\u201d]"""
    r"""|\u2018[^\u2019]*\u2019(?!\w)|\u00ab[^\u00bb]*\u00bb|\u00bb[^\u00ab]*\u00ab)"""
)
_OPEN_QUOTE = re.compile(r"""(?<!\w)["`\u201c\u201e\u00ab].*$""", re.DOTALL)
_TOKEN = re.compile(r"\S+")
_WORD = re.compile(r"[^\W_]+")
_ID = re.compile(r"(?=\S*\d)\S{8,}|\S*(?:@|://|www\.)\S*", re.IGNORECASE)
_REPEATED = re.compile(rf"{_LEFT_OUT}(?:\s*{_LEFT_OUT})+")

_WORDS = """
    a an and are as at be been before by can cannot contain contains could do does each
    exist exists for from has have if in into is it its may more must no not of on one only
    or out over than that the there this to too was were when which while will with within
    without you your access account action actions allowed already attachment attachments
    available body buyer buyers character characters combination communication content
    contents date dates delivery denied details error errors exceed exceeds expected fail
    failed field fields file files format html id ids image images input invalid item items
    language length limit link links long longer marketplace maximum message messages
    minimum missing name number operation order orders parameter parameters permitted please
    policy problem provided received request requested requests required resource restricted
    review seller sellers send sent service short size template text times token type types
    unsupported upload uploaded url urls value values violates
"""
_OF_ERRORS = frozenset(_WORDS.split())
"""Words that say nothing of anybody, whatever else they stand in."""


def amazons_sentence(said: str, job: Job) -> str:
    """Return what Amazon said of a message, without what may be the message's or a buyer's."""
    theirs = frozenset(_theirs(job)) - _OF_ERRORS
    bare = _OPEN_QUOTE.sub(_LEFT_OUT, _QUOTED.sub(_LEFT_OUT, said))
    kept = _TOKEN.sub(lambda found: _kept(found[0], theirs), bare)
    return clipped(" ".join(_REPEATED.sub(_LEFT_OUT, kept).split()), MAX_SENTENCE)


def _kept(token: str, theirs: frozenset[str]) -> str:
    if _ID.fullmatch(token):
        return _LEFT_OUT
    return _WORD.sub(lambda word: _LEFT_OUT if word[0].casefold() in theirs else word[0], token)


def _theirs(job: Job) -> Iterator[str]:
    """Yield the words of a message's text, of its fields and of its files' names."""
    for text in (*_texts(job), *_names(job), *map(str, (job.fields or {}).values())):
        yield from (word.casefold() for word in _WORD.findall(text))


def _texts(job: Job) -> Iterator[str]:
    text = job.rendered.text_or_none
    if isinstance(text, LocalizedText):
        yield from text.variants.values()
    elif isinstance(text, str):
        yield text


def _names(job: Job) -> Iterator[str]:
    for item in job.rendered.attached:
        named = item if isinstance(item, os.PathLike) else getattr(item, "name", "")
        yield re.split(r"[/\\]", str(named))[-1]
