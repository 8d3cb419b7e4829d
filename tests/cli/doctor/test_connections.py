"""Every way in which a server is not reached, over real sockets, each with what to do."""

import asyncio
import socket
import ssl
import sys
from contextlib import closing
from pathlib import Path

import pytest
from helpers import certificates
from helpers.command_line import PROGRAM, environment
from helpers.doctor import OWN, at, doctor
from helpers.fault_server import (
    Response,
    closes,
    hangs,
    http,
    resets,
    says,
    says_and_closes,
    serving,
)

REFUSAL = says(http("403 Forbidden", b'{"errors":[]}'))
LOGIN = "https://login.invalid/auth/o2/token"


def tls(folder: Path, certificate: str) -> ssl.SSLContext:
    file = folder / "server.pem"
    file.write_text(certificates.KEY + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def with_trust(url: str, file: Path, **more: str) -> str:
    """Run the program, which trusts a file of certificates; return what it says."""
    environ = environment(None) | at(url, f"{url}/auth/o2/token")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", PROGRAM, "doctor"),
        env=environ | {"SSL_CERT_FILE": str(file)} | more,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 1
    return out.decode()


async def test_names_that_are_not_found_are_told_for_each_server() -> None:
    found = await doctor(at("https://endpoint.invalid", LOGIN))
    assert found.bads == ["endpoint", "login"]
    assert "the name endpoint.invalid is not found" in found["endpoint"]
    assert "the name login.invalid is not found" in found["login"]
    assert found["clock"] == "-- not compared: no server answers"


async def test_a_server_that_closes_after_its_answer_answers_all_the_same() -> None:
    async with serving(says_and_closes(http("403 Forbidden", b'{"errors":[]}'))) as server:
        found = await doctor(at(server.url, server.token_url), silence=0.3)
    assert (found["endpoint"], found["login"]) == (f"ok {server.url} answers",) * 2


async def test_a_refused_connection_asks_whether_the_sandbox_runs() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    found = await doctor(at(url, f"{url}/auth/o2/token"))
    assert "connection refused" in found["endpoint"]
    assert "spapi-messaging sandbox" in found["endpoint"]
    assert "connection refused" in found["login"]


async def test_a_refused_connection_elsewhere_asks_for_the_firewall() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    found = await doctor(at(f"https://127.0.0.1:{port}", LOGIN))
    assert f"let a firewall here pass 127.0.0.1, port {port}" in found["endpoint"]


async def test_a_connection_that_is_not_taken_is_a_timeout() -> None:
    with closing(socket.socket()) as full, closing(socket.socket()) as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)  # one connection fills it, and the system drops what comes after
        waiting.connect(full.getsockname())
        url = f"https://127.0.0.1:{full.getsockname()[1]}"
        found = await doctor(at(url, LOGIN), silence=0.2)
    assert "takes no connection, or begins no TLS (timeout)" in found["endpoint"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (hangs, "takes the connection and does not answer (timeout)"),
        (closes, "ends the connection without an answer"),
        (resets, "ends the connection without an answer"),
        (says_and_closes(b"220 mail.example ESMTP\r\n"), "answers something that is not HTTP"),
        (says(http("200 OK", b"<html>login</html>")), "answers with a page (200)"),
        (says(http("407 Proxy Authentication Required")), "wants a user and a password (407)"),
        (says(http("503 Service Unavailable", b"{}")), "answers 503: Amazon fails for now"),
    ],
)
async def test_a_connection_that_comes_to_nothing_is_told_by_its_kind(
    answer: Response, told: str
) -> None:
    async with serving(answer) as server:
        found = await doctor(at(server.url, server.token_url), silence=0.3)
    assert found.bads == ["endpoint"]
    assert told in found["endpoint"]
    assert found["token"].startswith("ok "), "Login with Amazon is another server"
    assert found["role"] == "-- not checked: it needs endpoint to be well"


async def test_a_page_with_amazons_own_headers_is_amazons() -> None:
    page = http("403 Forbidden", b"<html>denied</html>", "x-amzn-RequestId: r-1")
    async with serving(says(page)) as server:
        found = await doctor(at(server.url, server.token_url))
    assert found["endpoint"].startswith("ok ")


async def test_a_certificate_of_an_unknown_issuer_may_be_a_proxys(tmp_path: Path) -> None:
    async with serving(REFUSAL, tls=tls(tmp_path, certificates.LOCALHOST)) as server:
        found = await doctor(at(server.url, server.token_url) | {"REQUESTS_CA_BUNDLE": "/x.pem"})
    for name in ("endpoint", "login"):
        assert "a certificate of an unknown issuer (TLS)" in found[name]
        assert "set SSL_CERT_FILE" in found[name]
        assert "REQUESTS_CA_BUNDLE is set, but not read here" in found[name]


async def test_what_the_advice_for_it_says_helps(tmp_path: Path) -> None:
    own = tmp_path / "ca.pem"
    own.write_text(certificates.LOCALHOST)
    async with serving(REFUSAL, tls=tls(tmp_path, certificates.LOCALHOST)) as server:
        helped = await with_trust(server.url, own)
        missing = await with_trust(server.url, tmp_path / "no.pem")
    assert f"ok  endpoint: {server.url} answers" in helped
    assert "SSL_CERT_FILE names a file that is not there" in missing


@pytest.mark.parametrize(
    ("certificate", "told"),
    [
        (certificates.OTHER_HOST, "shows another host's certificate (TLS)"),
        (certificates.EXPIRED, "is expired (TLS)\n    - this machine says it is 20"),
    ],
)
async def test_other_faults_of_certificates_are_told_apart(
    tmp_path: Path, certificate: str, told: str
) -> None:
    trusted = tmp_path / "ca.pem"
    trusted.write_text(certificate)
    async with serving(REFUSAL, tls=tls(tmp_path, certificate)) as server:
        assert told in await with_trust(server.url, trusted)


async def test_a_server_without_tls_is_told() -> None:
    async def plainly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(http("400 Bad Request"))
        writer.close()

    async with await asyncio.start_server(plainly, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        found = await doctor(at(f"https://127.0.0.1:{port}", LOGIN))
    assert "does not speak TLS as it must" in found["endpoint"]


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "http_proxy"])
async def test_a_proxy_of_the_environment_is_not_used_and_that_is_said(name: str) -> None:
    url = "http://user:password@proxy.invalid:3128"
    found = await doctor(at("https://endpoint.invalid", LOGIN) | {name: url})
    for check in ("endpoint", "login"):
        assert f"{name} is set, and this version does not use it" in found[check]
    amazons = await doctor(OWN | {name: url}, marketplace="nowhere")
    assert "connects directly, without a proxy" in amazons["proxy"]
    shown = str(found.findings) + str(amazons.findings)
    assert "password" not in shown
    assert "proxy.invalid" not in shown
