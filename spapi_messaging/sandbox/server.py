"""The sandbox's HTTP server: loopback sockets around a `Backend`."""

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from spapi_messaging.sandbox import validation
from spapi_messaging.sandbox.admin import csrf
from spapi_messaging.sandbox.admin.api import PREFIX, AdminApi
from spapi_messaging.sandbox.api.accounts import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN
from spapi_messaging.sandbox.api.cuts import shared
from spapi_messaging.sandbox.api.exchanges import exchange_of
from spapi_messaging.sandbox.api.messages_endpoint import Success
from spapi_messaging.sandbox.api.responses import Response, denied, invalid
from spapi_messaging.sandbox.api.routes import LOGIN_PATH, PUT_PREFIX, Call
from spapi_messaging.sandbox.api.uploads import MAX_UPLOAD_BYTES
from spapi_messaging.sandbox.connections import LOGGER, break_connections, read
from spapi_messaging.sandbox.controls import Controls, initial_quotas
from spapi_messaging.sandbox.faults import Fault
from spapi_messaging.sandbox.player import answer_of, play, refuse
from spapi_messaging.sandbox.scenarios import Scenario

MAX_PORT = 65_535
MAX_BODY_BYTES = 1024 * 1024
"""A larger body of an API request is answered 413."""

_PAGE = frozenset({"/", "/?"})
_WITH_RATE = frozenset(
    {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}
)


def _wall() -> datetime:
    return datetime.now(UTC)


