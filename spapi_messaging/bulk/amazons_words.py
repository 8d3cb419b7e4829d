"""Amazon's sentence about a message that it refuses, as a journal may hold it.

A journal holds no text of a message and nothing of a buyer, and an error may quote both, whole,
cut, or in another form of the same letters. So of a sentence only what cannot be theirs is kept.
Left out is what stands in quotes, addresses, ids and phone numbers; and of the words, but for those
that errors are made of, all that the message or its fields have, in part or as a part, and all that
begin with a capital, as names do.
"""

import os
import re
import unicodedata
from collections.abc import Iterator

from spapi_messaging.bulk.job import Job
from spapi_messaging.messages import LocalizedText
from spapi_messaging.redaction import clipped

MAX_SENTENCE = 300
_LEFT_OUT = "…"
# Straight quotes, backticks, and the curved, low and pointed ones of all languages.
_QUOTED = re.compile(
    r"""(?<!\w)(?:"[^"]*"|'[^']*'(?!\w)|'.*'(?!\w)|`[^`]*`|[\u201c\u201e][^\u201c\u201d]*[\u201c\u201d]"""
    r"""|\u2018[^\u2019]*\u2019(?!\w)|\u00ab[^\u00bb]*\u00bb|\u00bb[^\u00ab]*\u00ab)"""
)
_OPEN_QUOTE = re.compile(r"""(?<!\w)["`\u201c\u201e\u00ab].*$""", re.DOTALL)
_PHONE = re.compile(r"\+?\d(?:[ ()./-]*\d){6,}")
_TOKEN = re.compile(r"\S+")
_WORD = re.compile(r"[^\W_]+")
_ID = re.compile(r"(?=\S*\d)\S{8,}|\S*(?:@|://|www\.)\S*", re.IGNORECASE)
_REPEATED = re.compile(rf"{_LEFT_OUT}(?:\s*{_LEFT_OUT})+")
_MIN_PART = 4
"""Letters of a word that is found within a longer one; a shorter one is in many by chance."""

_WORDS = """
    a an and are as at be been before by can cannot contain contains could do does each
    exist exists for from has have i if in into is it its may more must no not of on one only
    or out over than that the there this to too was were when which while will with within
    without you your access account action actions allowed already amazon app application
    attachment attachments authorized available bad body buyer buyers central character
    characters combination communication content contents date dates delivery denied detail
    details documents error errors exceed exceeds expected expired fail failed field fields file
    files forbidden format found html http https id ids image images input internal invalid
    item items json language length limit link links long longer malformed marketplace maximum
    message messages messaging minimum missing name number operation order orders parameter
    parameters pdf permitted please policy problem provided quota rate received remove request
    requested requests required resource restricted retry review role seller sellers send sent
    server service short size sorry status template terms text times token try type types
    unable unauthorized unsolicited unsupported upload uploaded url urls value values violates
    we
"""
_OF_ERRORS = frozenset(_WORDS.split())
"""Words that say nothing of anybody, whatever else they stand in."""


def amazons_sentence(said: str, job: Job) -> str:
    """Return what Amazon said of a message, without what may be the message's or a buyer's."""
    theirs = frozenset(_theirs(job)) - _OF_ERRORS
    bare = _OPEN_QUOTE.sub(_LEFT_OUT, _QUOTED.sub(_LEFT_OUT, _composed(said)))
    bare = _PHONE.sub(_LEFT_OUT, bare)
    kept = _TOKEN.sub(lambda found: _kept(found[0], theirs), bare)
    return clipped(" ".join(_REPEATED.sub(_LEFT_OUT, kept).split()), MAX_SENTENCE)


def _composed(text: str) -> str:
    """Return a text whose letters have one form each, and nothing between them that is not seen."""
    seen = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFKC", seen)


def _key(word: str) -> str:
    """Return what words have in common that differ in case or accents alone."""
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _kept(token: str, theirs: frozenset[str]) -> str:
    if _ID.fullmatch(token):
        return _LEFT_OUT
    return _WORD.sub(lambda word: _LEFT_OUT if _may_be_theirs(word[0], theirs) else word[0], token)


def _may_be_theirs(word: str, theirs: frozenset[str]) -> bool:
    key = _key(word)
    if key in _OF_ERRORS:
        return False
    if word[0].isupper() or key in theirs:
        return True
    return any(
        (len(key) >= _MIN_PART and key in other) or (len(other) >= _MIN_PART and other in key)
        for other in theirs
    )


def _theirs(job: Job) -> Iterator[str]:
    """Yield the words of a message's text, of its fields and of its files' names."""
    for text in (*_texts(job), *_names(job), *map(str, (job.fields or {}).values())):
        yield from map(_key, _WORD.findall(_composed(text)))


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
