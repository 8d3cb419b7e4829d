"""Failures of the network, on the command line: what happened, and no class of a program."""

import ssl
from pathlib import Path

import attrs
import pytest
from helpers.command_line import invoke
from helpers.journal_files import made
from helpers.journal_runs import entry

from spapi_messaging import AuthorizationError, InDoubtError, NotSentError, UploadError
from spapi_messaging.cli.words import told
from spapi_messaging.errors import MessagingError
from spapi_messaging.redaction import describe_failure

ORDER = "903-1671087-0812628"
NOWHERE = "http://127.0.0.1:1"
SELF_SIGNED = (
    "ClientConnectorCertificateError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
    "self-signed certificate (_ssl.c:1006)"
)
VERSION = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)")
DENIED = (
    "createUploadDestinationForResource answered 403 (Unauthorized: SomeError: no role). Add it"
)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            NotSentError("op", "ClientConnectorError: Connection refused"),
            "op was not sent (Connection refused).",
        ),
        (
            NotSentError("op", SELF_SIGNED),
            "op was not sent (certificate verify failed: self-signed certificate).",
        ),
        (NotSentError("op", describe_failure(VERSION)), "op was not sent (wrong version number)."),
        (
            InDoubtError("op", "ServerDisconnectedError"),
            "op is in doubt (the connection ended without an answer):",
        ),
        (InDoubtError("op", "timeout, SocketTimeoutError"), "op is in doubt (timeout):"),
        (InDoubtError("op", "ClientPayloadError"), "op is in doubt (the connection failed):"),
        (
            AuthorizationError("unreachable", "ClientConnectorError: Connection refused"),
            "unreachable (Connection refused)",
        ),
        (
            UploadError(ORDER, "a.pdf", "the storage failed (ClientOSError: Broken pipe)"),
            "could not be uploaded (the storage failed (Broken pipe))",
        ),
    ],
)
def test_a_failure_is_told_without_the_class_of_its_error(
    error: MessagingError, words: str
) -> None:
    assert words in told(error)
    assert not any(word in told(error) for word in ("Error", "_ssl", "[SSL"))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AuthorizationError("access_denied", "SomeError: no"), "access_denied (SomeError: no)"),
        (
            UploadError(ORDER, "a.pdf", DENIED),
            "(asking for an upload destination answered 403 (Unauthorized: SomeError: no role).",
        ),
    ],
)
def test_amazons_own_words_stay_as_they_are(error: MessagingError, words: str) -> None:
    assert words in told(error)


@pytest.mark.parametrize("command", [("actions", ORDER), ("attributes", ORDER)])
def test_a_server_that_is_not_there_is_told_so(command: tuple[str, ...]) -> None:
    credentials = {"LWA_APP_ID": "a", "LWA_CLIENT_SECRET": "b", "SP_API_REFRESH_TOKEN": "c"}
    servers = {"SPAPI_MESSAGING_ENDPOINT": NOWHERE, "SPAPI_MESSAGING_TOKEN_URL": NOWHERE}
    done = invoke(*command, **credentials, **servers)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Connection refused" in done.stderr
    assert "Error" not in done.stderr


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ("ServerDisconnectedError", "the connection ended without an answer"),
        ("timeout, SocketTimeoutError", "timeout"),
        ("ClientOSError: Connection reset by peer", "Connection reset by peer"),
        ("ClientPayloadError", "the connection failed"),
        ("answered 503", "answered 503"),
    ],
)
def test_a_doubt_is_not_said_to_have_failed(kept: str, words: str, tmp_path: Path) -> None:
    """`It failed` was said of messages that may have arrived."""
    path = made(tmp_path / "run.db", attrs.evolve(entry("a"), reason=kept, ended_at=2.0))
    assert f"UTC: {words}\n" in invoke("doubts", path).stdout
    assert f",{words}," in invoke("export", path).stdout
