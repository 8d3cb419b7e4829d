"""What may use the sandbox's own pages: the sandbox's page itself, and programs.

A web page of another site can make its visitor's browser send requests to this machine. It
cannot read the answers, since no CORS header permits it, but a POST would do its work unread.
So a change needs a header that no foreign page can set without asking first, and what browsers
say of a request's origin is believed. The Host is checked against DNS rebinding: a foreign name
that suddenly means this machine is still a foreign name.
Amazon's side of the sandbox is no page's business either: it checks Host and origin as well, and
lets in what no browser sends. Source: https://www.w3.org/TR/fetch-metadata/ and https://fetch.spec.whatwg.org/#origin-header.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

_OWN_SITES = frozenset({"same-origin", "none"})


def is_loopback(host: str) -> bool:
    """Say whether a host name or address means this machine and nothing else."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def host_fault(headers: Mapping[str, str], bound_to: str) -> str | None:
    """Say what is wrong with the Host, as long as the sandbox listens on loopback."""
    if not is_loopback(bound_to):
        return None
    try:
        name = urlsplit(f"//{headers.get('host', '')}").hostname or ""
    except ValueError:
        name = ""
    return None if is_loopback(name) else "The Host header does not name this machine."


def api_fault(hosts: Sequence[str], headers: Mapping[str, str], bound_to: str, port: int) -> str:
    """Say why a request to Amazon's side of the sandbox comes from a web page; else say nothing.

    A request without Host is HTTP/1.0 and no browser's. python-amazon-sp-api takes "https://"
    off its endpoint to make the Host, eight characters whatever they are, so that of
    http://127.0.0.1:8080 there is 27.0.0.1:8080 left, which no name can be rebound to.
    """
    if not is_loopback(bound_to):
        return ""
    cut_off = {f"{name[1:]}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
    if any(host not in cut_off and host_fault({"host": host}, bound_to) for host in hosts):
        return "The Host header does not name this machine."
    if headers.get("sec-fetch-site", "none") not in _OWN_SITES:
        return "Another site may not use this."
    origin = headers.get("origin")
    own = origin is None or origin.lower() in {f"http://{host}".lower() for host in hosts}
    return "" if own else "Another origin may not use this."


def reader_fault(headers: Mapping[str, str]) -> str | None:
    """Say why a browser's request is not one of the sandbox's own page."""
    site = headers.get("sec-fetch-site", "none")
    return None if site in _OWN_SITES else "Another site may not read this."


def writer_fault(headers: Mapping[str, str]) -> str | None:
    """Say why a request may change nothing."""
    origin = headers.get("origin")
    if headers.get("sec-fetch-site", "none") not in _OWN_SITES:
        return "Another site may not change the sandbox."
    if origin is not None and origin.lower() != f"http://{headers.get('host', '')}".lower():
        return "Another origin may not change the sandbox."
    if headers.get("x-sandbox") != "1":
        return "A change needs the header X-Sandbox: 1."
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return None if media_type == "application/json" else "A change is application/json."
