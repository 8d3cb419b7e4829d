"""The language that a text is in, as far as it is certain; needs the extra ``lang``.

The detector is py3langid: its model lies in its wheel, so that nothing is fetched at run time.
It is loaded when the first language is judged, which takes most of a second.
"""

import importlib
import re
from functools import lru_cache
from typing import Any

from spapi_messaging.content.words import compiled


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The languages of the marketplaces, and those that sellers and their translators mix them up
# with; the fewer there are, the less a text of product names is taken for something exotic.
_LANGUAGES = _words(
    "en fr es pt nl de it sv pl ar tr hi ta te bn mr kn ml gu pa or as ur ne zh ja ko af ga da no "
    "nn cs sk ca gl eu cy fi hu ro el he fa ru uk bg hr sr bs sl et lv lt vi th id ms tl sw zu xh"
)
_SAME = {"nb": "no", "iw": "he", "in": "id", "fil": "tl", "cmn": "zh", "yue": "zh", "wuu": "zh"}
# Within each, a sentence or two do not tell the languages apart.
_RELATIVES = tuple(
    _words(family)
    for family in ("da no nn", "id ms", "hr sr bs sl", "es gl ca", "pt gl", "cs sk", "zu xh")
)
MIN_LETTERS = 24
MIN_DENSE_LETTERS = 8
_LIKELY = 0.6
_IMPOSSIBLE = 0.001

_PRINTABLE = "[!-~]+"
# Links, addresses, keys, order ids and acronyms are in no language.
_NO_LANGUAGE = "[0-9@]|://|www|[A-Z]{2}|.{40}"
# Vowel signs of India's scripts are marks, and no letters by themselves.
_LETTER = "[^\\W\\d_]|[\u0900-\u0dff]"
_DENSE = "[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
MAX_LOOKED_AT = 2000  # characters that are looked at


def other_language(text: str, wanted: str) -> str | None:
    """Return the language a text is in if that surely is not ``wanted``, a BCP 47 tag.

    None for a text of fewer than 24 letters, for languages that are too close to tell apart or
    unknown to the detector, and where the extra is not installed.
    """
    primary = re.split("[-_]", wanted.strip().lower(), maxsplit=1)[0]
    buyers = _SAME.get(primary, primary)
    words = compiled(_PRINTABLE).sub(_word_only, text[:MAX_LOOKED_AT])
    if buyers not in _LANGUAGES or not _is_long_enough(words):
        return None
    detector = _detector()
    if detector is None:
        return None
    chances = dict(detector.rank(words))
    seen = max(chances, key=chances.__getitem__)
    if _are_close(seen, buyers) or chances[buyers] > _IMPOSSIBLE:
        return None
    likely = sum(chance for each, chance in chances.items() if _are_close(each, seen))
    return seen if likely >= _LIKELY else None


def _word_only(found: re.Match[str]) -> str:
    return " " if compiled(_NO_LANGUAGE).search(found[0]) else found[0]


def _is_long_enough(words: str) -> bool:
    dense = len(compiled(_DENSE).findall(words))
    return dense >= MIN_DENSE_LETTERS or len(compiled(_LETTER).findall(words)) >= MIN_LETTERS


def _are_close(one: str, other: str) -> bool:
    return one == other or any({one, other} <= family for family in _RELATIVES)


@lru_cache(maxsize=1)
def _detector() -> Any:
    try:
        langid = importlib.import_module("py3langid.langid")
    except ImportError:
        return None
    detector = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    detector.set_languages(_LANGUAGES)
    return detector
