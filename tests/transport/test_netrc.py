"""``trust_env`` is for proxies: what a netrc file has for a host goes on no request."""

import json
from pathlib import Path

import aiohttp
import pytest
from helpers.fault_server import created, http, says, serving
from helpers.fault_sessions import ORDER, session_at
from helpers.virtual_time import virtual

from spapi_messaging import File, Invoice, UnexpectedProblem


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login me password hunter2\ndefault login me password x\n")
    file.chmod(0o600)
    monkeypatch.setenv("NETRC", str(file))
    for name in ("http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


DESTINATION = {"uploadDestinationId": "d-1", "headers": {"Content-MD5": "bWQ1"}}


@pytest.mark.usefixtures("netrc")
@virtual
async def test_no_request_carries_what_a_netrc_file_holds() -> None:
    """Neither the message, nor the token's request, nor the PUT to the presigned URL."""
    async with (
        serving(created) as storage,
        serving(says(http("200 OK", b'{"access_token":"t"}'))) as login,
        aiohttp.ClientSession(trust_env=True) as mine,
    ):
        answer = json.dumps({"payload": DESTINATION | {"url": f"{storage.url}/x?X-Amz-Sig=1"}})
        async with (
            serving(says(http("201 Created", answer.encode())), created) as server,
            session_at(server, http=mine, token_url=f"{login.url}/login") as session,
        ):
            await session.send(
                ORDER, Invoice(attachments=[File(b"%PDF-", name="a.pdf")]), discover=False
            )
            async with mine.get(server.url):
                pass
        heads = [*login.heads, *server.heads, *storage.heads]
        assert [head.split(b" ")[0] for head in heads] == [b"POST"] * 3 + [b"GET", b"PUT"]
        asked = [head for head in heads if b"authorization" in head.lower()]
        assert asked == [server.heads[-1]], "only what the user's own session asked has it"
        assert b"hunter2" not in b"".join(heads)


@pytest.mark.usefixtures("netrc")
@virtual
async def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the netrc file has for the proxy is for the proxy only."""
    async with serving(created) as proxy, aiohttp.ClientSession(trust_env=True) as mine:
        monkeypatch.setenv("http_proxy", proxy.url)
        async with (
            serving(created) as server,
            session_at(server, http=mine) as session,
        ):
            await session.send(ORDER, UnexpectedProblem(text="hello"), discover=False)
            assert server.heads == []
        (head,) = proxy.heads
        assert head.startswith(f"POST {server.url}/messaging/".encode())
        assert b"\r\nauthorization:" not in head.lower()
