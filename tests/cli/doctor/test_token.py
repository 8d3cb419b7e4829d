"""What Login with Amazon answers, each with an advice of its own."""

import pytest
from helpers.doctor import at, doctor
from helpers.fault_server import http, says, serving

from spapi_messaging.sandbox import Sandbox
from spapi_messaging.sandbox.faults import FaultBody

PAGE = b"<html>Welcome to the hotel</html>"


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("invalid_client", "180 days"),
        ("invalid_grant", "365 days"),
        ("unauthorized_client", "another application's"),
        ("invalid_request", "copy them again"),
        ("unsupported_grant_type", "SPAPI_MESSAGING_TOKEN_URL"),
        ("something_new", "Seller Central"),
    ],
)
async def test_each_refusal_has_its_advice(sandbox: Sandbox, error: str, advice: str) -> None:
    sandbox.refuse_refresh(error, "What Amazon says of it.")
    found = await doctor(sandbox.environment)
    assert found.bads == ["token"]
    assert f"{error}: What Amazon says of it." in found["token"]
    assert advice in found["token"].partition("|")[2]
    assert found["role"] == "-- not checked: it needs token to be well"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (http("429 Too Many Requests", b"{}"), "was asked too often from here (429)"),
        (http("503 Service Unavailable", b"{}"), "answers 503: Login with Amazon fails for now"),
        (http("502 Bad Gateway", PAGE), "answers 502: a gateway in front of it fails for now"),
        (http("200 OK", PAGE), "answers with a page (200), as Amazon does not"),
        (http("403 Forbidden", PAGE), "answers with a page (403), as Amazon does not"),
        (http("407 Proxy Authentication Required", PAGE), "wants a user and a password (407)"),
        (http("511 Network Authentication Required", PAGE), "wants a login first (511)"),
        (
            http("302 Found", PAGE, "Location: https://portal.example/login?a=b"),
            "redirects (302) to https://portal.example, as Amazon does not",
        ),
        (http("302 Found", b"", "Location: \u202ejavascript:x"), "redirects (302), as Amazon"),
    ],
)
async def test_whoever_answers_in_its_place_is_told_apart(answer: bytes, told: str) -> None:
    async with (
        serving(says(http("403 Forbidden", b"{}"))) as endpoint,
        serving(says(answer)) as lwa,
    ):
        found = await doctor(at(endpoint.url, f"{lwa.url}/token"))
    assert found.bads == ["login"]
    assert told in found["login"]
    assert found["endpoint"].startswith("ok ")
    assert "needs login" in found["token"]


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (429, None, "it was asked too often (status 429)"),
        (503, None, "Login with Amazon fails for now (status 503)"),
        (407, None, "a proxy wants a user and a password (status 407)"),
        (302, None, "it redirects, as Login with Amazon does not (status 302)"),
        (200, "html", "the answer is not Login with Amazon's"),
    ],
)
async def test_what_goes_wrong_with_the_second_question_is_told_as_well(
    sandbox: Sandbox, status: int, body: FaultBody | None, told: str
) -> None:
    """The first, which has no credentials, was answered as it must be."""
    sandbox.fail_next(status, operation="token", after=1, times=10, body=body)
    found = await doctor(sandbox.environment)
    assert found.bads == ["token"]
    assert told in found["token"]


@pytest.mark.parametrize("status", ["400 Bad Request", "401 Unauthorized", "404 Not Found"])
async def test_a_refusal_without_a_code_blames_no_secret(status: str) -> None:
    """Login with Amazon names one; what answers otherwise is somebody else, or another address."""
    refusal, amazons = http("403 Forbidden", b"{}"), http(status, b"oops", "x-amzn-RequestId: 1")
    async with serving(says(refusal)) as endpoint, serving(says(amazons)) as lwa:
        found = await doctor(at(endpoint.url, f"{lwa.url}/token"))
    assert found.bads == ["token"]
    told = f"the answer is not Login with Amazon's (status {status[:3]})"
    assert found["token"].startswith(f"BAD {told}")
    assert "SPAPI_MESSAGING_TOKEN_URL" in found["token"]
    assert "180 days" not in found["token"]


@pytest.mark.parametrize("body", [b"{}", b"[]", b"oops", b'{"access_token": 5}'])
async def test_an_answer_without_a_token_is_told_without_its_places(body: bytes) -> None:
    refusal, odd = http("403 Forbidden", b"{}"), http("200 OK", body, "x-amzn-RequestId: 1")
    async with serving(says(refusal)) as endpoint, serving(says(odd)) as lwa:
        found = await doctor(at(endpoint.url, f"{lwa.url}/token"))
    assert found.bads == ["token"]
    assert "BAD the answer is not Login with Amazon's |" in found["token"]
    assert "$" not in found["token"]
