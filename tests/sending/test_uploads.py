"""Uploads against raw servers: what goes to the storage, and what is said when it fails."""

import asyncio
import json

import pytest
from helpers.fault_server import closes, created, http, says, says_and_closes
from helpers.fault_sessions import DENIED
from helpers.storage import PDF, SECRETS, SIGNED, destination, now, sent_to, storage, words_of
from helpers.virtual_time import virtual

from spapi_messaging import UploadError

FRAMING = [
    {"Content-Length": "5"},
    {"content-length": "abc"},
    {"CONTENT-LENGTH": "-1"},
    {"Content-Length": "99999999"},
    {"Transfer-Encoding": "chunked"},
    {"transfer-encoding": "gzip, chunked"},
    {"Host": "evil.example"},
    {"Expect": "100-continue"},
    {"Connection": "close"},
    {"Keep-Alive": "timeout=5"},
    {"TE": "trailers"},
    {"Trailer": "X-A"},
    {"Upgrade": "h2c"},
    {"Proxy-Authorization": "Basic x"},
    {"Proxy-Connection": "close"},
]


@pytest.mark.parametrize("framing", FRAMING, ids=lambda headers: ": ".join(*headers.items()))
@virtual
async def test_headers_that_frame_a_message_are_our_own(framing: dict[str, str]) -> None:
    """A length that came along would cut the file, and the storage would say 200."""
    signed = {"Content-MD5": "bWQ1", "x-amz-meta": "1", "Content-Type": "application/pdf"}
    async with storage() as (home, away):
        home.answers[0] = destination(f"{away.url}/{SIGNED}", framing | signed)
        assert await sent_to(home) is None
        (head,) = away.heads
        lines = head.decode().split("\r\n")
        assert lines.count(f"Content-Length: {len(PDF)}") == 1
        assert f"Host: {away.url[7:]}" in lines
        assert {f"{name}: {value}" for name, value in signed.items()} <= set(lines)
        assert [
            line for line in lines if line in {": ".join(item) for item in framing.items()}
        ] == []


@pytest.mark.parametrize(
    "headers",
    [
        {"X-A": "1\r\nX-Evil: 2"},
        {"X-A": "1\0"},
        {"X-A": "日本"},
        {"X-A": "\ud800"},
        {"X A": "1"},
        {"": "1"},
        {"Ä": "1"},
        {"X-A": 5},
    ],
    ids=ascii,
)
@virtual
async def test_headers_that_are_none_end_the_upload(headers: dict[str, object]) -> None:
    async with storage() as (home, away):
        home.answers[0] = destination(f"{away.url}/{SIGNED}", headers)
        assert isinstance(await sent_to(home), UploadError)
        assert (len(home.posts), away.heads) == (1, [])


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "206 Partial Content"])
@virtual
async def test_a_page_that_answers_the_file_is_no_upload(status: str) -> None:
    """A company's block page: the message would name an upload that nobody has."""
    async with storage() as (home, away):
        home.answers[0] = destination(f"{away.url}/{SIGNED}", {})
        away.answers[0] = says(http(status, b"\n<!DOCTYPE html><h1>Blocked by policy</h1>"))
        error = await sent_to(home)
        assert isinstance(error, UploadError)
        assert "somebody in between" in error.fault
        assert len(home.posts) == 1


URLS = [
    "https://a..b/{signed}",
    "https://.example/{signed}",
    f"https://{'x' * 64}.example/{{signed}}",
    f"https://{'x.' * 200}example/{{signed}}",
    "https://a.example:0/{signed}",
    "https://a.example:65536/{signed}",
    "https://a.example:abc/{signed}",
    "https://a.example:-1/{signed}",
    "https://a.example:99999999999999999999/{signed}",
    "https://[::1/{signed}",
    "https://[v1.x]/{signed}",
    "https://[::g]/{signed}",
    "https://%00/{signed}",
    "https://a%2eb/{signed}",
    "https://-/{signed}",
    "https://-a-.example/{signed}",
    "https://a,b/{signed}",
    "https://*/{signed}",
    "https:///{signed}",
    "https://?{signed}",
    "https://[::1%25lo]:1/{signed}",
    "https://xn--/{signed}",
    "https://xn--zzzzzzzzzzzz99999999/{signed}",
    "https://xn--99zzzz:1/{signed}",
    "https://xn--a/{signed}",
    "https://_[::1]/{signed}",
    "https://[::]255_/{signed}",
    "https://1.2.3.4.5/{signed}",
    "https://0x7f000001:1/{signed}",
    "https://999.999.999.999/{signed}",
    "https://a.invalid/{signed}",
    "http://a.example/{signed}",
    "ftp://127.0.0.1/{signed}",
    "//127.0.0.1/{signed}",
    "https://me:pw@127.0.0.1/{signed}",
    "https://127.0.0.1\\@evil/{signed}",
    "https://127.0.0.1/a b{signed}",
    "https://ümlaut.example/{signed}",
    "https://127.0.0.1:1/{signed}",
    "",
]


@pytest.mark.parametrize("url", URLS, ids=lambda url: url.partition("{")[0][:40])
@virtual
async def test_an_upload_url_of_any_form_ends_as_an_upload_error(url: str) -> None:
    """Neither yarl's, idna's nor aiohttp's own errors come out, nor the URL with its signature."""
    async with storage() as (home, away):
        home.answers[0] = destination(url.format(signed=SIGNED))
        error = await sent_to(home)
        assert type(error) is UploadError
        said = words_of(error)
        assert [secret for secret in SECRETS if secret in said] == []
        assert (len(home.posts), away.heads) == (1, [])


