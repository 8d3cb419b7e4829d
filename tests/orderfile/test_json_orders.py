"""Orders in JSON as services and programs write them: in answers, by rows, by columns."""

import json
from typing import Any

import pytest
from helpers.order_reports import ORDERS

from spapi_messaging import Marketplace, OrderFileError
from spapi_messaging.orderfile import OrderFile, read_orders

ONE, TWO = ORDERS[:2]
DE, FR = "A1PA6795UKMFR9", "A13V1IB3VIYZZH"
ANSWERED: list[dict[str, Any]] = [
    {
        "AmazonOrderId": ONE,
        "MarketplaceId": DE,
        "SalesChannel": "Amazon.de",
        "OrderTotal": {"CurrencyCode": "EUR", "Amount": "12.00"},
        "BuyerInfo": {"BuyerEmail": "x@example.com"},
        "PaymentMethodDetails": ["Standard"],
    },
    {"AmazonOrderId": TWO, "MarketplaceId": FR, "SalesChannel": "Amazon.fr"},
]
ROWS = [{"order-id": ONE, "marketplace": "DE"}, {"order-id": TWO, "marketplace": "FR"}]
NEWER = [
    {"orderId": ONE, "salesChannel": {"channelName": "AMAZON", "marketplaceId": DE}},
    {"orderId": TWO, "salesChannel": {"channelName": "AMAZON", "marketplaceId": FR}},
]


def read(value: Any, **layout: Any) -> OrderFile:
    content = value if isinstance(value, str) else json.dumps(value, **layout)
    return read_orders(content.encode(), marketplace=Marketplace.IT)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "value",
    [
        ANSWERED,
        {"Orders": ANSWERED},
        {"payload": {"Orders": ANSWERED, "NextToken": "x", "CreatedBefore": "2026-11-01"}},
        [{"payload": {"Orders": [one]}} for one in ANSWERED],
        {"orders": NEWER, "pagination": {"nextToken": "x"}},
        {"schema": {"fields": [{"name": "order-id"}], "primaryKey": ["i"]}, "data": ROWS},
        {"0": ROWS[0], "1": ROWS[1]},
        [{**row, "items": [{"sku": "x"}]} for row in ROWS],
    ],
)
def test_orders_are_read_from_what_only_holds_them(value: Any, indent: int | None) -> None:
    with read(value, indent=indent) as file:
        assert not file.fault_count
        assert [(one.order_id, one.marketplace) for one in file.orders()] == [
            (ONE, Marketplace.DE),
            (TWO, Marketplace.FR),
        ]


def test_pages_on_lines_of_their_own_are_read() -> None:
    pages = "\n".join(json.dumps({"payload": {"Orders": [one]}}) for one in ANSWERED)
    with read(pages) as file:
        assert [row.line for row in file.rows] == [1, 2]


@pytest.mark.parametrize("channel", ["NON_AMAZON", "Non-Amazon"])
def test_a_channel_that_is_an_object_is_read_and_never_passed_over(channel: str) -> None:
    orders = [
        {"orderId": ONE, "salesChannel": {"channelName": channel, "marketplaceId": DE}},
        {"orderId": TWO, "salesChannel": {"x": 1}},
    ]
    with read(orders) as file:
        assert not file.rows
        assert sum(file.left_out.values()) == 1
        assert "salesChannel '?' is no marketplace" in file.fault_lines[0] or file.fault_count == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "it has no orders"),
        ("[[1], [2]]", "it is not a JSON object"),
        (json.dumps([ONE, TWO]), "it is not a JSON object"),
        (f'[{{"order_id": "{ONE}", "price": NaN}}]', "NaN and Infinity are not JSON"),
        (json.dumps({"columns": ["order-id"], "index": [0], "data": [[ONE]]}), "by its columns"),
    ],
)
def test_json_without_rows_of_orders_is_refused_with_what_is_wrong(content: str, said: str) -> None:
    with pytest.raises(OrderFileError, match=said):
        read(content)


def test_a_column_of_orders_is_no_row() -> None:
    with read({"order-id": {"0": ONE}, "marketplace": {"0": "DE"}}) as file:
        assert file.fault_lines[0].endswith("write one object for each row")
