"""Amazon's regions and marketplaces as data.

Source: the marketplace ids and endpoints of the Selling Partner API documentation,
https://developer-docs.amazon.com/sp-api/docs/marketplace-ids and …/sp-api-endpoints.
Amazon's reports name a marketplace by its id or by its store's domain, people by its country.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Region(Enum):
    """A selling region: North America, Europe (with Middle East, Africa, India) or Far East."""

    NA = "na"
    EU = "eu"
    FE = "fe"

    @property
    def endpoint(self) -> str:
        """The region's production endpoint."""
        return f"https://sellingpartnerapi-{self.value}.amazon.com"

    @property
    def sandbox_endpoint(self) -> str:
        """The region's static sandbox."""
        return f"https://sandbox.sellingpartnerapi-{self.value}.amazon.com"


class Marketplace(Enum):
    """A marketplace by its country code; the value is Amazon's marketplace id.

    ``Marketplace.DE``, ``Marketplace["DE"]`` and ``Marketplace("A1PA6795UKMFR9")``
    are the same object.
    """

    CA = "A2EUQ1WTGCTBG2"
    US = "ATVPDKIKX0DER"
    MX = "A1AM78C64UM0Y8"
    BR = "A2Q3Y263D00KWC"
    IE = "A28R8C7NBKEWEA"
    ES = "A1RKKUPIHCS9HS"
    UK = "A1F83G8C2ARO7P"
    FR = "A13V1IB3VIYZZH"
    BE = "AMEN7PMS3EDWL"
    NL = "A1805IZSGTT6HS"
    DE = "A1PA6795UKMFR9"
    IT = "APJ6JRA9NG5V4"
    SE = "A2NODRKZP88ZB9"
    ZA = "AE08WJ6YKNBMC"
    PL = "A1C3SOZRARQ6R3"
    EG = "ARBP9OOSHTCHU"
    TR = "A33AVAJ2PDY3EV"
    SA = "A17E79C6D8DWNP"
    AE = "A2VIGQ35RCS4UG"
    IN = "A21TJRUUN4KGV"
    SG = "A19VAU5U5O7RUS"
    AU = "A39IBJ37TRP1C6"
    JP = "A1VC38T7YXB528"

    @property
    def id(self) -> str:
        """Amazon's marketplace id, as in ``marketplaceIds=``."""
        return self.value

    @property
    def region(self) -> Region:
        """The region whose endpoint serves this marketplace."""
        if self.name in {"CA", "US", "MX", "BR"}:
            return Region.NA
        return Region.FE if self.name in {"SG", "AU", "JP"} else Region.EU

    @property
    def domain(self) -> str:
        """The store's domain, as in a report's ``sales-channel``: ``Amazon.co.uk``."""
        return f"Amazon.{_DOMAINS.get(self.name, self.name.lower())}"


_DOMAINS = {
    "US": "com",
    "MX": "com.mx",
    "BR": "com.br",
    "UK": "co.uk",
    "BE": "com.be",
    "ZA": "co.za",
    "TR": "com.tr",
    "AU": "com.au",
    "JP": "co.jp",
}
"""Those that do not end in the country's code alone."""

_NAMED: Mapping[str, Marketplace] = MappingProxyType(
    {
        name.lower(): marketplace
        for marketplace in Marketplace
        for name in (marketplace.name, marketplace.id, marketplace.domain)
    }
    # ISO 3166 calls it GB; reports of Japan have both domains.
    | {"gb": Marketplace.UK, "amazon.jp": Marketplace.JP}
)
# A Japanese keyboard's letters; no other script's are taken for them.
_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}


def marketplace_named(text: str) -> Marketplace | None:
    """Find a marketplace by its code, id or domain, in any case; None if none is called so.

    ``GB`` is the United Kingdom; ``https://`` and ``www.`` may stand before a domain.
    """
    name = text.translate(_WIDE).strip()
    if not name.isascii():  # the Kelvin sign is no K, though it becomes one in lower case
        return None
    name = name.lower()
    if "amazon." in name:
        name = name.removeprefix("https://").removeprefix("http://").removeprefix("www.")
        name = name.removesuffix("/")
    return _NAMED.get(name)
