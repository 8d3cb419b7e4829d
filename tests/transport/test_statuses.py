"""Every status that a server may answer: what is raised, and how many requests it got."""

import pytest
from helpers.fault_server import http, says, says_and_closes, serving
from helpers.fault_sessions import ORDER, outcome, session_at
from helpers.virtual_time import virtual

from spapi_messaging import (
    AccessDeniedError,
    ApiError,
    BadRequestError,
    DecodeError,
    InDoubtError,
    MessagingError,
    NotFoundError,
    Order,
    PayloadTooLargeError,
    Receipt,
    ServerError,
    ThrottledError,
    TokenRejectedError,
    UnsupportedMediaTypeError,
    UntrustedLinkError,
)

OWN = {
    400: BadRequestError,
    401: TokenRejectedError,
    403: AccessDeniedError,
    404: NotFoundError,
    413: PayloadTooLargeError,
    415: UnsupportedMediaTypeError,
    429: ThrottledError,
}
ASKED_AGAIN = {408, 421, 425}


def of_message(status: int) -> tuple[type[MessagingError], int]:
    if status < 400 or status >= 500:
        return InDoubtError, 1
    return OWN.get(status, ApiError), 2 if status == 401 else 1


def of_question(status: int) -> tuple[type[MessagingError], int]:
    if status < 400:
        return UntrustedLinkError, 1
    if status >= 500:
        return ServerError, 4
    requests = {401: 2}.get(status, 4 if status in ASKED_AGAIN else 1)
    return OWN.get(status, ApiError), requests


@pytest.mark.parametrize("hundred", [3, 4, 5])
@virtual
async def test_what_each_status_makes_of_a_message(hundred: int) -> None:
    """At most one that may have been taken ever leaves; a rejected token is renewed once."""
    for status in range(hundred * 100, hundred * 100 + 100):
        headers = ("Location: /elsewhere", "x-amzn-RequestId: 1")
        async with serving(says(http(f"{status} Said", b"", *headers))) as server:
            error = await outcome(server, patience=0)
            kind, requests = of_message(status)
            assert type(error) is kind, status
            assert len(server.posts) == requests, status
            assert server.tokens_asked == (2 if status == 401 else 1)
            assert getattr(error, "status", status) == status
            assert isinstance(error, InDoubtError) or str(status) in str(error)


@pytest.mark.parametrize("hundred", [3, 4, 5])
@virtual
async def test_what_each_status_makes_of_a_question(hundred: int) -> None:
    for status in range(hundred * 100, hundred * 100 + 100):
        answer = says(http(f"{status} Said", b"", "Location: /elsewhere"))
        async with serving(answer) as server, session_at(server, patience=0) as session:
            kind, requests = of_question(status)
            with pytest.raises(MessagingError) as caught:
                await session.order(ORDER)
            assert type(caught.value) is kind, status
            assert len(server.heads) == requests, status


BLOCKED = b"<!doctype html><title>Blocked by your company</title>"
REFUSED = b'{"errors":[{"code":"InvalidInput","message":"No"}]}'
ID = "x-amzn-RequestId: 1"
JSON = "Content-Type: application/json"
HTML = "Content-Type: text/html"
MESSAGES: list[tuple[str, bytes, tuple[str, ...], type]] = [
    ("empty", b"", (), Receipt),
    ("an empty object", b"{}", (), Receipt),
    ("no errors", b'{"errors": []}', (), Receipt),
    ("no errors, in lines", b'{\n  "errors" : [ ]\n}\n', (JSON, ID), Receipt),
    ("errors are null", b'{"errors":null}', (ID,), Receipt),
    ("more, by Amazon", b'{"payload":{"a":1}}', (ID,), Receipt),
    ("more, by somebody", b'{"login":"https://portal.example"}', (), InDoubtError),
    ("a list, by somebody", b"[1]", (JSON,), InDoubtError),
    ("a block page", BLOCKED, (HTML,), InDoubtError),
    ("a block page without a type", BLOCKED, (), InDoubtError),
    ("a block page with an id", BLOCKED, (HTML, ID), InDoubtError),
    ("text", b"OK", ("Content-Type: text/plain",), InDoubtError),
    ("no UTF-8", b"\xff\xfe", (ID,), InDoubtError),
    ("errors", REFUSED, (JSON, ID), InDoubtError),
    ("errors of another shape", b'{"errors":{"code":"X"}}', (ID,), InDoubtError),
    ("an error in words", b'{"errors":"denied"}', (ID,), InDoubtError),
]


