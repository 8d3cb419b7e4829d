"""What a message says: a text, or one in several languages, and the ``$fields`` in it.

Amazon demands the buyer's language of preference. Which of the languages at hand is best for a
buyer is decided by the distances of CLDR's language matching, by ``langcodes``: "de" serves
"de-AT", and "zh-Hans" does not serve "zh-TW". It takes longer to import than the rest of this
package, so it is loaded when a text in several languages is first made.

A text with ``$name`` in it is a ``string.Template``, where ``$$`` is a dollar; any other text,
one with "$5" in it, stands as it is, unless fields are given. A ``LiteralText`` always does.

Sources: BCP 47, https://www.rfc-editor.org/info/bcp47;
https://www.unicode.org/reports/tr35/tr35.html#EnhancedLanguageMatching.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from string import Template
from typing import Any, ClassVar, TypeAlias

import attrs

from spapi_messaging.errors import InvalidMessageError
from spapi_messaging.redaction import name_or_size

MAX_DISTANCE = 10
"""The distance up to which one language is read as the other: regions have 4 or 5 between them,
Swiss German and German 8, Norwegian and Danish 12, Catalan and Spanish 20."""
MAX_TAG = 35  # https://www.rfc-editor.org/rfc/rfc5646#section-4.4.1
_TAG = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_TAG}}}")
_NAME = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")


def _variants(given: Any) -> tuple[tuple[str, Any], ...]:
    """Name the languages as BCP 47 does, and leave what cannot be named to be found at fault."""
    items = given.items() if isinstance(given, Mapping) else ()
    return tuple((_standard(tag) or str(tag), text) for tag, text in items)


def _standard(tag: Any) -> str | None:
    """Return a tag in its standard form (``de_de`` is ``de-DE``), or None if it is not one."""
    import langcodes

    if not isinstance(tag, str) or len(tag) > MAX_TAG or not langcodes.tag_is_valid(tag):
        return None
    return langcodes.standardize_tag(tag)


def _default(tag: Any) -> Any:
    return tag if tag is None else _standard(tag) or tag


@attrs.frozen
class LocalizedText:
    """A text in several languages, of which each buyer gets one: ``{"de": "…", "fr-CA": "…"}``.

    ``default``: the language for buyers who read none of them; without one, a message to them is
    refused. Languages are BCP 47 tags. Raises InvalidMessageError with every fault named.
    """

    hides_content: ClassVar[bool] = True

    _variants: tuple[tuple[str, Any], ...] = attrs.field(
        converter=_variants,
        eq=lambda pairs: tuple(sorted(pairs)),
        repr=lambda pairs: f"<{', '.join(dict(pairs))}>",
    )
    default: str | None = attrs.field(default=None, converter=_default, kw_only=True)

    def __attrs_post_init__(self) -> None:
        faults = tuple(self._faults())
        if faults:
            raise InvalidMessageError(type(self).__name__, faults)

    def _faults(self) -> Iterator[str]:
        if not self._variants:
            yield "it needs a text in at least one language, such as {'de': '…'}"
        for tag, times in Counter(self.languages).items():
            if _standard(tag) is None:
                yield f"{name_or_size(tag, _TAG)} is no language tag, such as 'de' or 'fr-CA'"
            elif times > 1:
                yield f"{tag!r} is given twice, in different spellings"
        for tag, text in self._variants:
            if not isinstance(text, str):
                kind, where = type(text).__name__, name_or_size(tag, _TAG)
                yield f"the text in {where} must be a str, not {kind}"
        if self.default is not None and self.default not in self.languages:
            yield f"the default {name_or_size(self.default, _TAG)} is none of its languages"

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there are, as BCP 47 tags."""
        return tuple(tag for tag, _ in self._variants)

    @property
    def variants(self) -> dict[str, str]:
        """The texts by their languages."""
        return dict(self._variants)

    def best_for(self, locale: str | None) -> str | None:
        """Return the language for a buyer's locale, such as "de-AT"; None if there is none.

        The nearest by CLDR's distances, else the default. An unknown locale gets the default.
        """
        import langcodes

        if locale is None or _standard(locale) is None:
            return self.default
        nearest, distance = langcodes.closest_match(
            locale, list(self.languages), max_distance=MAX_DISTANCE
        )
        return nearest if distance <= MAX_DISTANCE else self.default


