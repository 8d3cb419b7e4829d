"""Where the access token may go: the session's own endpoint, and an order's own paths.

HTTP clients drop ``Authorization`` when a link or a redirect leads to another host, but they
keep ``x-amz-access-token``; so every URL is compared with the endpoint before the token is
added, and no redirect is followed. TLS is verified; plain http is for loopback only.
"""

import re
from functools import cached_property
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

import attrs

from spapi_messaging.api.operations import UPLOADS, order_path
from spapi_messaging.errors import UntrustedLinkError
from spapi_messaging.redaction import safe_url

_PORTS = {"https": 443, "http": 80}
_UNSAFE = re.compile(r"[^\x21-\x7e]|\\")
# Servers differ in what they decode, and in what they strip, before they resolve dots.
_CLIMBS = re.compile(r"^\.{1,2}(?:$|[;\s])|[/\\%\x00-\x1f\x7f\ufffd]")
_ORDERS = "/messaging/v1/orders/"
# What follows in nearly every URL here: no dot, no percent sign, nothing to decode.
_QUICK = re.compile(r"([A-Za-z0-9-]+)[A-Za-z0-9/?=&-]*")


# No slots: cached_property writes to the __dict__.
@attrs.frozen(slots=False)
class Endpoint:
    """A server that may see the access token: scheme, host and port."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, url: str) -> "Endpoint":
        """Read an endpoint; raises UntrustedLinkError for one that no secret may be sent to."""
        endpoint = cls.of(url)
        parts = urlsplit(url)
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise UntrustedLinkError(safe_url(url), "an endpoint has no path or query")
        return endpoint

    @classmethod
    def of(cls, url: str) -> "Endpoint":
        """Read the endpoint that serves ``url``."""
        parts = _split(url)
        if isinstance(parts, str):
            raise UntrustedLinkError(safe_url(url), parts)
        scheme, host = parts.scheme, parts.hostname or ""
        if scheme not in _PORTS or not host:
            raise UntrustedLinkError(safe_url(url), "it is neither https nor http")
        if scheme == "http" and not _is_loopback(host):
            raise UntrustedLinkError(safe_url(url), "plain http is for loopback only; use https")
        return cls(scheme, host, _port(parts, scheme))

    def __str__(self) -> str:
        return self._origin

    @cached_property
    def _origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @cached_property
    def _orders(self) -> str:
        return f"{self._origin}{_ORDERS}"

    def check(self, url: str, order_id: str | None = None) -> None:
        """Raise UntrustedLinkError unless the token may be sent to ``url``.

        With an ``order_id``, ``url`` must be a Messaging path of that order.
        """
        fault = None if self._quick_trust(url, order_id) else self._fault(url, order_id)
        if fault:
            raise UntrustedLinkError(safe_url(url), fault, order_id)

    def _quick_trust(self, url: str, order_id: str | None) -> bool:
        """Say that ``_fault`` would find none; False says nothing."""
        if not url.startswith(self._orders):
            return False
        simple = _QUICK.fullmatch(url, len(self._orders))
        return simple is not None and order_id in {None, simple[1]}

    def _fault(self, url: str, order_id: str | None) -> str | None:
        parts = _split(url)
        if isinstance(parts, str):
            return parts
        if (parts.scheme, parts.hostname) != (self.scheme, self.host):
            return f"it leads away from {self}"
        if _port(parts, self.scheme) != self.port:
            return f"it leads to another port than {self}"
        # A server may decode before it normalises: neither form may climb out of the order.
        if any(_CLIMBS.search(unquote(segment)) for segment in parts.path.split("/")):
            return "its path climbs or hides a slash"
        if order_id is None:
            known = parts.path.startswith(("/messaging/", f"{UPLOADS}/"))
            return None if known else "it is no path of the Messaging or the Uploads API"
        root = order_path(order_id)
        mine = parts.path == root or parts.path.startswith(f"{root}/")
        return None if mine else "it leads to another order, or to none"


def _port(parts: SplitResult, scheme: str) -> int:
    return _PORTS[scheme] if parts.port is None else parts.port


def _split(url: str) -> SplitResult | str:
    """Split a URL, or say why it is not one."""
    if _UNSAFE.search(url):
        return "it holds blanks, control characters or backslashes"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "it is no URL"
    if port == 0:
        return "it is no URL: its port is 0"
    return "it holds user info" if "@" in parts.netloc else parts


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
