"""The sandbox's own API, for its inbox page and for programs: JSON and server-sent events.

| method and path under ``/__sandbox__/`` | query or body | answer |
|---|---|---|
| GET ``state`` | | orders, messages, latency, quotas, faults, tokens |
| GET ``messages`` | before, after, limit <= 200, query, order_id | messages, total, more |
| GET ``attachments/SEQ/INDEX`` | | the bytes of a file |
| GET ``requests`` | before, after, limit <= 200 | requests, more |
| GET ``events`` | | events ``message``, ``request``, ``state`` (at most 4 a second) |
| POST ``orders`` | what add_order takes; an order that is there is changed | the state |
| POST ``quotas`` | operation or null, rate and burst or nulls: no limit | the state |
| POST ``faults`` | the fields of Fault | the state |
| POST ``faults/clear`` | | the state |
| POST ``latency`` | seconds: a number or [low, high] | the state |
| POST ``tokens`` | do: expire, revoke, refuse, accept | the state |
| POST ``reset`` | | the state; messages, requests, counters and faults are forgotten |

``/`` is the page. A POST needs ``X-Sandbox: 1`` and ``application/json``; `csrf` says which
requests are let in. What is wrong is answered as ``{"error": "one sentence"}``. Lists are
newest first. ``seq`` counts from 1 and never goes back. ``total`` counts what is kept, and with
a query or an order what matches. A file's ``url`` is null where its bytes are not kept. Messages
and requests have ``notes`` where they were unusual and Amazon is not known to refuse that. An
operation, an action and a marketplace may be given by any of their names. None of this is in
the request log, and none costs quota or latency or meets a fault.
"""

import importlib
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, quote

from aiohttp import web

from spapi_messaging.sandbox import validation
from spapi_messaging.sandbox.admin import csrf, views
from spapi_messaging.sandbox.admin.changes import CHANGES, read_value
from spapi_messaging.sandbox.admin.events import MAX_READERS, EventStream, as_ascii
from spapi_messaging.sandbox.controls import Controls
from spapi_messaging.sandbox.validation import WrongValueError

PREFIX = "/__sandbox__/"
MAX_CHANGE_BYTES = 1024 * 1024
"""A larger POST is answered 413."""
MAX_LIMIT = 200
MAX_DIGITS = 15
"""Of a number in a path or a query; a longer one costs time to read and names nothing."""

_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "application/pdf", "text/plain"})
_GUARDED = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class _RefusedError(Exception):
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(status, sentence)
        self.status, self.sentence = status, sentence


