"""Marketplaces and regions against a table copied from Amazon's documentation."""

import pytest

from spapi_messaging.marketplaces import Marketplace, Region

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
