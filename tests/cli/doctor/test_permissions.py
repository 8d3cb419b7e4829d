"""What the application may do, by Amazon's answers; nothing is uploaded or sent."""

from base64 import b64decode
from typing import Any

import pytest
from helpers.command_line import order
from helpers.doctor import at, doctor
from helpers.fault_server import http, says, serving

from spapi_messaging.marketplaces import Region
from spapi_messaging.sandbox import Sandbox
from spapi_messaging.sandbox.faults import FaultBody

ASKS = "getMessagingActionsForOrder"
UPLOADS = "createUploadDestinationForResource"


def error(message: str, details: str = "") -> bytes:
    return (
        f'{{"errors":[{{"code":"Unauthorized","message":"{message}","details":"{details}"}}]}}'
    ).encode()


DENIED = error("Access to requested resource is denied.")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, None),
        (400, None),
        (403, error("Invalid amazonOrderId and template combination.")),
        (200, b'{"_links":{"actions":[]}}'),
    ],
)
async def test_whoever_is_told_of_an_order_has_the_role(
    sandbox: Sandbox, status: int, body: bytes | None
) -> None:
    sandbox.fail_next(status, operation=ASKS, body=body)
    found = await doctor(sandbox.environment)
    assert found["role"] == "ok Buyer Communication is there"
    assert found.bads == []


async def test_a_missing_role_says_how_it_is_added(sandbox: Sandbox) -> None:
    sandbox.role_missing = True
    found = await doctor(sandbox.environment)
    assert found.bads == ["role"]
    assert "add the role Buyer Communication | then Authorize app again" in found["role"]
    assert "in another region than EU" in found["role"]


async def test_a_seller_of_another_region_is_no_missing_role(sandbox: Sandbox) -> None:
    async with Sandbox() as america:
        sandbox.fail_next(403, operation=ASKS, body=DENIED)
        # The token of this sandbox is known there, as Amazon's is in all its regions.
        america.backend.accounts = sandbox.backend.accounts
        found = await doctor(sandbox.environment, regions={Region.NA: america.url})
    assert found["role"].startswith("BAD the seller is of region NA, and DE of EU")
    assert "CA, US, MX, BR" in found["role"]


async def test_a_role_that_is_missing_everywhere_is_missing(sandbox: Sandbox) -> None:
    sandbox.role_missing = True
    regions = {Region.NA: sandbox.url, Region.FE: sandbox.url}
    found = await doctor(sandbox.environment, regions=regions)
    assert found["role"].startswith("BAD it is missing")
    assert "another region" not in found["role"]


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (401, error("x"), "BAD Amazon rejects the access token (401)"),
        (
            403,
            error("Access to requested resource is denied.", "The access token is missing."),
            "BAD the access token does not arrive (403)",
        ),
        (429, None, "-- not known: the quota is used up"),
        (503, None, "BAD Amazon failed"),
        (302, None, "BAD the question was redirected"),
    ],
)
async def test_other_answers_say_what_they_say(
    sandbox: Sandbox, status: int, body: FaultBody | bytes | None, told: str
) -> None:
    sandbox.fail_next(status, operation=ASKS, body=body, times=100)
    found = await doctor(sandbox.environment, silence=1)
    assert told in found["role"]


async def test_a_page_in_the_place_of_an_answer_is_of_somebody_in_between() -> None:
    refusal, page = http("403 Forbidden", b"{}"), http("403 Forbidden", b"<html>no</html>")
    async with serving(says(refusal), says(page)) as server:
        found = await doctor(at(server.url, server.token_url))
    assert found["role"].startswith("BAD somebody in between answered 403, and not Amazon")


async def test_a_marketplace_that_amazon_refuses_is_told(sandbox: Sandbox) -> None:
    body = error("Missing or invalid request parameter: marketplaceId")
    sandbox.fail_next(400, operation=ASKS, body=body)
    found = await doctor(sandbox.environment)
    assert found.bads == ["marketplace"]
    assert "Amazon does not take DE for this seller" in found["marketplace"]


async def test_an_upload_destination_is_made_and_nothing_else(sandbox: Sandbox) -> None:
    sandbox.add_order(order(1), actions=("unexpectedProblem", "warranty"))
    found = await doctor(sandbox.environment, attachments=order(1))
    assert found["uploads"].startswith("ok an upload destination for warranty was made")
    asked = [request.operation for request in sandbox.requests if request.method != "GET"]
    assert [name for name in asked if name != "token"] == [UPLOADS]
    (upload,) = (request for request in sandbox.requests if request.operation == UPLOADS)
    assert len(b64decode(upload.query["contentMD5"][0], validate=True)) == 16, "no hex"
    assert sandbox.messages() == []


async def test_uploads_that_are_denied_name_both_roles(sandbox: Sandbox) -> None:
    sandbox.add_order(order(1))
    sandbox.fail_next(403, operation=UPLOADS, body=DENIED)
    found = await doctor(sandbox.environment, attachments=order(1), silence=0.3)
    assert found.bads == ["uploads"]
    assert "Product Listing, which is unproven for Europe" in found["uploads"]
    assert "Buyer Communication" in found["uploads"]
    assert found["role"].startswith("ok ")


async def test_an_order_without_attachments_and_an_unknown_one_prove_little(
    sandbox: Sandbox,
) -> None:
    sandbox.add_order(order(1), actions=("unexpectedProblem",))
    found = await doctor(sandbox.environment, attachments=order(1))
    assert "the order permits no message with attachments now" in found["uploads"]
    unknown = await doctor(sandbox.environment, attachments=order(99))
    assert unknown["uploads"].startswith("hm allowed, as it seems, but not for this order")
    assert "404" in unknown["uploads"]
    wrong = await doctor(sandbox.environment, attachments="S01-1")
    assert wrong.bads == ["uploads"]
    assert "S01-1" in wrong["uploads"]


@pytest.mark.parametrize("fault", [{"reset": True}, {"body": "html"}])
async def test_an_upload_that_comes_to_nothing_is_a_line(
    sandbox: Sandbox, fault: dict[str, Any]
) -> None:
    sandbox.add_order(order(1))
    sandbox.fail_next(operation=UPLOADS, times=10, **fault)
    found = await doctor(sandbox.environment, attachments=order(1), silence=0.3)
    assert found.bads == ["uploads"]


@pytest.mark.parametrize("body", [b"oops", b"[]", b'"x"'])
async def test_an_answer_that_cannot_be_understood_is_of_somebody_in_between(body: bytes) -> None:
    """To try again in some minutes, as was said of what is not JSON, is no help."""
    refusal, odd = http("403 Forbidden", b"{}"), http("200 OK", body, "x-amzn-RequestId: 1")
    async with serving(says(refusal), says(odd)) as server:
        found = await doctor(at(server.url, server.token_url))
    assert found.bads == ["role"]
    assert found["role"].startswith("BAD it is answered, but not as Amazon does | a login page")
