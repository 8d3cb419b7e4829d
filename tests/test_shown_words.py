"""Words of others, wherever they come in: what a person reads of them is one line, and clean."""

import json
import logging
from typing import Any

import pytest
from helpers.fault_server import FaultServer, closes, created, http, says, serving
from helpers.fault_sessions import ORDER, error_body, outcome, session_at
from helpers.offered_orders import asked, document, link, schema
from helpers.virtual_time import virtual

from spapi_messaging import (
    ActionDisabledError,
    ActionNotOfferedError,
    ApiError,
    AuthorizationError,
    DecodeError,
    File,
    InDoubtError,
    InvalidMessageError,
    Invoice,
    MissingRelError,
    Receipt,
    TemplateError,
    UntrustedLinkError,
    UploadError,
)
from spapi_messaging.hal import Document

EVIL = "\x1b]0;owned\x07\x1b[2J\r\nspapi-messaging: all sent\u2028\u202e\x9b"
IN_JSON = json.dumps(EVIL)[1:-1]
EVIL_ID = "a\u202eb\x85c"


def is_clean(words: str | None) -> bool:
    """Whether words were there, and are one line that prints."""
    return words is not None and "\N{REPLACEMENT CHARACTER}" in words and words.isprintable()


@pytest.mark.parametrize("status", ["400 Bad Request", "403 Forbidden", "404 Not Found"])
@virtual
async def test_what_amazon_says_of_a_refusal_is_clean(status: str) -> None:
    body = error_body(f"c{IN_JSON}", f"m{IN_JSON}", f"d{IN_JSON}")
    answer = http(status, body, f"x-amzn-RequestId: {EVIL_ID}")
    async with serving(says(answer)) as server:
        error = await outcome(server)
    assert isinstance(error, ApiError)
    for words in (error.code, error.message, error.details, error.request_id, str(error)):
        assert is_clean(words)


@virtual
async def test_a_request_id_is_clean_in_receipts_and_doubts() -> None:
    for answer in (
        http("201 Created", b"{}", f"x-amzn-RequestId: {EVIL_ID}"),
        http("503 Service Unavailable", b"", f"x-amzn-RequestId: {EVIL_ID}"),
    ):
        async with serving(says(answer)) as server:
            result = await outcome(server)
        assert isinstance(result, Receipt | InDoubtError)
        assert is_clean(result.request_id)
        assert len(str(result.request_id)) <= 100


@virtual
async def test_a_request_id_is_bounded() -> None:
    answer = http("201 Created", b"{}", f"x-amzn-RequestId: {'a' * 5000}")
    async with serving(says(answer)) as server:
        result = await outcome(server)
    assert isinstance(result, Receipt)
    assert result.request_id == "a" * 100


@virtual
async def test_what_an_order_says_of_its_actions_is_clean() -> None:
    inline = schema({}, [], disabled=True, disabledReason=EVIL, title=EVIL, description=EVIL)
    answer = document(**{EVIL: inline, "unexpectedProblem": inline})
    answer["_embedded"]["actions"][0]["title"] = EVIL
    async with asked(answer) as (order, _):
        assert all(name.isprintable() for name in order.actions)
        evil, known = order.actions.values()
        assert order.actions[EVIL] is evil
        for action in (evil, known):
            assert is_clean(action.disabled_reason)
            assert is_clean(action.description)
        assert is_clean(evil.title)
        assert is_clean(evil.name)
        assert str(order.actions).isprintable()
        assert repr(evil).isprintable()
        with pytest.raises(ActionDisabledError) as disabled:
            await known(text="hello")
        assert is_clean(disabled.value.reason)
        assert str(disabled.value).isprintable()
        with pytest.raises(ActionNotOfferedError) as missing:
            order.actions["warranty"]
        assert str(missing.value).isprintable()


