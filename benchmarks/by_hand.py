"""The reference: a discover and a send as a competent person writes them over aiohttp.

What it does is fixed here, so that a ratio means the same from one release to the next:

- one ClientSession: as many connections as ours, no cookies, no redirects, a timeout;
- the headers are built once, and the URL's encoding is known to be right;
- a limiter for each operation, aiolimiter's as ours, with room: nobody waits for it;
- before the message goes out, its text is 1 to 2000 characters long, the order offers it, and
  where a schema is embedded, it is not disabled and the text is no longer than it permits;
- of each answer the status is checked, and the request id and the rate are read;
- JSON is read and written by orjson, or by the standard library: whichever ours uses.

What it leaves out is what a library is for: a token that is renewed, errors that say what
happened, what is in doubt, retries, connections that went stale, the quota that is learned.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

import aiohttp
import attrs
from aiolimiter import AsyncLimiter
from yarl import URL

from benchmarks.answers import MARKETPLACE
from benchmarks.server import RATE

CONNECTIONS = 128
TEXT = "The parcel was damaged on its way. May we send you another one on Monday?"
AGENT = "benchmark/1.0 (Language=Python; Platform=Linux)"
ROOM = 1_000_000
"""What a limiter holds, so that it never waits."""

_NAME = "unexpectedProblem"
_LONGEST = 2000


class Operation(Protocol):
    """Asks an order and sends a text to it."""

    def __call__(self, order_id: str, text: str = TEXT) -> Awaitable[object]:
        """Do it once."""
        ...


@attrs.frozen
class Json:
    """How JSON is read and written."""

    loads: Callable[[bytes], Any]
    dumps: Callable[[Any], bytes]


@attrs.frozen
class Sent:
    """What an answer to a message says."""

    request_id: str
    rate: float


def standard_json() -> Json:
    """Return the standard library's."""
    return Json(json.loads, lambda value: json.dumps(value).encode())


def fast_json() -> Json:
    """Return orjson's, or the standard library's where it can't be imported."""
    try:
        import orjson
    except ImportError:
        return standard_json()
    return Json(orjson.loads, orjson.dumps)


HEADERS = {
    "x-amz-access-token": "Atza|benchmark",
    "User-Agent": AGENT,
    "Accept": "application/json",
}
JSON_HEADERS = {**HEADERS, "Content-Type": "application/json"}


def _limiter() -> AsyncLimiter:
    return AsyncLimiter(ROOM, ROOM / RATE)


@attrs.frozen(kw_only=True)
class ByHand:
    """A client of one seller."""

    http: aiohttp.ClientSession
    url: str
    json: Json = attrs.field(factory=fast_json)
    _asking: AsyncLimiter = attrs.field(factory=_limiter)
    _sending: AsyncLimiter = attrs.field(factory=_limiter)

    async def send(self, order_id: str, text: str = TEXT) -> Sent:
        """Ask an order, and send a text to it."""
        if not 1 <= len(text) <= _LONGEST:
            raise ValueError("the text is too short or too long")
        order, query = f"{self.url}/messaging/v1/orders/{order_id}", f"marketplaceIds={MARKETPLACE}"
        async with (
            self._asking,
            self.http.get(
                URL(f"{order}?{query}", encoded=True), headers=HEADERS, allow_redirects=False
            ) as response,
        ):
            body = await response.read()
            _read(response, 200)
        _look(self.json.loads(body), text)
        async with (
            self._sending,
            self.http.post(
                URL(f"{order}/messages/{_NAME}?{query}", encoded=True),
                data=self.json.dumps({"text": text}),
                headers=JSON_HEADERS,
                allow_redirects=False,
            ) as response,
        ):
            await response.read()
            return _read(response, 201)


def _read(response: aiohttp.ClientResponse, status: int) -> Sent:
    if response.status != status:
        raise RuntimeError(f"answered {response.status}")
    said = response.headers
    return Sent(said["x-amzn-RequestId"], float(said["x-amzn-RateLimit-Limit"]))


def _look(document: dict[str, Any], text: str) -> None:
    if all(link["name"] != _NAME for link in document["_links"]["actions"]):
        raise LookupError(_NAME)
    for action in document.get("_embedded", {}).get("actions", ()):
        if action["name"] == _NAME:
            schema = action["_embedded"]["schema"]
            limit = schema["properties"]["rawMessageBody"]["maxLength"]
            if schema["disabled"] or len(text) > limit:
                raise ValueError(_NAME)


def open_http() -> aiohttp.ClientSession:
    """Open the session that requests by hand go through."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=60, sock_connect=10),
    )


@asynccontextmanager
async def by_hand(url: str) -> AsyncIterator[Operation]:
    """Return the operation by hand."""
    async with open_http() as http:
        yield ByHand(http=http, url=url).send