@pytest.mark.parametrize("status", [200, 201, 202, 203, 206, 207, 226, 299])
@virtual
async def test_a_2xx_is_a_success_only_as_amazon_gives_it(status: int) -> None:
    for name, body, headers, kind in MESSAGES:
        async with serving(says(http(f"{status} Said", body, *headers))) as server:
            assert type(await outcome(server)) is kind, name
            assert len(server.posts) == 1


@pytest.mark.parametrize("status", ["204 No Content", "205 Reset Content"])
@virtual
async def test_a_2xx_without_a_body_is_one(status: str) -> None:
    async with serving(says(http(status))) as server:
        assert isinstance(await outcome(server), Receipt)


@virtual
async def test_errors_in_a_2xx_are_named_in_the_doubt() -> None:
    async with serving(says(http("207 Multi-Status", REFUSED, ID))) as server:
        doubt = await outcome(server)
    assert isinstance(doubt, InDoubtError)
    assert "207" in doubt.cause
    assert "InvalidInput" in doubt.cause
    assert isinstance(doubt.__cause__, ApiError)


CUT_OFF: list[tuple[str, bytes, tuple[str, ...], type]] = [
    ("nothing came", b"", (), Receipt),
    ("JSON", b'{"err', (JSON, ID), Receipt),
    ("JSON without an id", b"{", (), Receipt),
    ("a page", BLOCKED[:9], (), InDoubtError),
    ("nothing came of a page", b"", (HTML,), InDoubtError),
    ("errors", REFUSED[:30], (JSON, ID), InDoubtError),
    ("errors begin", b'{"errors":[', (JSON, ID), InDoubtError),
    ("somebody's", b'{"login', (), InDoubtError),
]


@virtual
async def test_a_201_that_is_cut_off_is_one_as_far_as_it_came() -> None:
    for name, body, headers, kind in CUT_OFF:
        head = "\r\n".join(["HTTP/1.1 201 Created", "Content-Length: 500", *headers])
        async with serving(says_and_closes(head.encode() + b"\r\n\r\n" + body)) as server:
            assert type(await outcome(server)) is kind, name


ANSWERS: list[tuple[bytes, type[MessagingError]]] = [
    (REFUSED, ApiError),
    (b'{"_links":{"actions":[]},"errors":[{"code":"X"}]}', ApiError),
    (b'{"errors":"denied"}', ApiError),
    (BLOCKED, DecodeError),
    (b"", DecodeError),
]


@pytest.mark.parametrize(("body", "kind"), ANSWERS)
@virtual
async def test_errors_in_a_200_are_no_empty_list_of_actions(
    body: bytes, kind: type[MessagingError]
) -> None:
    async with serving(says(http("200 OK", body, ID))) as server, session_at(server) as session:
        for ask in (session.order, session.attributes):
            with pytest.raises(MessagingError) as caught:
                await ask(ORDER)
            assert type(caught.value) is kind
            assert getattr(caught.value, "status", 200) == 200


@virtual
async def test_a_word_about_errors_is_none() -> None:
    body = b'{"_links":{"self":{"href":"x"},"actions":[]},"errors":[],"note":"no errors"}'
    async with serving(says(http("200 OK", body))) as server, session_at(server) as session:
        assert isinstance(await session.order(ORDER), Order)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"errors":[]}', b" "])
@pytest.mark.parametrize("status", ["200 OK", "201 Created", "204 No Content"])
@virtual
async def test_an_empty_page_is_no_yes(status: str, body: bytes) -> None:
    """A portal answers so, and the message went no further."""
    page = http(status, b"" if status.startswith("204") else body, "Content-Type: text/html")
    async with serving(says(page)) as server:
        error = await outcome(server)
        assert isinstance(error, InDoubtError)
        assert "with a page" in error.cause
        assert len(server.posts) == 1
