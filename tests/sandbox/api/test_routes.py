"""Which paths and parameters the sandbox knows, and what it answers to all others."""

import pytest
from helpers.sandbox_client import DE, NOT_PERMITTED, ORDER, ORDER_PATH, Api, problem, serving

from spapi_messaging.marketplaces import Marketplace


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?marketplaceIds=",
        "?marketplaceIds=DE",
        "?marketplaceId=A1PA6795UKMFR9",
        "?marketplaceIds=A1PA6795UKMFR9,ATVPDKIKX0DER",
        DE + "&marketplaceIds=ATVPDKIKX0DER",
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("GET", "/attributes"), ("POST", "/messages/unexpectedProblem")],
)
async def test_exactly_one_known_marketplace_is_needed(
    api: Api, query: str, method: str, path: str
) -> None:
    answer = await api.call(method, ORDER_PATH + path + query)
    assert (answer.status, answer.json) == problem(
        400, "InvalidInput", "Missing or invalid request parameter: marketplaceId"
    )


async def test_an_order_can_belong_to_one_marketplace_and_one_seller(api: Api) -> None:
    api.sandbox.add_order(ORDER, marketplace=Marketplace.FR)
    assert (await api.get()).status == 400
    assert (await api.get(ORDER_PATH + "?marketplaceIds=A13V1IB3VIYZZH")).status == 200
    api.sandbox.add_order(ORDER, seller="sandbox-other")
    assert (await api.get()).json == NOT_PERMITTED


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/messaging/v1/orders/111-1111111-1111111" + DE, 404),
        ("GET", "/messaging/v1/orders/nonsense" + DE, 400),
        ("GET", "/messaging/v1/orders" + DE, 404),
        ("GET", "/elsewhere", 404),
        ("POST", ORDER_PATH + DE, 405),
        ("GET", ORDER_PATH + "/messages/warranty" + DE, 405),
        ("POST", ORDER_PATH + "/messages/CreateWarranty" + DE, 404),
        ("POST", ORDER_PATH + "/messages/attributes" + DE, 404),
        ("POST", ORDER_PATH + "/messages/holidayGreeting" + DE, 404),
    ],
)
async def test_what_does_not_exist_is_not_found(
    api: Api, method: str, path: str, status: int
) -> None:
    answer = await api.call(method, path)
    assert status == answer.status
    assert answer.json["errors"][0]["code"]


async def test_orders_nobody_added_can_be_allowed() -> None:
    async with serving(any_order=("warranty",)) as api:
        answer = await api.get("/messaging/v1/orders/111-1111111-1111111" + DE)
        assert [link["name"] for link in answer.json["_links"]["actions"]] == ["warranty"]
        assert (await api.get("/messaging/v1/orders/nonsense" + DE)).status == 400
        counted = api.sandbox.count("111-1111111-1111111", "getMessagingActionsForOrder")
        assert counted == 1
