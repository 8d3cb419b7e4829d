"""Every store of the sandbox is bounded, and what is cut is marked."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.raw_flood import flooded, http
from helpers.sandbox_admin import OWN, say
from helpers.sandbox_client import DE, ORDER, ORDER_PATH, Api, serving

from spapi_messaging.sandbox import Fault

ROOT = "spapi_messaging.sandbox"
FORM = "Content-Type: application/x-www-form-urlencoded"
CREDENTIALS = "grant_type=refresh_token&client_id=sandbox-client-id&client_secret="
MANY = "&".join(f"a{number}={number}" for number in range(900))[:7900]
Made = Callable[[int], bytes]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
@pytest.mark.parametrize(
    ("request_of", "count"),
    [
        pytest.param(lambda n: http("GET", f"{ORDER_PATH}?x{n}={'x' * 7900}"), 20_000, id="query"),
        pytest.param(lambda n: http("GET", f"{ORDER_PATH}?b{n}&{MANY}"), 20_000, id="parameters"),
        pytest.param(lambda n: http("GET", f"/{n}/{'y' * 7900}"), 6_000, id="path"),
        pytest.param(
            lambda n: http("GET", f"/messaging/v1/orders/903-1671087-{n:07}"), 6_000, id="order"
        ),
        pytest.param(
            lambda n: http("PUT", f"/s3/{n}/{'z' * 7900}", "Authorization: x", body=b"x" * 99),
            6_000,
            id="leak",
        ),
        pytest.param(
            lambda n: http("GET", ORDER_PATH, *(f"X-{n}-{i}: {'v' * 200}" for i in range(30))),
            6_000,
            id="headers",
        ),
        pytest.param(
            lambda n: http("POST", "/auth/o2/token", FORM, body=b"refresh_token=%d" % n * 500),
            6_000,
            id="form",
        ),
        pytest.param(
            lambda n: http(
                "POST",
                "/auth/o2/token",
                FORM,
                body=f"{CREDENTIALS}sandbox-client-secret&refresh_token=sandbox-{n:0190}".encode(),
            ),
            6_000,
            id="token",
        ),
    ],
)
async def test_requests_of_strangers_take_little_memory(request_of: Made, count: int) -> None:
    """8 kB each: 20,000 took 3.6 GB; now 2 to 20 MB are measured, and 50 are the bound."""
    async with flooded() as server:
        await server.send(200, lambda _: http("GET", "/"))
        before = server.resident()
        await server.send(count, request_of)
        assert server.resident() - before < 50


async def test_what_is_too_long_is_cut_with_a_mark(api: Api) -> None:
    path = f"{ORDER_PATH}{'/x' * 400}"
    headers = {f"X-Odd-{number}": "v" * 3000 for number in range(8)}
    await api.get(f"{path}?long={'y' * 3000}&{MANY[:3000]}", headers=headers)
    record = api.sandbox.requests[-1]
    assert record.path == f"{path[:500]}... ({len(path)} characters)"
    assert (record.target[:500], record.target[1000]) == (path[:500], ".")
    assert record.query["long"] == [f"{'y' * 500}... (3000 characters)"]
    assert record.query["..."][0].endswith(" more parameters")
    assert record.headers["x-odd-0"] == f"{'v' * 500}... (3000 characters)"
    assert record.headers["..."].endswith(" more headers")
    assert record.room < 20_000
    (shown, *_) = (await api.get(f"{OWN}requests")).json["requests"]
    assert shown["path"] == record.path
    await api.get(headers={"x" * 5000: "y"})
    assert f"{'x' * 500}... (5000 characters)" in api.sandbox.requests[-1].headers


async def test_a_long_query_is_read_whole_though_it_is_kept_in_part(api: Api) -> None:
    query = f"?{MANY[:5000]}&marketplaceIds=A1PA6795UKMFR9"
    assert (await api.get(ORDER_PATH + query)).status == 200


async def test_strangers_push_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The request with the token and its message stay; of the others, the newest do."""
    monkeypatch.setattr(f"{ROOT}.api.log.MAX_STRANGERS", 3)
    monkeypatch.setattr(f"{ROOT}.api.log.MAX_REQUESTS", 2)
    async with serving(rate=math.inf) as api:
        await say(api, "x")
        for number in range(5):
            assert (await api.get(f"/{number}", token="made up")).status == 403
            assert (await api.call("PUT", f"/s3/{number}", data=b"x")).status == 400
        statuses = [record.status for record in api.sandbox.requests]
        assert statuses == [200, 201, 400, 403, 400]
        assert [record.seq for record in api.sandbox.requests] == [1, 2, 10, 11, 12]
        assert (len(api.sandbox.messages()), api.sandbox.count()) == (1, 12)
        page = (await api.get(f"{OWN}requests?limit=2&before=12")).json
        assert ([item["seq"] for item in page["requests"]], page["more"]) == ([11, 10], True)


