"""The countries of the marketplaces, as people write them."""

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from spapi_messaging.marketplaces import Marketplace

COUNTRIES: Mapping[Marketplace, tuple[str, ...]] = MappingProxyType(
    {
        Marketplace.CA: ("Canada", "can"),
        Marketplace.US: ("United States", "usa", "america"),
        Marketplace.MX: ("Mexico", "mex"),
        Marketplace.BR: ("Brazil", "bra"),
        Marketplace.IE: ("Ireland", "irl"),
        Marketplace.ES: ("Spain", "esp"),
        Marketplace.UK: ("United Kingdom", "gbr", "england", "britain"),
        Marketplace.FR: ("France", "fra"),
        Marketplace.BE: ("Belgium", "bel"),
        Marketplace.NL: ("Netherlands", "nld", "holland"),
        Marketplace.DE: ("Germany", "deu", "ger"),
        Marketplace.IT: ("Italy", "ita"),
        Marketplace.SE: ("Sweden", "swe"),
        Marketplace.ZA: ("South Africa", "zaf"),
        Marketplace.PL: ("Poland", "pol"),
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
_LONGEST = 60


def marketplace_meant(code: str) -> Marketplace | None:
    """Return the marketplace that was likely meant by what is the name of none."""
    names = {
        name.lower(): place
        for place, words in COUNTRIES.items()
        for name in (place.name, place.id, place.domain, *words)
    }
    close = get_close_matches(code.strip().lower()[:_LONGEST], names, n=1)
    return names[close[0]] if close else None