@virtual
async def test_an_action_of_tomorrow_is_clean_in_logs_and_receipts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its name is a field of each record, and a record that is written is one line."""
    name = "a\nspapi_messaging: forged"
    own = link("x") | {"name": name}
    with caplog.at_level(logging.DEBUG, "spapi_messaging"):
        async with asked({"_links": {"actions": [own]}}) as (order, _):
            (action,) = order.actions.values()
            receipt = await action({})
    assert is_clean(receipt.operation)
    assert caplog.messages
    assert all(message.isprintable() for message in caplog.messages)


@virtual
async def test_a_doubt_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(closes) as server:
        await outcome(server)
    assert [m.isprintable() for m in caplog.messages if "in doubt" in m] == [True]


@virtual
async def test_what_login_with_amazon_says_is_clean() -> None:
    refusal = json.dumps({"error": EVIL, "error_description": EVIL * 100}).encode()

    async def refuses(_server: FaultServer, writer: Any) -> None:
        writer.write(http("400 Bad Request", refusal))

    async with serving(refuses) as server:
        token_url = f"{server.url}/token"
        async with session_at(server, token_url=token_url) as session:
            with pytest.raises(AuthorizationError) as caught:
                await session.login()
    assert is_clean(caught.value.error)
    assert is_clean(caught.value.description)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1200


@virtual
async def test_a_locale_is_clean() -> None:
    body = json.dumps({"buyer": {"locale": EVIL}}).encode()
    async with serving(says(http("200 OK", body))) as server, session_at(server) as session:
        assert is_clean((await session.attributes(ORDER)).buyer.locale)


@virtual
async def test_a_schemas_words_are_clean_in_faults() -> None:
    inline = schema({EVIL: {"type": "string"}}, [EVIL], additionalProperties=False)
    async with asked(document(new=inline)) as (order, _):
        with pytest.raises(InvalidMessageError) as caught:
            await order.actions["new"]({f"x{EVIL}": 1})
    assert str(caught.value).isprintable()


@virtual
async def test_an_uploads_answer_and_name_are_clean() -> None:
    headers = json.dumps({"payload": {"headers": {EVIL: 5}}}).encode()
    async with (
        serving(says(http("200 OK", headers)), created) as server,
        session_at(server) as session,
    ):
        invoice = Invoice(attachments=[File(b"%PDF-1.4", name="a\u202e.pdf")])
        with pytest.raises(UploadError) as caught:
            await session.send(ORDER, invoice, discover=False)
    assert str(caught.value).isprintable()


def test_a_documents_words_are_clean_in_its_errors() -> None:
    links = {EVIL: {"href": "/x"}, "x": [{"href": "/a", "name": EVIL}, {"href": EVIL}]}
    document = Document.parse({"_links": links}, url="https://h.example/")
    for rel, options in (("y", {}), ("x", {}), ("x", {"name": EVIL * 2}), (f"z{EVIL}", {})):
        with pytest.raises((MissingRelError, LookupError)) as caught:
            document.link(rel, **options)
        assert str(caught.value).isprintable()


@pytest.mark.parametrize("href", ["/{", "/x\x1b{id}", f"/{EVIL}{{id}}"])
def test_a_templates_words_are_clean_in_its_errors(href: str) -> None:
    links = {"x": {"href": href, "templated": True}}
    found = Document.parse({"_links": links}, url="https://h.example/").link("x")
    with pytest.raises(TemplateError) as caught:
        found.url(**{"id": "", EVIL: 1})
    assert str(caught.value).isprintable()
    with pytest.raises((TemplateError, UntrustedLinkError)) as caught:
        found.url(id="")
    assert str(caught.value).isprintable()


@virtual
async def test_an_answer_that_cannot_be_read_is_told_cleanly() -> None:
    body = json.dumps({"buyer": {"locale": [EVIL]}, EVIL: 1}).encode()
    async with serving(says(http("200 OK", body))) as server, session_at(server) as session:
        with pytest.raises(DecodeError) as caught:
            await session.attributes(ORDER)
    assert str(caught.value).isprintable()
