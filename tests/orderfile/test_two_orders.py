"""A row whose columns name two orders of Amazon's is nobody's: a message goes to no stranger."""

import json

import pytest
from helpers.order_reports import ORDERS

from spapi_messaging.orderfile import read_orders

OWN, OTHER, DIGITAL = ORDERS


@pytest.mark.parametrize("trusted", ["amazon-order-id", "Amazon Order ID", "order_id"])
@pytest.mark.parametrize("beside", ["Bestellnummer", "order number", "Amazon Bestellnummer"])
@pytest.mark.parametrize("other", [OTHER, DIGITAL, f'"=""{OTHER}"""', OTHER.replace("-", "\u2011")])
def test_it_is_at_fault_and_its_order_gets_nothing(trusted: str, beside: str, other: str) -> None:
    content = f"{beside},{trusted},name\n{other},{OWN},A\n,{OWN},B\n{OTHER},{OTHER},C\n"
    with read_orders(content.encode()) as file:
        assert [order.order_id for order in file.orders()] == [OTHER]
        assert file.fault_count == 1
        (fault,) = file.fault_lines
        assert "are two orders" in fault
        assert trusted in fault
        assert beside in fault


@pytest.mark.parametrize("other", ["", "4711", "A-1", OWN, f" {OWN}\u200b", "S01-1234567-1234567"])
def test_a_number_of_the_shops_own_is_none(other: str) -> None:
    content = f"order_id,amazon-order-id\n{other},{OWN}\n"
    with read_orders(content.encode()) as file:
        assert [order.order_id for order in file.orders()] == [OWN]
        assert file.fault_count == 0


def test_it_is_so_in_json() -> None:
    rows = [{"order_id": OTHER, "AmazonOrderId": OWN}, {"order_id": OTHER}]
    with read_orders(json.dumps(rows).encode()) as file:
        assert file.fault_count == 1
