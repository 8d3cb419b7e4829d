"""The sandbox's own API, for its inbox page and for programs: JSON and server-sent events.

| method and path under ``/__sandbox__/`` | query or body | answer |
|---|---|---|
| GET ``state`` | | orders, messages, newest, run, latency, quotas, faults, tokens |
| GET ``messages`` | before, after, limit <= 200, query, order_id | messages, total, more |
| GET ``messages/SEQ`` | | a message |
| GET ``attachments/SEQ/INDEX`` | | the bytes of a file |
| GET ``requests`` | before, after, limit <= 200 | requests, more |
| GET ``requests/SEQ`` | | a request: headers, bodies and reason, too; no secret |
| GET ``orders`` | closed: true or false, limit <= 200 | orders, total |
| GET ``start`` | | environment, commands, python: lines that send a first message |
| GET ``events`` | | events ``message``, ``request``, ``changed``, ``state`` (4 a second at most) |
| POST ``messages/delete`` | seq | the state |
| POST ``messages/restore`` | seq | the state |
| POST ``orders`` | what add_order takes; an order that is there is changed | the state |
| POST ``quotas`` | operation or null, rate and burst or nulls: no limit | the state |
| POST ``faults`` | the fields of Fault | the state |
| POST ``faults/clear`` | | the state |
| POST ``latency`` | seconds: a number or [low, high] | the state |
| POST ``tokens`` | do: expire, revoke, refuse, accept | the state |
| POST ``reset`` | | the state; messages, requests, counters and faults are forgotten |

``/`` is the page. A POST needs ``X-Sandbox: 1`` and ``application/json``; `csrf` says which
requests are let in. What is wrong is answered as ``{"error": "one sentence"}``. Lists are
newest first. ``seq`` counts from 1 and never goes back. ``total`` counts what is shown, and with
a query or an order what matches; `search` says what a query may be. A message that is deleted is
gone from here, and `Sandbox.messages` has it still: that is a witness. A file's ``url`` is null
where its bytes are not kept. Messages and requests have ``notes`` where they were unusual and
Amazon is not known to refuse that. An operation, an action and a marketplace may be given by any
of their names. None of this is in the request log, and none costs quota or latency or meets a
fault.
"""

import importlib
import secrets
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web

from spapi_messaging.sandbox.admin import csrf, showing, views
from spapi_messaging.sandbox.admin.attachments import GUARDED, file_answer
from spapi_messaging.sandbox.admin.changes import CHANGES, read_value
from spapi_messaging.sandbox.admin.events import MAX_READERS, EventStream, as_ascii
from spapi_messaging.sandbox.admin.queries import RefusedError
from spapi_messaging.sandbox.admin.start import first_steps
from spapi_messaging.sandbox.controls import Controls
from spapi_messaging.sandbox.validation import WrongValueError

PREFIX = "/__sandbox__/"
MAX_CHANGE_BYTES = 1024 * 1024
"""A larger POST is answered 413."""


class AdminApi:
    """Answers for ``/`` and for everything under ``/__sandbox__/``."""

    def __init__(self, sandbox: Controls, host: str, clock: Callable[[], float]) -> None:
        self._sandbox, self._host, self._clock = sandbox, host, clock
        self._run = secrets.token_hex(8)
        self.events = sandbox.backend.log.listener = EventStream()

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request."""
        try:
            return await self._answer(request)
        except WrongValueError as wrong:
            return _json({"error": str(wrong)}, HTTPStatus.BAD_REQUEST)
        except RefusedError as refused:
            return _json({"error": refused.sentence}, refused.status)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        headers = {name.lower(): value for name, value in request.headers.items()}
        _forbid(csrf.host_fault(headers, self._host))
        if path == "/":
            return _page(request.method)
        name = path.removeprefix(PREFIX)
        match request.method:
            case "GET":
                _forbid(csrf.reader_fault(headers))
                return await self._show(request, name.split("/"), query)
            case "POST":
                _forbid(csrf.writer_fault(headers))
                return await self._change(request, name)
            case _:
                raise RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "There is GET and POST here.")

    async def _show(
        self, request: web.BaseRequest, name: list[str], query: str
    ) -> web.StreamResponse:
        match name:
            case ["events"]:
                return await self._stream(request)
            case ["attachments", seq, index]:
                return file_answer(showing.find_message(self._sandbox, seq), index)
            case ["start"]:
                return _json(first_steps(self._sandbox, request.headers.get("Host", "")))
            case _:
                return _json(await self._value(name, query))

    async def _value(self, name: list[str], query: str) -> Any:
        value: Any
        match name:
            case ["state"]:
                value = self.state()
            case ["messages"]:
                value = await showing.show_messages(self._sandbox, query)
            case ["messages", seq]:
                value = views.message_view(showing.find_message(self._sandbox, seq))
            case ["requests"]:
                value = showing.show_requests(self._sandbox, query)
            case ["requests", seq]:
                value = showing.show_request(self._sandbox, seq)
            case ["orders"]:
                value = await showing.show_orders(self._sandbox, query)
            case _:
                raise RefusedError(HTTPStatus.NOT_FOUND, "There is no such thing here.")
        return value

    async def _stream(self, request: web.BaseRequest) -> web.StreamResponse:
        if len(self.events.readers) >= MAX_READERS:
            raise RefusedError(
                HTTPStatus.SERVICE_UNAVAILABLE, f"There are {MAX_READERS} listeners already."
            )
        return await self.events.stream(request, self.state)

    async def _change(self, request: web.BaseRequest, name: str) -> web.StreamResponse:
        if name not in CHANGES:
            raise RefusedError(HTTPStatus.NOT_FOUND, "There is nothing to change here.")
        body = bytearray()
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > MAX_CHANGE_BYTES:
                raise RefusedError(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                    f"The body has more than {MAX_CHANGE_BYTES} bytes.",
                )
        CHANGES[name](self._sandbox, read_value(bytes(body)))
        return _json(self.state())

    def state(self) -> dict[str, Any]:
        """Show how the sandbox is now."""
        return showing.show_state(self._sandbox, self._run, self._clock())


def _forbid(fault: str | None) -> None:
    if fault is not None:
        raise RefusedError(HTTPStatus.FORBIDDEN, fault)


def _json(value: Any, status: int = HTTPStatus.OK) -> web.Response:
    headers = {**GUARDED, "Content-Type": "application/json"}
    return web.Response(status=status, body=as_ascii(value), headers=headers)


def _page(method: str) -> web.Response:
    if method not in {"GET", "HEAD"}:
        raise RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "The page is there to GET.")
    try:
        page = importlib.import_module("spapi_messaging.sandbox.admin.page")
    except ModuleNotFoundError as missing:
        raise RefusedError(HTTPStatus.NOT_FOUND, "This installation has no page.") from missing
    headers = {
        **GUARDED,
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": page.CSP,
        "X-Frame-Options": "DENY",
    }
    return web.Response(body=page.PAGE, headers=headers)
