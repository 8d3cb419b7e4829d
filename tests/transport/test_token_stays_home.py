"""The token goes nowhere but to the endpoint: hostile links and redirects, on real sockets."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from helpers.fault_server import FaultServer, created, http, says, serving
from helpers.fault_sessions import CREDENTIALS, ORDER, session_at
from helpers.virtual_time import virtual

from spapi_messaging import (
    File,
    InDoubtError,
    Invoice,
    Marketplace,
    MessagingError,
    MessagingSession,
    UnexpectedProblem,
    UntrustedLinkError,
    UploadError,
)

OTHER = "113-0000000-0000001"
TOKEN = b"secret-token"


@asynccontextmanager
async def home_and_away() -> AsyncIterator[tuple[FaultServer, FaultServer]]:
    """Run the session's own endpoint, and another server that must never be asked."""
    async with serving(created) as home, serving(created) as away:
        yield home, away


def discovery(name: str, href: str) -> bytes:
    links = {"self": {"href": "/x"}, "actions": [{"name": name, "href": href}]}
    return json.dumps({"_links": links}).encode()


# {away} is the other server's host and port, {home} the endpoint's, {port} its port.
LINKS = {
    "another host": "http://{away}/messaging/v1/orders/{order}/messages/hello",
    "another scheme": "https://{home}/messaging/v1/orders/{order}/messages/hello",
    "another port": "http://127.0.0.1:1/messaging/v1/orders/{order}/messages/hello",
    "another name of loopback": "http://localhost:{port}/messaging/v1/orders/{order}/hello",
    "user info": "http://{home}@{away}/messaging/v1/orders/{order}/messages/hello",
    "own user info": "http://me:pw@{home}/messaging/v1/orders/{order}/messages/hello",
    "protocol-relative": "//{away}/messaging/v1/orders/{order}/messages/hello",
    "backslashes": "\\\\{away}\\messaging\\v1\\orders\\{order}",
    "another order": "/messaging/v1/orders/{other}/messages/hello",
    "climbs": "/messaging/v1/orders/{order}/../{other}/messages/hello",
    "climbs in disguise": "/messaging/v1/orders/{order}/%2e%2e/{other}/messages/hello",
    "hidden slash": "/messaging/v1/orders/{order}/..%2f{other}",
    "a longer order id": "/messaging/v1/orders/{order}9/messages/hello",
    "another API": "/orders/v0/orders/{order}",
    "a header": "/messaging/v1/orders/{order}/messages/hello\r\nX-Evil: 1",
    "a tab": "ht\ttp://{away}/messaging/v1/orders/{order}",
    "data": "data:text/plain,hello",
    "file": "file:///etc/passwd",
}


@pytest.mark.parametrize("follow", ["operation", "offered"])
@pytest.mark.parametrize("name", ["unexpectedProblem", "hello"], ids=["known", "unknown"])
@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
@virtual
async def test_a_link_that_leads_away_is_an_error(link: str, name: str, follow: str) -> None:
    async with home_and_away() as (home, away), session_at(home, follow=follow) as session:
        port = home.url.rpartition(":")[2]
        hosts = {"home": home.url[7:], "away": away.url[7:], "port": port}
        href = link.format(order=ORDER, other=OTHER, **hosts)
        home.answers = [says(http("200 OK", discovery(name, href)))]
        order = await session.order(ORDER)
        with pytest.raises(UntrustedLinkError):
            await order.actions[name](text="hello")
        assert home.posts == []
        assert away.heads == []


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize("where", ["away", "home"])
@virtual
async def test_no_redirect_is_followed(status: str, where: str) -> None:
    async with home_and_away() as (home, away), session_at(home) as session:
        target = {"away": away, "home": home}[where].url
        location = f"Location: {target}/messaging/v1/orders/{ORDER}"
        home.answers = [says(http(status, b"", location))]
        with pytest.raises(UntrustedLinkError):
            await session.order(ORDER)
        with pytest.raises(InDoubtError, match="redirect"):
            await session.send(ORDER, UnexpectedProblem(text="hello"), discover=False)
        assert (len(home.heads), len(home.posts)) == (2, 1)
        assert away.heads == []


@virtual
async def test_a_linked_schema_is_fetched_from_the_order_only() -> None:
    async with home_and_away() as (home, away), session_at(home) as session:
        path = f"/messaging/v1/orders/{ORDER}/messages/unexpectedProblem"
        self_link = {"href": path, "name": "unexpectedProblem"}
        schema = {"href": f"{away.url}{path}/schema"}
        document = {
            "_links": {"self": {"href": "/x"}, "actions": [self_link]},
            "_embedded": {"actions": [{"_links": {"self": self_link, "schema": schema}}]},
        }
        home.answers = [says(http("200 OK", json.dumps(document).encode()))]
        order = await session.order(ORDER)
        with pytest.raises(UntrustedLinkError):
            await order.actions["unexpectedProblem"](text="hello")
        assert home.posts == []
        assert away.heads == []


async def upload_to(home: FaultServer, url: str, headers: object) -> MessagingError | None:
    payload = {"uploadDestinationId": "d-1", "url": url, "headers": headers}
    home.answers = [says(http("201 Created", json.dumps({"payload": payload}).encode())), created]
    async with session_at(home) as session:
        try:
            message = Invoice(attachments=[File(b"%PDF-", name="invoice.pdf")])
            await session.send(ORDER, message, discover=False)
        except MessagingError as error:
            return error
    return None


@virtual
async def test_the_upload_url_gets_the_file_and_no_token() -> None:
    async with home_and_away() as (home, away):
        url = f"{away.url}/%2Fbucket/a%2Fb?X-Amz-SignedHeaders=content-md5%3Bhost"
        error = await upload_to(home, url, {"Content-MD5": "bWQ1", "x-amz-meta": "1"})
        assert error is None
        head = away.heads[0]
        assert head.startswith(b"PUT /%2Fbucket/a%2Fb?X-Amz-SignedHeaders=content-md5%3Bhost HTTP")
        assert b"Content-MD5: bWQ1\r\n" in head
        assert b"x-amz-meta: 1\r\n" in head
        assert b"access-token" not in head.lower()
        assert TOKEN not in head
        assert all(TOKEN in head for head in home.heads)


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("http://evil.example/x", {}),
        ("ftp://127.0.0.1/x", {}),
        ("https://me@127.0.0.1/x", {}),
        ("", {}),
        ("{away}/x", {"X-A": "1\r\nX-Evil: 2"}),
        ("{away}/x", {"X A:": "1"}),
        ("{away}/x", "none"),
    ],
)
@virtual
async def test_a_hostile_upload_destination_sends_nothing(url: str, headers: object) -> None:
    async with home_and_away() as (home, away):
        error = await upload_to(home, url.format(away=away.url), headers)
        assert isinstance(error, UploadError)
        assert len(home.posts) == 1, "the destination was asked for, the message was not sent"
        assert away.heads == []


@pytest.mark.parametrize(
    "endpoint", ["http://example.com", "ftp://127.0.0.1", "https://a@b.example", "https://a/b", ""]
)
def test_an_endpoint_that_no_secret_may_go_to_is_refused(endpoint: str) -> None:
    with pytest.raises(UntrustedLinkError):
        MessagingSession(CREDENTIALS, marketplace=Marketplace.DE, endpoint=endpoint or "x")
