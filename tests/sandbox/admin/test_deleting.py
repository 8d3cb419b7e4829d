"""One message is deleted from the inbox, and stays what was accepted."""

import json

import aiohttp
import pytest
from helpers.sandbox_admin import MAY, OWN, change, messages, say, texts
from helpers.sandbox_client import ORDER, Api


async def test_a_deleted_message_leaves_the_inbox_and_not_the_witness(api: Api) -> None:
    await say(api, "a", "parcel", "c")
    state = (await change(api, "messages/delete", {"seq": 2})).json
    assert state["messages"] == 2
    shown = await messages(api)
    assert (texts(shown), shown["total"], shown["more"]) == (["c", "a"], 2, False)
    assert (await messages(api, "?query=parcel"))["total"] == 0
    assert texts(await messages(api, f"?order_id={ORDER}")) == ["c", "a"]
    answer = await api.get(f"{OWN}messages/2")
    assert (answer.status, answer.json["error"]) == (404, "Message 2 was deleted from the inbox.")
    assert [message.body["text"] for message in api.sandbox.messages()] == ["a", "parcel", "c"]
    assert [message.body["text"] for message in api.sandbox.messages(ORDER)][1] == "parcel"


async def test_a_deleted_message_comes_back(api: Api) -> None:
    await say(api, *"abc")
    await change(api, "messages/delete", {"seq": 3})
    await change(api, "messages/delete", {"seq": 3})
    assert (await change(api, "messages/restore", {"seq": 3})).json["messages"] == 3
    assert texts(await messages(api)) == ["c", "b", "a"]
    assert (await api.get(f"{OWN}messages/3")).json["text"] == "c"


async def test_pages_pass_over_what_was_deleted(api: Api) -> None:
    await say(api, *"abcdef")
    for seq in (3, 4, 6):
        await change(api, "messages/delete", {"seq": seq})
    page = await messages(api, "?limit=2")
    assert (texts(page), page["more"]) == (["e", "b"], True)
    page = await messages(api, "?limit=2&before=2")
    assert (texts(page), page["more"]) == (["a"], False)
    assert texts(await messages(api, "?after=2")) == ["e"]


async def test_a_file_of_a_deleted_message_is_not_given(api: Api) -> None:
    item = {"uploadDestinationId": "1", "fileName": "a.pdf"}
    static = "123-1234567-1234567"
    assert (await api.post("invoice", {"attachments": [item]}, order=static)).status == 201
    await change(api, "messages/delete", {"seq": 1})
    answer = await api.get(f"{OWN}attachments/1/0")
    assert (answer.status, "deleted" in answer.json["error"]) == (404, True)


async def test_a_reset_forgets_what_was_deleted(api: Api) -> None:
    await say(api, *"ab")
    await change(api, "messages/delete", {"seq": 1})
    assert (await change(api, "reset")).json["messages"] == 0
    answer = await api.get(f"{OWN}messages/1")
    assert "Message 1 is gone" in answer.json["error"]
    assert api.sandbox.backend.log.deleted == set()


async def test_numbers_of_forgotten_messages_are_not_kept(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spapi_messaging.sandbox.api.log.MAX_MESSAGE_BYTES", 250)
    await say(api, "a" * 100)
    await change(api, "messages/delete", {"seq": 1})
    await say(api, "b" * 100, "c" * 100)
    assert (await api.get(f"{OWN}state")).json["messages"] == 2
    assert api.sandbox.backend.log.deleted == set()


@pytest.mark.parametrize(
    ("value", "reported"),
    [
        ({}, "seq is missing"),
        ({"seq": 2}, "seq: there is no message 2"),
        ({"seq": 0}, "seq must be a whole number"),
        ({"seq": "1"}, "seq must be a whole number"),
        ({"seq": True}, "seq must be a whole number"),
        ({"seq": 1, "all": True}, "all is unknown"),
    ],
)
async def test_what_cannot_be_deleted_is_named(
    api: Api, value: dict[str, object], reported: str
) -> None:
    await say(api, "a")
    for name in ("messages/delete", "messages/restore"):
        answer = await change(api, name, value)
        assert (answer.status, reported in answer.json["error"]) == (400, True)
    assert (await messages(api))["total"] == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Content-Type": "text/plain"},
        {"X-Sandbox": ""},
        {"Host": "evil.example"},
    ],
)
async def test_no_other_site_deletes(api: Api, headers: dict[str, str]) -> None:
    await say(api, "a")
    sent = {**MAY, "Content-Type": "application/json", **headers}
    data = json.dumps({"seq": 1})
    answer = await api.call("POST", f"{OWN}messages/delete", data=data, headers=sent)
    assert answer.status == 403
    assert (await messages(api))["total"] == 1


async def test_listeners_are_told(api: Api) -> None:
    await say(api, "a")
    async with api.http.get(f"{api.sandbox.url}{OWN}events") as stream:
        await change(api, "messages/delete", {"seq": 1})
        await change(api, "reset")
        told = b""
        while told.count(b"event: changed") < 2:
            told += await stream.content.readany()
        assert isinstance(stream, aiohttp.ClientResponse)
