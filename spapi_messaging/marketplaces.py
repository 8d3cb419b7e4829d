"""Amazon's regions and marketplaces as data.

Source: the marketplace ids and endpoints of the Selling Partner API documentation,
https://developer-docs.amazon.com/sp-api/docs/marketplace-ids and …/sp-api-endpoints.
"""

from enum import Enum


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