@attrs.frozen
class ChosenText(LocalizedText):
    """A text in the one language that was chosen of several.

    ``known_as``: the digest of the message with all of them, which a journal knows it by.
    """

    known_as: str = attrs.field(kw_only=True)


class LiteralText(str):
    """A text that stands as it is: a ``$`` in it is a dollar, whatever comes after it."""

    __slots__ = ()


Text: TypeAlias = str | LocalizedText
"""What a message may say, in one language or in several."""
Fields: TypeAlias = Mapping[str, str | int]
"""The values of a text's ``$fields``."""


def each(text: Text) -> Iterator[tuple[str | None, str]]:
    """Return the variants of a text with their languages; None for a text in one that is unsaid."""
    if isinstance(text, LocalizedText):
        yield from text.variants.items()
    else:
        yield None, text


def fields_of(text: Text) -> tuple[str, ...]:
    """List the ``$fields`` of a text, in their order, over all of its languages."""
    if isinstance(text, str):
        return _parsed(text)[0]
    names = (name for _, one in each(text) for name in _parsed(one)[0])
    return tuple(dict.fromkeys(names))


def _parsed(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the fields of a template, and whether every ``$`` in it begins one or is doubled."""
    return _parsed_template(text) if "$" in text and not _is_literal(text) else ((), True)


def _is_literal(text: str) -> bool:
    return isinstance(text, LiteralText)


@lru_cache(maxsize=256)  # a campaign fills one template for each of its orders
def _parsed_template(text: str) -> tuple[tuple[str, ...], bool]:
    template = Template(text)
    return tuple(template.get_identifiers()), template.is_valid()


def fill(text: Text, fields: Fields) -> Text:
    """Fill the ``$fields`` of a text in which ``field_faults`` finds nothing wrong."""
    if isinstance(text, LocalizedText):
        texts = {tag: _filled(one, fields) for tag, one in each(text)}
        return LocalizedText(texts, default=text.default)
    return _filled(text, fields)


def _filled(text: str, fields: Fields) -> str:
    if _is_literal(text) or "$" not in text:
        return text
    return "".join([str(fields[name]) if name else literal for literal, name in _pieces(text)])


@lru_cache(maxsize=256)
def _pieces(text: str) -> tuple[tuple[str, str], ...]:
    """Take a template apart: texts as they stand, and the names of fields."""
    pieces, at = [], 0
    for found in Template.pattern.finditer(text):
        name = found["named"] or found["braced"] or ""
        pieces += [(text[at : found.start()], ""), ("" if name else "$", name)]
        at = found.end()
    return (*pieces, (text[at:], ""))


def _is_template(text: Text) -> bool:
    """Say whether every ``$`` of a text begins a field or is doubled."""
    if isinstance(text, str):
        return _parsed(text)[1]
    return all(_parsed(one)[1] for one in text.variants.values())


def _is_filled_by(text: str, given: Fields) -> bool:
    """Say whether a text is a template of which each field is given a str, and nothing else is."""
    if "$" not in text:
        return not given
    names, is_template = _parsed_template(text)
    return (
        is_template
        and len(given) == len(names)
        and all(type(given.get(name)) is str for name in names)
    )


def field_faults(text: Text | None, given: Fields) -> Iterator[str]:
    """Name what is wrong with the fields for a text: missing, unknown, or no str or int.

    No value is quoted, nor what is not a name.
    """
    if type(text) is str and _is_filled_by(text, given):
        return iter(())
    return _field_faults(text, given)


def _field_faults(text: Text | None, given: Fields) -> Iterator[str]:
    if text is not None and not _is_template(text):
        yield "a $ in the text begins no field; write $$ for a dollar sign"
        return
    names = () if text is None else fields_of(text)
    for name in names:
        if name not in given:
            yield f"the field ${name} of the text has no value; give it in the job's fields"
        # 19.90 would become 19.9, and true True.
        elif isinstance(given[name], bool) or not isinstance(given[name], str | int):
            yield f"the field ${name} must be a string or a whole number"
    for name in map(str, given):
        if name not in names:
            yield f"the text has no field {f'${name}' if _NAME.fullmatch(name) else '(no name)'}"
