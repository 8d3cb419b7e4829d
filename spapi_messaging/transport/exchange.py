"""One request over aiohttp, once: on the first connection that is fit, until it is answered.

The token is a plain text in no frame that an error passes: an error tracker keeps the locals of
all of them. Here it is a Token, whose repr hides it, and only the HTTP client sees a header; what
breaks off there is a result, and a cancellation goes on without the client's frames.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
import attrs
from multidict import CIMultiDict
from yarl import URL

from spapi_messaging.redaction import describe_failure
from spapi_messaging.transport.access_token import Token
from spapi_messaging.transport.connection import UNDER_WAY, refuse_early
from spapi_messaging.transport.payload import payload_of, read_answer
from spapi_messaging.transport.request import (
    NOTHING,
    SESSION_CLOSED,
    Delivery,
    NoResponse,
    Request,
    Response,
)
from spapi_messaging.transport.silence import SilenceWatch

_TOKEN = "x-amz-access-token"  # noqa: S105  # the header's name, no secret
_ACCEPT = "application/hal+json, application/json"
_NO_BODY = ("Content-Type",)
# A presigned URL is signed over the headers it came with; aiohttp's own would be others.
_NOT_SIGNED = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_NEW_ONLY = 600.0
"""Seconds for which messages go on new connections only, after one was lost with a kept one."""


@attrs.define(kw_only=True)
class Exchange:
    """Makes requests, one attempt each, and knows how their server treats kept connections."""

    http: aiohttp.ClientSession
    user_agent: str
    _headers: tuple[CIMultiDict[str], ...] = attrs.field(default=(), init=False, repr=False)
    """Of a request without a body, and with one, for the token that was used last."""
    _token: Token | None = attrs.field(default=None, init=False, repr=False)
    _always: dict[str, Any] = attrs.field(init=False)
    """How each request is made. The silence, which aiohttp's timeout has, is waited for here."""
    _silence: float | None = attrs.field(init=False)
    _watch: SilenceWatch | None = attrs.field(init=False, repr=False)
    _new_only_until: float = attrs.field(default=0.0, init=False)
    _is_kept: bool = attrs.field(default=False, init=False)
    """Whether something was answered on a connection that was kept."""

    def __attrs_post_init__(self) -> None:
        self._silence = self.http.timeout.sock_read
        self._watch = SilenceWatch(self._silence) if self._silence else None
        waiting = attrs.evolve(self.http.timeout, sock_read=None)
        self._always = {"allow_redirects": False, "timeout": waiting}

    def close(self) -> None:
        """Leave no timer behind, before the connections are closed."""
        if self._watch is not None:
            self._watch.close()

    async def make(
        self,
        request: Request,
        proof: Token | Mapping[str, str],
        delivery: Delivery,
    ) -> Response | NoResponse:
        """Send a request once and read what comes back; ``proof``: the token, or signed headers."""
        delivery.silence = self._silence
        delivery.watch = None if self._watch is None else self._watch.begin
        delivery.wants_proof = not (request.repeatable or self._is_kept)
        delivery.wants_new = self._new_only_until > 0 and self._wants_new(request)
        UNDER_WAY.set(delivery)
        try:
            while True:
                body = payload_of(request, delivery)
                try:
                    async with self.http.request(
                        request.method,
                        URL(request.url, encoded=True),
                        data=body,
                        headers=self._headers_of(request, proof),
                        skip_auto_headers=_unwanted(request, proof),
                        **self._always,
                    ) as response:
                        if body is not None and not delivery.head_sent:
                            refuse_early(response, delivery)
                        self._is_kept = self._is_kept or delivery.proves
                        return await read_answer(response, url=request.url, delivery=delivery)
                except asyncio.CancelledError as stop:
                    _go_on(stop)
                    return NoResponse(SESSION_CLOSED, delivery.head_sent, lasting=True)
                except Exception as error:  # noqa: BLE001  # aiohttp has errors of many kinds
                    if not delivery.was_unfit():
                        return self._loss(error, delivery)
        finally:
            delivery.stop_timer()
            delivery.stop_timer = NOTHING
            UNDER_WAY.set(None)

    def _headers_of(
        self, request: Request, proof: Token | Mapping[str, str]
    ) -> Mapping[str, str] | CIMultiDict[str]:
        """Return a request's headers, which are made once for each token."""
        if not isinstance(proof, Token):
            return proof
        if proof is not self._token:
            plain = {"User-Agent": self.user_agent, "Accept": _ACCEPT, _TOKEN: proof.value}
            with_body = {**plain, "Content-Type": "application/json"}
            self._headers = (CIMultiDict(plain), CIMultiDict(with_body))
            self._token = proof
        return self._headers[request.body is not None]

    def _wants_new(self, request: Request) -> bool:
        return not request.repeatable and asyncio.get_running_loop().time() < self._new_only_until

    def _loss(self, error: Exception, delivery: Delivery) -> NoResponse:
        """Say why no answer came, and whether another attempt may fare better.

        It is not raised: an error's context would carry aiohttp's objects and our headers.
        """
        if self.http.closed:
            return NoResponse(SESSION_CLOSED, delivery.head_sent, lasting=True)
        if delivery.kept and delivery.head_sent and not isinstance(error, TimeoutError):
            self._is_kept = False
            self._new_only_until = asyncio.get_running_loop().time() + _NEW_ONLY
        passes = isinstance(error, aiohttp.ClientError | OSError)
        lasting = not passes or isinstance(error, ValueError)  # such as what no URL can be
        return NoResponse(describe_failure(error), delivery.head_sent, lasting=lasting)


def _unwanted(request: Request, proof: Token | Mapping[str, str]) -> tuple[str, ...] | None:
    """Name the headers of aiohttp's own that a request goes without."""
    if not isinstance(proof, Token):
        return _NOT_SIGNED
    return _NO_BODY if request.body is None and request.method != "GET" else None


def _go_on(stop: asyncio.CancelledError) -> None:
    """Let a cancellation go on, unless it is only of what aiohttp waited for."""
    task = asyncio.current_task()
    if task is None or task.cancelling():
        raise stop.with_traceback(None) from None  # aiohttp's frames hold our headers
