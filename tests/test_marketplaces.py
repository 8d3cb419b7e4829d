"""Marketplaces and regions against a table copied from Amazon's documentation."""

import pytest

from spapi_messaging.marketplaces import Marketplace, Region, marketplace_named

TABLE = {
    "NA": {
        "CA": "A2EUQ1WTGCTBG2",
        "US": "ATVPDKIKX0DER",
        "MX": "A1AM78C64UM0Y8",
        "BR": "A2Q3Y263D00KWC",
    },
    "EU": {
        "IE": "A28R8C7NBKEWEA",
        "ES": "A1RKKUPIHCS9HS",
        "UK": "A1F83G8C2ARO7P",
        "FR": "A13V1IB3VIYZZH",
        "BE": "AMEN7PMS3EDWL",
        "NL": "A1805IZSGTT6HS",
        "DE": "A1PA6795UKMFR9",
        "IT": "APJ6JRA9NG5V4",
        "SE": "A2NODRKZP88ZB9",
        "ZA": "AE08WJ6YKNBMC",
        "PL": "A1C3SOZRARQ6R3",
        "EG": "ARBP9OOSHTCHU",
        "TR": "A33AVAJ2PDY3EV",
        "SA": "A17E79C6D8DWNP",
        "AE": "A2VIGQ35RCS4UG",
        "IN": "A21TJRUUN4KGV",
    },
    "FE": {"SG": "A19VAU5U5O7RUS", "AU": "A39IBJ37TRP1C6", "JP": "A1VC38T7YXB528"},
}
ROWS = [(region, code, id_) for region, ids in TABLE.items() for code, id_ in ids.items()]


def test_there_are_no_others() -> None:
    assert {marketplace.name for marketplace in Marketplace} == {row[1] for row in ROWS}
    assert len(Marketplace) == 23
    assert {region.name for region in Region} == set(TABLE)


@pytest.mark.parametrize(("region", "code", "marketplace_id"), ROWS, ids=[row[1] for row in ROWS])
def test_marketplace(region: str, code: str, marketplace_id: str) -> None:
    marketplace = Marketplace[code]
    assert marketplace.id == marketplace_id
    assert Marketplace(marketplace_id) is marketplace
    assert marketplace.region is Region[region]


@pytest.mark.parametrize(
    ("region", "endpoint", "sandbox"),
    [
        (
            Region.NA,
            "https://sellingpartnerapi-na.amazon.com",
            "https://sandbox.sellingpartnerapi-na.amazon.com",
        ),
        (
            Region.EU,
            "https://sellingpartnerapi-eu.amazon.com",
            "https://sandbox.sellingpartnerapi-eu.amazon.com",
        ),
        (
            Region.FE,
            "https://sellingpartnerapi-fe.amazon.com",
            "https://sandbox.sellingpartnerapi-fe.amazon.com",
        ),
    ],
)
def test_endpoints(region: Region, endpoint: str, sandbox: str) -> None:
    assert (region.endpoint, region.sandbox_endpoint) == (endpoint, sandbox)


DOMAINS = {
    "CA": "Amazon.ca",
    "US": "Amazon.com",
    "MX": "Amazon.com.mx",
    "BR": "Amazon.com.br",
    "IE": "Amazon.ie",
    "ES": "Amazon.es",
    "UK": "Amazon.co.uk",
    "FR": "Amazon.fr",
    "BE": "Amazon.com.be",
    "NL": "Amazon.nl",
    "DE": "Amazon.de",
    "IT": "Amazon.it",
    "SE": "Amazon.se",
    "ZA": "Amazon.co.za",
    "PL": "Amazon.pl",
    "EG": "Amazon.eg",
    "TR": "Amazon.com.tr",
    "SA": "Amazon.sa",
    "AE": "Amazon.ae",
    "IN": "Amazon.in",
    "SG": "Amazon.sg",
    "AU": "Amazon.com.au",
    "JP": "Amazon.co.jp",
}
NAMES = [(code, name) for code, domain in DOMAINS.items() for name in (code, domain)]
NAMES += [(code, id_) for _, code, id_ in ROWS]
NAMES += [("UK", "GB"), ("JP", "Amazon.jp")]


@pytest.mark.parametrize(("code", "name"), NAMES)
def test_a_marketplace_is_found_by_what_reports_and_people_call_it(code: str, name: str) -> None:
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in name)
    for spelled in (name, name.lower(), name.upper(), name.swapcase(), f"\t {name}\u00a0\n", wide):
        assert marketplace_named(spelled) is Marketplace[code]


@pytest.mark.parametrize("code", DOMAINS)
def test_a_domain_may_be_that_of_the_store_s_pages(code: str) -> None:
    domain = DOMAINS[code]
    assert Marketplace[code].domain == domain
    for before in ("www.", "WWW.", "https://", "https://www.", "http://www."):
        assert marketplace_named(f"{before}{domain}") is Marketplace[code]
        assert marketplace_named(f"{before}{domain}/") is Marketplace[code]


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "XX",
        "Germany",
        "DE FR",
        "DE,",
        "www.de",
        "https://DE",
        "Amazon",
        "Amazon.",
        "amazon.cn",
        "Amazon.de.evil.example",
        "notamazon.de",
        "Amazon.de/gp",
        "Non-Amazon DE",
        "\u0410mazon.de",
        "\u0421\u0410",
        "U\u212a",
        "E\u017f",
        "amazon.\u0131t",
        "DE\0",
        "A1PA6795UKMFR",
    ],
    ids=ascii,
)
def test_nothing_else_is_a_marketplace(name: str) -> None:
    """Letters that only look like those of a name, or become them in another case, are others."""
    assert marketplace_named(name) is None