class Sandbox(Controls):
    """A local Selling Partner API: the Messaging API, Uploads with their S3, and the tokens.

    ``rate`` and ``burst`` set one quota for all operations, ``rate=math.inf`` none; without
    them each has Amazon's. ``latency`` is a number of seconds or a range of them, half before
    a request counts and half after. ``any_order`` names the actions of orders that were not added.
    A ``scenario``, or the path of one, comes on top of all this.
    ``clock`` is the event loop's unless given, so a virtual-time loop runs the sandbox too.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        rate: float | None = None,
        burst: int | None = None,
        latency: float | tuple[float, float] = 0.0,
        static: bool = False,
        any_order: Iterable[str] | None = None,
        expires_in: int = 3600,
        success: Success = "rotate",
        signed_headers: bool = True,
        offered_hrefs_answer: bool = True,
        seed: int | None = None,
        clock: Callable[[], float] | None = None,
        wall: Callable[[], datetime] = _wall,
        scenario: Scenario | str | Path | None = None,
    ) -> None:
        self._rng = random.Random(seed)
        super().__init__(
            quotas=initial_quotas(rate, burst, static=static),
            rng=self._rng,
            wall=wall,
            expires_in=expires_in,
            success=success,
            any_order=any_order,
            signed_headers=signed_headers,
            offered_hrefs_answer=offered_hrefs_answer,
        )
        self.host, self.latency = host, latency
        self.port: int = validation.whole(0, MAX_PORT)(port, "port")
        self._clock = clock
        self._server: web.Server | None = None
        self._listener: asyncio.Server | None = None
        self._arrival = asyncio.Event()
        self._admin_api = AdminApi(self, host, self._now)
        if scenario is not None:
            self.apply(scenario if isinstance(scenario, Scenario) else Scenario.load(scenario))

    @property
    def url(self) -> str:
        """The endpoint, for a client."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def token_url(self) -> str:
        """Where access tokens are given out."""
        return self.url + LOGIN_PATH

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that lead a client here."""
        return {
            "SPAPI_MESSAGING_ENDPOINT": self.url,
            "SPAPI_MESSAGING_TOKEN_URL": self.token_url,
            "SP_API_REFRESH_TOKEN": REFRESH_TOKEN,
            "LWA_APP_ID": CLIENT_ID,
            "LWA_CLIENT_SECRET": CLIENT_SECRET,
        }

    async def start(self) -> None:
        """Listen. After `stop` it can be started again, on the same port and with its orders."""
        loop = asyncio.get_running_loop()
        self._clock = self._clock or loop.time
        server = web.Server(
            self._handle,
            handler_cancellation=True,
            access_log=None,
            auto_decompress=False,  # S3 keeps what it gets, and a bomb stays small
            logger=LOGGER,
        )
        self._listener = await loop.create_server(server, self.host, self.port, backlog=1024)
        self._server = server
        self.port = self._listener.sockets[0].getsockname()[1]
        self.backend.base = self.url

    async def stop(self) -> None:
        """Break all connections and leave no task behind."""
        listener, server = self._listener, self._server
        self._listener = self._server = None
        if listener is None or server is None:
            return
        listener.close()
        await break_connections(server)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def arrived(
        self, count: int = 1, *, order_id: str | None = None, operation: str | None = None
    ) -> None:
        """Wait until so many requests have arrived, of an order and an operation or of all."""
        while self.count(order_id, operation) < count:
            await self._arrival.wait()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.raw_path
        if path[:2] in _PAGE or path.startswith(PREFIX):
            return await self._admin_api.answer(request)
        began = self._now()
        await self._travel()
        call, foreign = await self._arrive(request, path)
        call.record.began = began
        now = call.record.at
        answer = denied(foreign) if foreign else self.backend.gate(call, now)
        if answer is None:
            fault = self.faults.find(call.record)
            if fault is None or fault.accepts_first:
                answer = self.backend.answer(call, now)
            if fault is not None and (answer is None or answer.succeeded):
                return await self._fail(request, call, fault, answer)
        await self._travel()
        return self._respond(call, answer or Response(500), {})

    async def _arrive(self, request: web.BaseRequest, path: str) -> tuple[Call, str]:
        """Read a request and note it; say, too, if it comes from a web page."""
        headers = {shared(name.lower()): value for name, value in request.headers.items()}
        hosts = request.headers.getall("Host", [])
        foreign = csrf.api_fault(hosts, headers, self.host, self.port)
        keep = request.body_exists and not foreign and self.backend.expects(path, headers)
        limit = MAX_UPLOAD_BYTES if path.startswith(PUT_PREFIX) else MAX_BODY_BYTES
        try:
            body, size = await read(request, limit, keep=keep)
        except web.RequestPayloadError:
            await refuse(request, invalid(details="The body cannot be read."))
        call = self.backend.arrive(request.method, path, headers, body, self._now(), size=size)
        self._arrival.set()
        self._arrival.clear()
        return call, foreign

    async def _fail(
        self, request: web.BaseRequest, call: Call, fault: Fault, answer: Response | None
    ) -> web.StreamResponse:
        self.faults.spend(fault)
        call.record.fault = True
        planned = answer_of(fault, answer)
        headers = dict(fault.headers)
        if fault.location is not None:
            headers["Location"] = fault.location
        if fault.answers_nothing:
            self.backend.log.answered(call.record, exchange_of(call, None))
        planned = await play(request, fault, planned, self._headers(call, planned) | headers)
        await self._travel()
        return self._respond(call, planned, headers)

    def _respond(self, call: Call, answer: Response, extra: Mapping[str, str]) -> web.Response:
        call.record.status = answer.status
        call.record.took = self._now() - call.record.began
        self.backend.log.answered(call.record, exchange_of(call, answer))
        headers = self._headers(call, answer) | {"Content-Type": answer.content_type}
        headers.update(extra)
        return web.Response(status=answer.status, body=answer.body, headers=headers)

    def _headers(self, call: Call, answer: Response) -> dict[str, str]:
        headers = {"x-amzn-RequestId": call.record.request_id}
        if not self.announce_rate or answer.status not in _WITH_RATE:
            return headers
        if call.route.kind in {"token", "put", "unknown"}:
            return headers
        plan = self.backend.quotas.plan(call.record.operation)
        if self.header_override is not None:
            headers["x-amzn-RateLimit-Limit"] = self.header_override
        elif plan is not None:
            headers["x-amzn-RateLimit-Limit"] = str(float(plan.rate))
        return headers

    def _now(self) -> float:
        if self._clock is None:
            raise RuntimeError("the sandbox is not started")
        return self._clock()

    async def _travel(self) -> None:
        latency = self.latency
        seconds = latency if isinstance(latency, int | float) else self._rng.uniform(*latency)
        if seconds:
            await asyncio.sleep(seconds / 2)
