"""The sandbox's events: what happens is told to those that listen, and slow ones are dropped."""

import asyncio
import json
import math
from typing import Any

import aiohttp
import pytest
from helpers.sandbox_admin import OWN, messages, say
from helpers.sandbox_client import Api, serving
from helpers.virtual_time import virtual

from spapi_messaging.sandbox import Sandbox


async def next_event(stream: aiohttp.StreamReader, name: str) -> Any:
    async with asyncio.timeout(3):
        while True:
            lines = (await stream.readuntil(b"\n\n")).decode().splitlines()
            fields = dict(line.split(": ", 1) for line in lines if line)
            if fields.get("event") == name:
                return json.loads(fields["data"])


async def test_events_tell_what_happens(api: Api) -> None:
    async with api.http.get(f"{api.sandbox.url}{OWN}events") as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert (await next_event(stream.content, "state"))["messages"] == 0
        await say(api, "Hi\nthere")
        told = await next_event(stream.content, "message")
        assert told == (await messages(api))["messages"][0]
        request = await next_event(stream.content, "request")
        assert request == (await api.get(f"{OWN}requests")).json["requests"][0]
        assert (await next_event(stream.content, "state"))["messages"] == 1


async def test_a_request_without_an_answer_is_told_of(api: Api) -> None:
    async with api.http.get(f"{api.sandbox.url}{OWN}events") as stream:
        await next_event(stream.content, "state")
        api.sandbox.fail_next(reset=True)
        with pytest.raises(aiohttp.ClientError):
            await api.post("unexpectedProblem", {"text": "x"})
        assert (await next_event(stream.content, "request"))["status"] is None


@virtual
async def test_states_are_told_four_times_a_second_at_most() -> None:
    loop = asyncio.get_running_loop()
    async with (
        serving(rate=math.inf) as api,
        api.http.get(f"{api.sandbox.url}{OWN}events") as stream,
    ):
        await next_event(stream.content, "state")
        began, told = loop.time(), 0
        while told < 3:
            await say(api, "x")
            await asyncio.sleep(0.01)
            told += (await stream.content.readany()).count(b"event: state")
        assert loop.time() - began >= 0.7


async def test_a_reader_that_is_too_slow_is_dropped(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spapi_messaging.sandbox.admin.events.MAX_QUEUED", 5)
    events = api.sandbox._admin_api.events
    async with api.http.get(f"{api.sandbox.url}{OWN}events") as stream:
        await next_event(stream.content, "state")
        await say(api, "x")
        for _ in range(6):
            events.message(api.sandbox.messages()[0])
        with pytest.raises(aiohttp.ClientError):
            await stream.read()
    assert events.readers == set()
    await say(api, "still served")


async def test_stopping_ends_streams_at_once_and_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    sandbox = Sandbox()
    await sandbox.start()
    async with aiohttp.ClientSession() as http, http.get(f"{sandbox.url}{OWN}events") as stream:
        await next_event(stream.content, "state")
        async with asyncio.timeout(1):
            await sandbox.stop()
    assert before == asyncio.all_tasks()
    assert sandbox._admin_api.events.readers == set()
