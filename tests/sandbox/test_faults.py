"""Faults of the sandbox: what is ordered happens, to whom it is ordered, as often as ordered."""

import asyncio
import math

import aiohttp
import pytest
from helpers.sandbox_client import DE, ORDER, ORDER_PATH, THROTTLED, Api, problem, serving
from helpers.virtual_time import virtual

from spapi_messaging.sandbox import Fault
from spapi_messaging.sandbox.faults import FaultBody

TEXT = {"text": "Hi"}


async def test_a_fault_happens_once_and_leaves_nothing_behind(api: Api) -> None:
    fault = api.sandbox.fail_next()
    answer = await api.post("unexpectedProblem", TEXT)
    assert (answer.status, answer.json) == problem(
        503,
        "ServiceUnavailable",
        "Service is temporarily unavailable. Please try again.",
    )
    assert "x-amzn-RequestId" in answer.headers
    assert "x-amzn-RateLimit-Limit" not in answer.headers
    assert api.sandbox.messages() == []
    assert api.sandbox.requests[-1].fault
    assert (fault.played, api.sandbox.faults.pending) == (1, [])
    assert (await api.post("unexpectedProblem", TEXT)).status == 201
    assert not api.sandbox.requests[-1].fault


async def test_a_fault_hits_its_operation_and_order_only(api: Api) -> None:
    api.sandbox.add_order("111-1111111-1111111")
    api.sandbox.fail_next(500, operation="createUnexpectedProblem", order_id=ORDER)
    assert (await api.get()).status == 200
    assert (await api.post("unexpectedProblem", TEXT, order="111-1111111-1111111")).status == 201
    assert (await api.post("confirmOrderDetails", TEXT)).status == 201
    assert (await api.post("unexpectedProblem", TEXT)).status == 500


async def test_faults_come_in_the_order_they_were_asked_for(api: Api) -> None:
    api.sandbox.fail_next(500, times=2)
    api.sandbox.add_fault(Fault(status=429))
    api.sandbox.fail_next(404)
    statuses = [(await api.get()).status for _ in range(5)]
    assert statuses == [500, 500, 429, 404, 200]
    api.sandbox.fail_next(500)
    api.sandbox.clear_faults()
    assert (await api.get()).status == 200


async def test_an_ordered_429_looks_like_a_real_one(api: Api) -> None:
    api.sandbox.fail_next(429)
    assert (await api.get()).json == THROTTLED


async def test_refused_and_throttled_requests_leave_the_fault_for_another() -> None:
    async with serving(rate=1, burst=1, clock=lambda: 0.0) as api:
        api.sandbox.fail_next(500)
        assert (await api.get(token="no")).status == 403
        assert (await api.get()).status == 500
        api.sandbox.fail_next(500)
        assert (await api.get()).status == 429
        assert (await api.post("unexpectedProblem", TEXT)).status == 500


async def test_a_message_can_be_accepted_before_things_go_wrong(api: Api) -> None:
    api.sandbox.fail_next(503, after_accepting=True)
    refused = await api.post("unexpectedProblem", {"text": ""})
    assert refused.status == 400
    assert (await api.post("unexpectedProblem", TEXT)).status == 503
    assert [message.body for message in api.sandbox.messages(ORDER)] == [TEXT]


async def test_a_201_never_lies(api: Api) -> None:
    api.sandbox.fail_next(201, body="html")
    assert (await api.post("unexpectedProblem", TEXT)).status == 201
    assert len(api.sandbox.messages(ORDER)) == 1


@pytest.mark.parametrize(
    ("body", "content_type", "start", "sizes"),
    [
        ("html", "text/html", b"<html>", range(10, 1000)),
        ("empty", "application/json", b"", range(1)),
        ("huge", "application/json", b'"xxx', range(1024 * 1024, 4 * 1024 * 1024)),
        (b'{"errors": 7}', "application/json", b'{"errors": 7}', range(13, 14)),
    ],
)
@pytest.mark.parametrize("status", [200, 403, 503])
async def test_bodies_can_be_anything(
    api: Api, status: int, *, body: FaultBody | bytes, content_type: str, start: bytes, sizes: range
) -> None:
    api.sandbox.fail_next(status, body=body)
    answer = await api.get()
    assert (status, content_type) == (answer.status, answer.headers["Content-Type"])
    assert answer.body.startswith(start)
    assert len(answer.body) in sizes


async def test_a_regular_answer_can_get_other_headers(api: Api) -> None:
    api.sandbox.fail_next(None, headers={"Retry-After": "7", "Content-Type": "text/plain"})
    answer = await api.get()
    assert (answer.status, answer.headers["Retry-After"]) == (200, "7")
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.json["_links"]


@pytest.mark.parametrize("status", [302, 307])
async def test_a_redirect_points_elsewhere(api: Api, status: int) -> None:
    api.sandbox.fail_next(status, location="http://127.0.0.1:9/steal")
    answer = await api.post("unexpectedProblem", TEXT)
    assert (status, "http://127.0.0.1:9/steal") == (answer.status, answer.headers["Location"])
    assert api.sandbox.messages() == []


