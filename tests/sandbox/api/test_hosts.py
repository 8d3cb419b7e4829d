"""No web page in the user's browser talks to Amazon's side of the sandbox."""

import pytest
from helpers.sandbox_client import DE, ORDER, ORDER_PATH, Api, serving

PATHS = [
    ("GET", ORDER_PATH + DE),
    ("POST", f"{ORDER_PATH}/messages/negativeFeedbackRemoval{DE}"),
    ("POST", f"/uploads/2020-11-01/uploadDestinations{ORDER_PATH}/messages/warranty{DE}"),
    ("POST", "/auth/o2/token"),
    ("PUT", "/s3/x"),
    ("GET", "/elsewhere"),
]
FOREIGN = [
    {"Host": "evil.example"},
    {"Host": "evil.example:80"},
    {"Host": "127.0.0.1.evil.example"},
    {"Host": "localhost.evil.example:{port}"},
    {"Host": ""},
    {"Host": "27.0.0.1:1"},
    {"Host": "[::1"},
    {"Host": "93.184.216.34"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_a_foreign_host_or_site_is_refused_and_does_nothing(
    api: Api, method: str, path: str, headers: dict[str, str]
) -> None:
    api.sandbox.fail_next(500, times=9)
    asked = api.sandbox.token_requests
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    given = {name: value.format(port=api.sandbox.port) for name, value in headers.items()}
    answer = await api.call(method, path, headers=form | given)
    assert (answer.status, answer.json["errors"][0]["code"]) == (403, "Unauthorized")
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert (api.sandbox.messages(), api.sandbox.token_requests) == ([], asked)
    assert (api.sandbox.faults.pending[0].played, api.sandbox.leaks) == (0, [])
    assert api.sandbox.requests[-1].status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "localhost"},
        {"Host": "LOCALHOST:99"},
        {"Host": "[::1]:8080"},
        {"Host": "127.0.0.2"},
        {"Host": "27.0.0.1:{port}"},  # python-amazon-sp-api makes its Host like that
        {"Host": "ocalhost:{port}"},
        {"Origin": "http://127.0.0.1:{port}"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
    ids=str,
)
async def test_this_machine_is_let_in(api: Api, headers: dict[str, str]) -> None:
    given = {name: value.format(port=api.sandbox.port) for name, value in headers.items()}
    assert (await api.get(headers=given)).status == 200


async def test_a_sandbox_that_listens_elsewhere_has_other_names() -> None:
    async with serving(host="0.0.0.0") as api:  # noqa: S104  # that is what the test is about
        path = f"/messaging/v1/orders/{ORDER}{DE}"
        assert (await api.get(path, headers={"Host": "sandbox.internal"})).status == 200


async def test_an_ipv6_address_makes_a_url() -> None:
    async with serving(host="::1") as api:
        assert api.sandbox.url == f"http://[::1]:{api.sandbox.port}"
        assert (await api.get()).status == 200
