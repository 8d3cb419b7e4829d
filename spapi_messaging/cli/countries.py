"""The countries of the marketplaces, as people write them."""

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from spapi_messaging.marketplaces import Marketplace

COUNTRIES: Mapping[Marketplace, tuple[str, ...]] = MappingProxyType(
    {
        Marketplace.CA: ("Canada", "can"),
        Marketplace.US: ("United States", "usa", "america"),
        Marketplace.MX: ("Mexico", "mex", "méxico"),
        Marketplace.BR: ("Brazil", "bra", "brasil"),
        Marketplace.IE: ("Ireland", "irl"),
        Marketplace.ES: ("Spain", "esp", "españa"),
        Marketplace.UK: ("United Kingdom", "gbr", "england", "britain"),
        Marketplace.FR: ("France", "fra"),
        Marketplace.BE: ("Belgium", "bel", "belgië", "belgique"),
        Marketplace.NL: ("Netherlands", "nld", "holland", "nederland"),
        Marketplace.DE: ("Germany", "deu", "ger", "deutschland"),
        Marketplace.IT: ("Italy", "ita", "italia"),
        Marketplace.SE: ("Sweden", "swe", "sverige"),
        Marketplace.ZA: ("South Africa", "zaf"),
        Marketplace.PL: ("Poland", "pol", "polska"),
        Marketplace.EG: ("Egypt", "egy"),
        Marketplace.TR: ("Türkiye", "turkey", "tur"),
        Marketplace.SA: ("Saudi Arabia", "sau"),
        Marketplace.AE: ("United Arab Emirates", "are", "uae", "emirates"),
        Marketplace.IN: ("India", "ind"),
        Marketplace.SG: ("Singapore", "sgp"),
        Marketplace.AU: ("Australia", "aus"),
        Marketplace.JP: ("Japan", "jpn"),
    }
)
"""In English, and what else people write beside the codes, ids and domains that are known."""
_NEAR_ELSEWHERE = {"austria", "iceland"}
"""Countries without a marketplace, whose names are near to those of others."""
_LONGEST, _SHORTEST = 60, 4
"""Characters: of what is longer the beginning is looked at, what is shorter is near to anything."""
_ALIKE = 0.78
"""From here on words are slips of each other; below, Finland would be Ireland."""
_NAMES: Mapping[str, Marketplace] = MappingProxyType(
    {
        name.lower(): place
        for place, words in COUNTRIES.items()
        for name in (place.name, place.id, place.domain, *words)
    }
)


def marketplace_meant(code: str) -> Marketplace | None:
    """Return the marketplace that was likely meant by what is the name of none."""
    name = code.strip().lower()[:_LONGEST]
    if name in _NAMES or len(name) < _SHORTEST or name in _NEAR_ELSEWHERE:
        return _NAMES.get(name)
    begun = {place for each, place in _NAMES.items() if each.startswith(name)}
    if begun:
        return begun.pop() if len(begun) == 1 else None
    words = [each for each in _NAMES if len(each) >= _SHORTEST]
    close = get_close_matches(name, words, n=1, cutoff=_ALIKE)
    return _NAMES[close[0]] if close else None