@pytest.mark.parametrize("after_accepting", [False, True])
async def test_a_reset_breaks_the_connection(api: Api, after_accepting: bool) -> None:
    api.sandbox.fail_next(reset=True, after_accepting=after_accepting)
    with pytest.raises(ConnectionResetError):
        await api.raw(api.raw_post())
    assert len(api.sandbox.messages(ORDER)) == after_accepting
    assert api.sandbox.requests[-1].status is None


async def test_an_answer_can_be_cut_off(api: Api) -> None:
    api.sandbox.fail_next(201, body="cut")
    head, _, body = (await api.raw(api.raw_post())).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 201 ")
    length = next(line for line in head.split(b"\r\n") if line.startswith(b"Content-Length"))
    assert len(body) < int(length.split()[1])
    assert len(api.sandbox.messages(ORDER)) == 1
    api.sandbox.fail_next(503, body="cut")
    with pytest.raises(aiohttp.ClientPayloadError):
        await api.post("unexpectedProblem", TEXT)
    assert len(api.sandbox.messages(ORDER)) == 1


@pytest.mark.parametrize("after_accepting", [False, True])
async def test_an_answer_can_be_no_http_at_all(api: Api, after_accepting: bool) -> None:
    api.sandbox.fail_next(raw=b"\x16\x03 what?\r\n\r\n", after_accepting=after_accepting)
    assert await api.raw(api.raw_post()) == b"\x16\x03 what?\r\n\r\n"
    assert len(api.sandbox.messages(ORDER)) == after_accepting


@virtual
async def test_an_answer_can_be_late() -> None:
    loop = asyncio.get_running_loop()
    async with serving() as api:
        api.sandbox.fail_next(None, delay=30)
        started = loop.time()
        assert (await api.get()).status == 200
        assert loop.time() - started == pytest.approx(30, abs=0.1)


@virtual
async def test_a_request_whose_client_left_stays_accepted() -> None:
    """The message counts once the request has arrived, whoever waits for the answer."""
    async with serving() as api:
        api.sandbox.fail_next(None, delay=30)
        with pytest.raises(TimeoutError):
            await api.post("unexpectedProblem", TEXT, timeout=aiohttp.ClientTimeout(total=1))
        assert len(api.sandbox.messages(ORDER)) == 1
        assert api.sandbox.requests[-1].status is None


@virtual
async def test_latency_lets_a_request_get_lost_on_its_way() -> None:
    async with serving(latency=0.2) as api:
        api.sandbox.latency = 10.0
        with pytest.raises(TimeoutError):
            await api.post("unexpectedProblem", TEXT, timeout=aiohttp.ClientTimeout(total=1))
        await asyncio.sleep(60)
        assert api.sandbox.messages(ORDER) == []
        assert api.sandbox.count(ORDER) == 0


async def test_the_token_and_the_upload_can_fail_too(api: Api) -> None:
    api.sandbox.fail_next(500, operation="token", body="html")
    api.sandbox.fail_next(503, operation="putUpload")
    api.sandbox.fail_next(500)
    assert (await api.log_in()).status == 500
    assert (await api.call("PUT", "/s3/x", data=b"x")).status == 503
    assert (await api.log_in()).status == 200
    assert (await api.get()).status == 500


# Stopping


async def test_stopping_is_prompt_and_leaves_no_task() -> None:
    """Hanging handlers, idle keep-alive connections and silent ones do not hold it up."""
    before = asyncio.all_tasks()
    async with serving(rate=math.inf) as api:
        api.sandbox.fail_next(hang=True, times=3)
        api.sandbox.fail_next(None, delay=3600, operation="GetAttributes")
        calls = [asyncio.create_task(api.raw(api.raw_post())) for _ in range(3)]
        calls.append(asyncio.create_task(api.raw(_get(api, "/attributes"))))
        calls.append(asyncio.create_task(api.raw("POST / HTTP/1.1\r\n")))
        await api.sandbox.arrived(3, operation="createUnexpectedProblem")
        await api.sandbox.arrived(order_id=ORDER, operation="GetAttributes")
        async with asyncio.timeout(1):
            await api.sandbox.stop()
        left = asyncio.all_tasks() - before - set(calls)
        assert left == set()
        await asyncio.gather(*calls, return_exceptions=True)
    assert asyncio.all_tasks() == before


async def test_a_hang_ends_when_the_client_leaves(api: Api) -> None:
    before = asyncio.all_tasks()
    api.sandbox.fail_next(hang=True)
    _, writer = await asyncio.open_connection("127.0.0.1", api.sandbox.port)
    writer.write(api.raw_post().encode())
    await api.sandbox.arrived(operation="createUnexpectedProblem")
    writer.close()
    await writer.wait_closed()
    async with asyncio.timeout(1):
        await asyncio.gather(*(asyncio.all_tasks() - before), return_exceptions=True)
    assert api.sandbox.messages() == []


def _get(api: Api, tail: str) -> str:
    return (
        f"GET {ORDER_PATH}{tail}{DE} HTTP/1.1\r\nHost: localhost\r\n"
        f"x-amz-access-token: {api.token}\r\n\r\n"
    )