@pytest.mark.parametrize(
    "host", ["a..b", ".example", "x" * 64, "x." * 127 + "xx", "-a", "a-.example", "a,b", "%00"]
)
@virtual
async def test_a_host_that_is_no_name_is_not_looked_for(host: str) -> None:
    async with storage() as (home, _):
        home.answers[0] = destination(f"https://{host}/{SIGNED}")
        began = now()
        assert "its host is no name of one" in str(await sent_to(home))
        assert now() - began < 0.5, "no attempt was made, and so none was repeated"


def s3(code: str, message: str, more: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
        f"<Message>{message}</Message>{more}</Error>"
    ).encode()


LEAKING = f"<StringToSign>AWS4 /{SIGNED}</StringToSign><CanonicalRequest>PUT /{SIGNED}"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            http("403 Forbidden", s3("SignatureDoesNotMatch", "It does not match.", LEAKING)),
            "the storage answered 403 (SignatureDoesNotMatch: It does not match.)",
        ),
        (
            http("403 Forbidden", s3("AccessDenied", "Request has expired")),
            "the storage answered 403 (AccessDenied: Request has expired)",
        ),
        (
            http("403 Forbidden", s3("AccessDenied", f"No to https://s3/{SIGNED} today")),
            "the storage answered 403 (AccessDenied: No to (URL) today)",
        ),
        (
            http("400 Bad Request", s3("EntityTooLarge", "Your\x1b[2J proposal")),
            "the storage answered 400 (EntityTooLarge: Your\N{REPLACEMENT CHARACTER}[2J proposal)",
        ),
        (http("404 Not Found", b"<html>"), "the storage answered 404 (no error body)"),
        (http("403 Forbidden", b"<Error>" + b"<Code>" * 90_000), "answered 403 (no error body)"),
        (http("500 Oops", s3("InternalError", "Again")), "answered 500 (InternalError: Again)"),
        (
            http("307 Moved", b"", f"Location: https://evil.example/{SIGNED}"),
            "is refused: it is where PUT of an attachment was redirected to (307)",
        ),
    ],
)
@virtual
async def test_the_storages_own_words_are_shown_without_the_url(answer: bytes, said: str) -> None:
    """A role is no matter of the storage's, so none is advised."""
    async with storage(says(answer)) as (home, _):
        error = await sent_to(home)
        assert isinstance(error, UploadError)
        assert said in str(error)
        words = words_of(error)
        assert [secret for secret in SECRETS if secret in words] == []
        assert "Buyer Communication" not in str(error)


@pytest.mark.parametrize(
    "fault", [closes, says_and_closes(b"\x16\x03 garbage"), says_and_closes(b"HTTP/1.1 2")]
)
@virtual
async def test_a_connection_that_breaks_shows_no_url(fault: object) -> None:
    async with storage(fault) as (home, away):
        error = await sent_to(home)
        assert isinstance(error, UploadError)
        words = words_of(error)
        assert [secret for secret in SECRETS if secret in words] == []
        assert 1 < len(away.heads) <= 4 * 2  # aiohttp itself repeats a PUT, too
        assert len(home.posts) == 1


@pytest.mark.parametrize("how", ["closes", "resets"])
@virtual
async def test_a_connection_that_breaks_while_a_large_file_flows_shows_no_url(how: str) -> None:
    """aiohttp's own words for it quote the whole URL."""

    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if how == "resets":
            writer.transport.abort()
        writer.close()

    async with (
        storage() as (home, _),
        await asyncio.start_server(break_off, "127.0.0.1", 0) as server,
    ):
        port = server.sockets[0].getsockname()[1]
        home.answers = [destination(f"http://127.0.0.1:{port}/{SIGNED}")]
        error = await sent_to(home, content=PDF + bytes(9_000_000))
        assert isinstance(error, UploadError)
        words = words_of(error)
        assert [secret for secret in SECRETS if secret in words] == []
        assert len(home.posts) == 1


@virtual
async def test_a_403_of_the_uploads_api_names_both_roles() -> None:
    async with storage() as (home, _):
        home.answers = [says(http("403 Forbidden", DENIED))]
        error = await sent_to(home)
        assert isinstance(error, UploadError)
        assert "Product Listing" in str(error)
        assert "Buyer Communication" in str(error)
        assert "createUploadDestinationForResource answered 403 (Unauthorized" in str(error)


@pytest.mark.parametrize(
    "answer",
    [
        json.dumps({"payload": {"uploadDestinationId": "", "url": f"https://s3/{SIGNED}"}}),
        json.dumps({"payload": {"uploadDestinationId": "d", "url": [f"https://s3/{SIGNED}"]}}),
        json.dumps({"payload": {"uploadDestinationId": 5, "url": f"https://s3/{SIGNED}"}}),
        json.dumps({"payload": f"https://s3/{SIGNED}"}),
        json.dumps({f"https://s3/{SIGNED}": {}}),
        f"https://s3/{SIGNED}",
        "",
    ],
)
@virtual
async def test_a_destination_that_is_none_ends_as_an_upload_error(answer: str) -> None:
    async with storage() as (home, away):
        home.answers = [says(http("201 Created", answer.encode())), created]
        error = await sent_to(home)
        assert type(error) is UploadError
        words = words_of(error)
        assert [secret for secret in SECRETS if secret in words] == []
        assert (len(home.posts), away.heads) == (1, [])
