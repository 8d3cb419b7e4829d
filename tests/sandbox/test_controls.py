"""What can be looked at after the fact: requests, messages and counters, in bounds."""

import math
import re

import pytest
from helpers.sandbox_client import DE, ORDER, ORDER_PATH, Api, serving


async def test_every_request_is_recorded(api: Api) -> None:
    answer = await api.post("unexpectedProblem", {"text": "Hi"})
    record = api.sandbox.requests[-1]
    (message,) = api.sandbox.messages(ORDER)
    assert (record.method, record.path) == ("POST", f"{ORDER_PATH}/messages/unexpectedProblem")
    assert record.query == {"marketplaceIds": ["A1PA6795UKMFR9"]}
    assert (record.operation, record.order_id) == ("createUnexpectedProblem", ORDER)
    assert (record.status, record.body_size, record.has_token) == (201, 14, True)
    assert record.headers["content-type"] == "application/json"
    assert record.seller == "sandbox-refresh-token"
    assert {answer.headers["x-amzn-RequestId"]} == {record.request_id, message.request_id}
    assert api.token not in repr(record)
    assert api.sandbox.count(ORDER, "createUnexpectedProblem") == 1
    assert api.sandbox.count(ORDER) == 1
    assert api.sandbox.count(operation="token") == 1
    assert api.sandbox.count("111-1111111-1111111") == 0


async def test_request_ids_differ_and_have_amazons_spelling(api: Api) -> None:
    raw = await api.raw(
        f"GET {ORDER_PATH}{DE} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"x-amz-access-token: {api.token}\r\n\r\n"
    )
    assert re.search(rb"\r\nx-amzn-RequestId: [0-9a-f-]{36}\r\n", raw)
    assert len({record.request_id for record in api.sandbox.requests}) == 2


async def test_memory_is_bounded_and_counters_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spapi_messaging.sandbox.api.log.MAX_REQUESTS", 3)
    monkeypatch.setattr("spapi_messaging.sandbox.api.log.MAX_MESSAGES", 2)
    monkeypatch.setattr("spapi_messaging.sandbox.api.accounts.MAX_TOKENS", 1)
    async with serving(rate=math.inf) as api:
        for number in range(4):
            assert (await api.post("unexpectedProblem", {"text": str(number)})).status == 201
        kept = [message.body for message in api.sandbox.messages()]
        assert kept == [{"text": "2"}, {"text": "3"}]
        assert kept == [message.body for message in api.sandbox.messages(ORDER)]
        assert len(api.sandbox.requests) == 3
        assert api.sandbox.count(ORDER, "createUnexpectedProblem") == 4
        await api.log_in()
        assert (await api.get()).status == 403