async def test_the_log_is_bounded_in_bytes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{ROOT}.api.log.MAX_REQUEST_BYTES", 20_000)
    monkeypatch.setattr(f"{ROOT}.api.log.MAX_STRANGER_BYTES", 20_000)
    async with serving(rate=math.inf) as api:
        for number in range(20):
            await api.get(f"/x?{number}={'x' * 5000}")
            await api.get(f"/x?{number}={'x' * 5000}", token="no")
        assert 3 < len(api.sandbox.requests) < 30


async def test_strangers_make_no_orders(api: Api) -> None:
    api.sandbox.backend.any_order = ("warranty",)
    path = f"/messaging/v1/orders/111-1111111-1111111{DE}"
    await api.get(path, token="made up")
    assert list(api.sandbox.backend.orders) == [ORDER]
    assert (await api.get(path)).status == 200


async def test_unknown_messages_share_one_name(api: Api) -> None:
    """Counters, quotas and orders keep an entry for each operation, and clients cannot add any."""
    for number in range(5):
        assert (await api.post(f"odd{number}", {})).status == 404
    assert api.sandbox.count(ORDER, "unknown") == 5
    order = api.sandbox.backend.orders[ORDER]
    assert set(order.requests) == {"unknown"}
    assert set(api.sandbox.backend.log.counts) == {"token", "unknown"}


async def test_leaks_are_cut_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{ROOT}.api.uploads.MAX_LEAKS", 2)
    async with serving() as api:
        for number in range(4):
            await api.call("PUT", f"/s3/{number}{'x' * 5000}", data=b"x")
        assert [leak[:5] for leak in api.sandbox.leaks] == ["/s3/2", "/s3/3"]
        assert max(map(len, api.sandbox.leaks)) < 1100


async def test_a_message_weighs_what_its_members_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """2 kB of empty arrays are 80 kB in memory."""
    monkeypatch.setattr(f"{ROOT}.api.log.MAX_MESSAGE_BYTES", 100_000)
    async with serving(rate=math.inf) as api:
        for _ in range(3):
            await api.post("unexpectedProblem", {"text": "x", "odd": [[]] * 1000})
        assert len(api.sandbox.messages()) == len(api.sandbox.messages(ORDER)) == 1


async def test_a_refresh_token_has_a_length(api: Api) -> None:
    assert (await api.log_in(refresh_token="sandbox-" + "x" * 200)).status == 200
    assert (await api.log_in(refresh_token="sandbox-" + "x" * 201)).json["error"] == "invalid_grant"


async def test_faults_are_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{ROOT}.faults.MAX_FAULT_BYTES", 10_000)
    api.sandbox.fail_next(body=b"x" * 6000)
    with pytest.raises(ValueError, match="too large"):
        api.sandbox.add_fault(Fault(raw=b"x" * 6000))
    monkeypatch.setattr(f"{ROOT}.faults.MAX_FAULTS", 1)
    with pytest.raises(ValueError, match="1 faults waiting"):
        api.sandbox.fail_next()


async def test_orders_are_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{ROOT}.controls.MAX_ORDER_BYTES", 1000)
    api.sandbox.add_order(ORDER, document=b"x" * 900)
    api.sandbox.add_order(ORDER, document=b"x" * 901)
    with pytest.raises(ValueError, match="too large"):
        api.sandbox.add_order("111-1111111-1111111", document=b"x" * 100)
    api.sandbox.add_order(ORDER)
    api.sandbox.add_order("111-1111111-1111111", document=b"x" * 1000)
    monkeypatch.setattr(f"{ROOT}.controls.MAX_ORDERS", 2)
    with pytest.raises(ValueError, match="too many orders"):
        api.sandbox.add_order("222-1111111-1111111")
