"""The sandbox's own pages: what is let in, what is not there, and the page's policy."""

import pytest
from helpers.sandbox_admin import OWN, change
from helpers.sandbox_client import Api


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "null"}, 403),
        ({"X-Sandbox": "0"}, 403),
        ({"Content-Type": "text/plain"}, 403),
        ({"Host": "evil.example"}, 403),
    ],
)
async def test_no_other_site_can_drive_it(api: Api, headers: dict[str, str], status: int) -> None:
    answer = await change(api, "latency", {"seconds": 7}, **headers)
    assert (status, status == 200) == (answer.status, api.sandbox.latency == 7)
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


async def test_its_own_origin_can_drive_it(api: Api) -> None:
    assert (await change(api, "reset", Origin=api.sandbox.url)).status == 200


async def test_reading_needs_a_host_of_this_machine_and_no_other_site(api: Api) -> None:
    for path in ("/", f"{OWN}state"):
        assert (await api.get(path, headers={"Host": "evil.example:80"})).status == 403
        assert (await api.get(path, headers={"Host": "127.0.0.1.evil.example"})).status == 403
    assert (await api.get(f"{OWN}state", headers={"Host": "localhost:9"})).status == 200
    assert (await api.get(f"{OWN}state", headers={"Sec-Fetch-Site": "cross-site"})).status == 403


async def test_what_is_not_there_is_not_found(api: Api) -> None:
    assert (await api.get(f"{OWN}nothing")).status == 404
    assert (await change(api, "nothing")).status == 404
    assert (await api.call("PUT", f"{OWN}state")).status == 405
    assert (await api.call("POST", "/")).status == 405


async def test_the_page_has_a_strict_policy(api: Api) -> None:
    page = pytest.importorskip("spapi_messaging.sandbox.admin.page")
    answer = await api.get("/")
    assert (answer.status, answer.body) == (200, page.PAGE)
    expected = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": page.CSP,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
    }
    assert expected == {name: answer.headers[name] for name in expected}
