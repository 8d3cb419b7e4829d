"""Login with Amazon in the sandbox: tokens are given, expire, are revoked and refused."""

import pytest
from helpers.sandbox_client import DE, ORDER_PATH, Api, Clock, problem, serving


async def test_a_refresh_token_gives_an_access_token(api: Api) -> None:
    answer = await api.log_in()
    token = answer.json.pop("access_token")
    assert token.startswith("Atza|")
    assert answer.status == 200
    assert answer.json == {
        "access_token": token,
        "token_type": "bearer",
        "expires_in": 3600,
        "refresh_token": "sandbox-refresh-token",
    }
    assert api.sandbox.token_requests == 2


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": None}, 401, "invalid_client"),
        ({"refresh_token": "Atzr|real"}, 400, "invalid_grant"),
        ({"refresh_token": None}, 400, "invalid_grant"),
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ({"grant_type": None}, 400, "invalid_request"),
    ],
)
async def test_login_errors_are_those_of_rfc_6749(
    api: Api, changed: dict[str, str | None], status: int, error: str
) -> None:
    answer = await api.log_in(**changed)
    assert (status, error) == (answer.status, answer.json["error"])
    assert set(answer.json) == {"error", "error_description"}


async def test_a_token_request_is_a_form(api: Api) -> None:
    answer = await api.call("POST", "/auth/o2/token", json={"grant_type": "refresh_token"})
    assert (answer.status, answer.json["error"]) == (400, "invalid_request")
    assert (await api.get("/auth/o2/token")).status == 405


async def test_refreshing_can_be_refused_and_allowed_again(api: Api) -> None:
    api.sandbox.refuse_refresh("invalid_grant", "Revoked by the seller")
    answer = await api.log_in()
    assert answer.status == 400
    assert answer.json == {
        "error": "invalid_grant",
        "error_description": "Revoked by the seller",
    }
    api.sandbox.accept_refresh()
    assert (await api.log_in()).status == 200


async def test_a_missing_token_is_refused(api: Api) -> None:
    expected = problem(
        403,
        "Unauthorized",
        "Access to requested resource is denied.",
        "Access token is missing in the request header.",
    )
    async with api.http.get(api.sandbox.url + ORDER_PATH + DE) as answer:
        assert expected == (answer.status, await answer.json())


async def test_tokens_expire_by_the_clock_and_on_demand() -> None:
    clock = Clock()
    expired = "The access token you provided has expired."
    async with serving(clock=clock, expires_in=60) as api:
        clock.now += 59.9
        assert (await api.get()).status == 200
        clock.now += 0.1
        answer = await api.get()
        assert answer.status == 403
        assert [expired] == [error["details"] for error in answer.json["errors"]]
        api.token = (await api.log_in()).json["access_token"]
        assert (await api.get()).status == 200
        api.sandbox.expire_tokens()
        assert (await api.get()).json["errors"][0]["details"] == expired


@pytest.mark.parametrize("token", [None, "Atza|made-up"])
async def test_revoked_and_invented_tokens_are_invalid(api: Api, token: str | None) -> None:
    api.sandbox.revoke_tokens()
    answer = await api.get(token=token)
    assert (answer.status, answer.json) == problem(
        403,
        "Unauthorized",
        "Access to requested resource is denied.",
        "The access token you provided is revoked, malformed or invalid.",
    )


async def test_without_the_role_everything_is_denied_without_details(api: Api) -> None:
    api.sandbox.role_missing = True
    expected = problem(403, "Unauthorized", "Access to requested resource is denied.")
    for answer in (await api.get(), await api.post("unexpectedProblem", {"text": "Hi"})):
        assert expected == (answer.status, answer.json)
    assert api.sandbox.messages() == []