class AdminApi:
    """Answers for ``/`` and for everything under ``/__sandbox__/``."""

    def __init__(self, sandbox: Controls, host: str, clock: Callable[[], float]) -> None:
        self._sandbox, self._host, self._clock = sandbox, host, clock
        self.events = sandbox.backend.log.listener = EventStream()

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request."""
        try:
            return await self._answer(request)
        except WrongValueError as wrong:
            return _json({"error": str(wrong)}, HTTPStatus.BAD_REQUEST)
        except _RefusedError as refused:
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
                return await self._show(request, name, query)
            case "POST":
                _forbid(csrf.writer_fault(headers))
                return await self._change(request, name)
            case _:
                raise _RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "There is GET and POST here.")

    async def _show(self, request: web.BaseRequest, name: str, query: str) -> web.StreamResponse:
        match name.split("/"):
            case ["state"]:
                return _json(self.state())
            case ["messages"]:
                return _json(await self._messages(query))
            case ["requests"]:
                return _json(self._requests(query))
            case ["events"]:
                if len(self.events.readers) >= MAX_READERS:
                    raise _RefusedError(
                        HTTPStatus.SERVICE_UNAVAILABLE,
                        f"There are {MAX_READERS} listeners already.",
                    )
                return await self.events.stream(request, self.state)
            case ["attachments", seq, index]:
                return self._attachment(seq, index)
            case _:
                raise _RefusedError(HTTPStatus.NOT_FOUND, "There is no such thing here.")

    async def _change(self, request: web.BaseRequest, name: str) -> web.StreamResponse:
        if name not in CHANGES:
            raise _RefusedError(HTTPStatus.NOT_FOUND, "There is nothing to change here.")
        body = bytearray()
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > MAX_CHANGE_BYTES:
                raise _RefusedError(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                    f"The body has more than {MAX_CHANGE_BYTES} bytes.",
                )
        CHANGES[name](self._sandbox, read_value(bytes(body)))
        return _json(self.state())

    def state(self) -> dict[str, Any]:
        """Show how the sandbox is now."""
        backend = self._sandbox.backend
        return {
            "orders": len(backend.orders),
            "messages": len(backend.log.messages),
            "latency": views.latency_view(self._sandbox.latency),
            "quotas": views.quota_views(backend.quotas, self._clock()),
            "faults": views.faults_view(self._sandbox.faults.pending),
            "tokens": {"asked": backend.accounts.requests},
        }

    async def _messages(self, query: str) -> dict[str, Any]:
        given = _parameters(query, {"before", "after", "limit", "query", "order_id"})
        window = _window(given, 50)
        log = self._sandbox.backend.log
        words, order_id = given.get("query", ""), given.get("order_id", "")
        if order_id:
            validation.order_id(order_id, "order_id")
        order = self._sandbox.backend.orders.get(order_id)
        if not words and not order_id:
            found, more = views.page_of(log.messages, **window)
            total = len(log.messages)
        else:
            matches = views.matcher(words)
            kept = order.messages if order is not None and order.messages else log.messages
            found, more, total = await views.search(
                list(kept)[::-1],
                lambda message: order_id in {"", message.order_id} and matches(message),
                **window,
            )
        return {"messages": list(map(views.message_view, found)), "total": total, "more": more}

    def _requests(self, query: str) -> dict[str, Any]:
        window = _window(_parameters(query, {"before", "after", "limit"}), 100)
        newest_first = self._sandbox.backend.log.newest_requests()
        found, more = views.request_page(newest_first, **window)
        return {"requests": list(map(views.request_view, found)), "more": more}

    def _attachment(self, seq: str, index: str) -> web.Response:
        messages = self._sandbox.backend.log.messages
        wanted = _number(seq, "the message's number")
        found, _ = views.page_of(messages, after=wanted - 1, before=wanted + 1, limit=1)
        files = found[0].attachments if found else ()
        place = _number(index, "the file's number")
        content = files[place].content if place < len(files) else None
        if content is None:
            raise _RefusedError(
                HTTPStatus.NOT_FOUND, "There is no such file, or its bytes are no longer kept."
            )
        media_type, name = views.media_type(files[place]), files[place].name
        inline = media_type in _INLINE
        shown = "inline" if inline else "attachment"
        spelled = quote(name.encode(errors="replace"), safe="")
        headers = {
            **_GUARDED,
            "Content-Type": _sent_type(media_type),
            "Content-Disposition": f"{shown}; filename*=UTF-8''{spelled}",
            "Content-Security-Policy": _file_policy(media_type),
            "X-Frame-Options": "SAMEORIGIN",
        }
        return web.Response(body=content, headers=headers)


def _forbid(fault: str | None) -> None:
    if fault is not None:
        raise _RefusedError(HTTPStatus.FORBIDDEN, fault)


def _sent_type(media_type: str) -> str:
    if media_type not in _INLINE:
        return "application/octet-stream"
    return "text/plain; charset=utf-8" if media_type == "text/plain" else media_type


def _file_policy(media_type: str) -> str:
    # Chromium shows no PDF in a sandbox; a PDF has no script in this origin either way.
    policy = "default-src 'none'; frame-ancestors 'self'"
    if media_type == "application/pdf":
        return f"{policy}; object-src 'self'; style-src 'unsafe-inline'"
    return f"sandbox; {policy}"


def _json(value: Any, status: int = HTTPStatus.OK) -> web.Response:
    headers = {**_GUARDED, "Content-Type": "application/json"}
    return web.Response(status=status, body=as_ascii(value), headers=headers)


def _page(method: str) -> web.Response:
    if method not in {"GET", "HEAD"}:
        raise _RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "The page is there to GET.")
    try:
        page = importlib.import_module("spapi_messaging.sandbox.admin.page")
    except ModuleNotFoundError as missing:
        raise _RefusedError(HTTPStatus.NOT_FOUND, "This installation has no page.") from missing
    headers = {
        **_GUARDED,
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": page.CSP,
        "X-Frame-Options": "DENY",
    }
    return web.Response(body=page.PAGE, headers=headers)


def _parameters(query: str, known: set[str]) -> dict[str, str]:
    try:
        given = parse_qs(query, keep_blank_values=True, max_num_fields=20)
    except ValueError as wrong:
        raise WrongValueError("The query has too many parameters.") from wrong
    for name, values in given.items():
        if name not in known:
            raise WrongValueError(f"{name} is unknown; there is {', '.join(sorted(known))}")
        if len(values) > 1:
            raise WrongValueError(f"{name} is there twice")
    return {name: values[0] for name, values in given.items() if values[0]}


def _window(given: Mapping[str, str], limit: int) -> dict[str, Any]:
    before = given.get("before")
    wanted = _number(given.get("limit", str(limit)), "limit")
    if not 1 <= wanted <= MAX_LIMIT:
        raise WrongValueError(f"limit must be a whole number from 1 to {MAX_LIMIT}")
    return {
        "after": _number(given.get("after", "0"), "after"),
        "before": None if before is None else _number(before, "before"),
        "limit": wanted,
    }


def _number(text: str, where: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        raise WrongValueError(f"{where} must be a whole number")
    return int(text)
