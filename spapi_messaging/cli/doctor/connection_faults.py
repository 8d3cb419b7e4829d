"""Why a server was not reached, and what to do about it: one for each kind of failure.

The numbers of OpenSSL's verdicts are those of ``X509_V_ERR_…``:
https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/
"""

import errno
import os
import socket
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import attrs

from spapi_messaging.api import Endpoint
from spapi_messaging.bulk import failure_in_words
from spapi_messaging.redaction import describe_failure

_EXPIRED, _NOT_YET = 10, 9
_UNKNOWN_ISSUER = {2, 18, 19, 20, 21}
_OTHER_HOST = {62, 63, 64}
_NO_ROUTE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL}
_FORBIDDEN = {errno.EACCES, errno.EPERM}
_CUT = {errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED}
_CERTIFICATES = "SSL_CERT_FILE"
_UNREAD = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE")
"""What other programs take certificates from."""


@attrs.frozen
class ConnectionFault:
    """Why no answer came, and what to do."""

    sentence: str
    advice: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Circumstances:
    """What the advice depends on: the server, and the environment."""

    server: Endpoint
    environ: Mapping[str, str] = attrs.field(repr=False)
    proxies: list[str]
    """The names of the variables that name a proxy, which is not used."""

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine, as a sandbox is."""
        return self.server.scheme == "http"

    def fault(self, error: BaseException) -> ConnectionFault:
        """Say what an error of the HTTP client means."""
        sentence, *advice = self._certificate(error) or self._socket(error) or self._talk(error)
        if self.proxies:
            only = f"{' and '.join(self.proxies)} is set, and this version does not use it"
            advice.append(f"{only}: a direct connection must be allowed")
        return ConnectionFault(sentence, tuple(advice))

    def _certificate(self, error: BaseException) -> tuple[str, ...] | None:
        # aiohttp's own is one of ssl's by its bases, and holds the one with the verdict.
        verdict = getattr(error, "certificate_error", error)
        if not isinstance(verdict, ssl.SSLCertVerificationError):
            return None
        code, server = getattr(verdict, "verify_code", None), self.server
        if code in _UNKNOWN_ISSUER:
            what = f"{server} shows a certificate of an unknown issuer (TLS)"
            return what, *self._own_certificates()
        if code in _OTHER_HOST:
            what = f"{server} shows another host's certificate (TLS)"
            return what, "a login page of the network or a wrong DNS answers: open a browser"
        if code in {_EXPIRED, _NOT_YET}:
            state = "expired" if code == _EXPIRED else "not yet valid"
            now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
            what = f"the certificate of {server} is {state} (TLS)"
            return what, f"this machine says it is {now}: if that is wrong, set it by NTP"
        return f"the certificate of {server} is refused (TLS)", f"OpenSSL's verdict is {code}"

    def _own_certificates(self) -> tuple[str, ...]:
        """Say how the certificate of who opens TLS is made known."""
        given = self.environ.get(_CERTIFICATES)
        if given and not Path(given).is_file():
            return (f"{_CERTIFICATES} names a file that is not there: unset or correct it",)
        theirs = f"its certificate to a copy of your CA file and set {_CERTIFICATES} to that"
        unread = [name for name in _UNREAD if self.environ.get(name)]
        return (
            f"a proxy or a virus scanner may open TLS: let it pass this host, or add {theirs}",
            *(f"{name} is set, but not read here" for name in unread),
            "if every site fails so: install your system's CA certificates (ca-certificates)",
        )

    def _socket(self, error: BaseException) -> tuple[str, ...] | None:
        """Say what the system says: names, routes, ports."""
        cause = getattr(error, "os_error", error)
        if isinstance(cause, socket.gaierror) or isinstance(error, aiohttp.ClientConnectorDNSError):
            is_away = isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_AGAIN
            why = "no name server answers, DNS" if is_away else "DNS"
            what = f"the name {self.server.host} is not found ({why})"
            return what, "check the network and its DNS: does a browser here open amazon.com?"
        if isinstance(cause, ssl.SSLError):
            why = failure_in_words(describe_failure(cause))
            what = f"{self.server} does not speak TLS as it must ({why})"
            return what, "a proxy or a firewall may answer in its place: ask who runs the network"
        number = cause.errno if isinstance(cause, OSError) else None
        if number in _CUT:
            return self._cut()
        return {
            errno.ECONNREFUSED: (
                f"nobody listens at {self.server} (connection refused)",
                self._how_to_reach(),
            ),
            **dict.fromkeys(
                _NO_ROUTE,
                (f"there is no way to {self.server} (no route)", "check the network"),
            ),
            **dict.fromkeys(
                _FORBIDDEN,
                (f"this system forbids connections to {self.server}", "look into its firewall"),
            ),
        }.get(number or 0)

    def _talk(self, error: BaseException) -> tuple[str, ...]:
        """Say what became of a connection that was made, or waited for."""
        server = self.server
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            what = f"{server} takes no connection, or begins no TLS (timeout)"
            return what, self._how_to_reach()
        if isinstance(error, TimeoutError):
            hint = "try again; if it stays so, a firewall holds the requests back"
            return f"{server} takes the connection and does not answer (timeout)", hint
        if isinstance(error, aiohttp.ServerDisconnectedError):
            return self._cut()
        if isinstance(error, aiohttp.ClientResponseError):
            what = f"{server} answers something that is not HTTP"
            return what, "another program may listen there, or a proxy answers in its place"
        what = f"{server} cannot be asked ({failure_in_words(describe_failure(error))})"
        return what, "check the network and try again"

    def _cut(self) -> tuple[str, ...]:
        what = f"{self.server} ends the connection without an answer"
        return what, "try again; if it stays so, a firewall or a proxy cuts it off"

    def _how_to_reach(self) -> str:
        if self.is_here:
            return "is the sandbox running? Start it: spapi-messaging sandbox"
        return f"let a firewall here pass {self.server.host}, port {self.server.port}"


def circumstances(url: str, proxies: list[str]) -> Circumstances:
    """Return those of a URL in this process's environment."""
    return Circumstances(server=Endpoint.of(url), environ=os.environ, proxies=proxies)
