"""One question to a server, without credentials: whether it answers, and is Amazon's.

Amazon answers both questions with an error as JSON; a page, a redirect or a proxy's status is of
somebody in between.
"""

from collections.abc import Mapping
from http import HTTPStatus

import aiohttp
import attrs

from spapi_messaging.api import Endpoint
from spapi_messaging.cli.doctor.connection_faults import ConnectionFault, circumstances
from spapi_messaging.cli.doctor.findings import Finding, bad, good
from spapi_messaging.errors import UntrustedLinkError

_LOOKED_AT = 2048
_JSON = (b"", b"{", b"[")
_BLANKS = b" \t\r\n\xef\xbb\xbf"
_AMAZONS = ("x-amzn-", "x-amz-")
"""How headers begin that only Amazon's servers send."""
_PORTAL = (
    "open a browser: a login page of the network (as in hotels) may wait for you",
    "or a proxy answers in Amazon's place: ask who runs the network to let this host pass",
)
_STATUS_PAGE = "try again in some minutes; the rest of Amazon may be well all the same"


@attrs.frozen
class Answer:
    """What a server answered; ``headers`` are looked up in any case."""

    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    is_page: bool
    """Whether it is neither JSON nor empty, nor has a header of Amazon's."""


async def ask(
    http: aiohttp.ClientSession, method: str, url: str, proxies: list[str]
) -> Answer | ConnectionFault:
    """Ask once, whatever comes of it; ``proxies``: variables that name one, for the advice."""
    # What Login with Amazon refuses as JSON: there is no credential in it.
    form = {"grant_type": "refresh_token"} if method == "POST" else None
    try:
        async with http.request(method, url, data=form, allow_redirects=False) as response:
            start = (await response.content.read(_LOOKED_AT)).lstrip(_BLANKS)[:1]
            amazons = any(name.lower().startswith(_AMAZONS) for name in response.headers)
            is_page = start not in _JSON and not amazons
            return Answer(response.status, response.headers, is_page)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return circumstances(url, proxies).fault(error)


def judged(name: str, who: str, url: str, answer: Answer | ConnectionFault) -> Finding:
    """Say whether it was Amazon that answered; ``who``: the server's name for people."""
    if isinstance(answer, ConnectionFault):
        return bad(name, answer.sentence, *answer.advice)
    server, status = Endpoint.of(url), answer.status
    stranger = _stranger(server, answer)
    if stranger is not None:
        return bad(name, *stranger)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        what = f"{server} was asked too often from here (429)"
        return bad(name, what, "wait some minutes; look for a program that asks again and again")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        whose = "a gateway in front of it" if answer.is_page else who
        return bad(name, f"{server} answers {status}: {whose} fails for now", _STATUS_PAGE)
    return good(name, f"{server} answers")


def _stranger(server: Endpoint, answer: Answer) -> tuple[str, ...] | None:
    """Return what is to be said of an answer that is not the server's own."""
    status = answer.status
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        what = f"a proxy in front of {server} wants a user and a password (407)"
        return what, "ask who runs the network to let this host pass without them"
    if status == HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED:
        return f"the network wants a login first (511), before {server}", *_PORTAL
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        place = _place(answer.headers.get("Location", ""))
        return f"{server} redirects ({status}){place}, as Amazon does not", *_PORTAL
    if answer.is_page and status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"{server} answers with a page ({status}), as Amazon does not", *_PORTAL
    return None


def _place(location: str) -> str:
    try:
        return f" to {Endpoint.of(location)}"
    except UntrustedLinkError:
        return ""
