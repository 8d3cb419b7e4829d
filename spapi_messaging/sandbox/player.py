"""Plays faults on a connection: hangs, resets, truncated and oversized answers."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Mapping
from typing import NoReturn

import attrs
from aiohttp import web

from spapi_messaging.sandbox.api.responses import Response, fault_answer, is_success
from spapi_messaging.sandbox.faults import Fault

HUGE_BYTES = 2 * 1024 * 1024
_HTML = b"<html><head><title>Error</title></head><body><h1>Something broke</h1></body></html>"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, zero seconds: close() sends RST


async def play(
    request: web.BaseRequest, fault: Fault, answer: Response, headers: Mapping[str, str]
) -> Response:
    """Do what the fault says; return only if there is a whole answer to send after it."""
    if fault.delay:
        await asyncio.sleep(fault.delay)
    transport = request.transport
    if fault.hang or transport is None:
        await forever()
    if fault.reset:
        _reset(transport)
        await forever()
    if fault.raw is not None:
        await _write_and_close(transport, fault.raw)
    if fault.body == "cut":
        await _write_and_close(transport, _cut(answer, headers))
    return answer


def answer_of(fault: Fault, answer: Response | None) -> Response:
    """Return the answer that a fault sends, which is the regular one where it says no status."""
    if fault.status is None or (is_success(fault.status) and answer):
        planned = answer or Response(200, b"{}")
        planned = attrs.evolve(planned, status=fault.status or planned.status)
    else:
        planned = fault_answer(fault.status)
    match fault.body:
        case None | "cut":
            return planned
        case "html":
            return Response(planned.status, _HTML, "text/html")
        case "empty":
            return Response(planned.status)
        case "huge":
            return Response(planned.status, b'"' + b"x" * HUGE_BYTES + b'"')
        case body:
            return Response(planned.status, body, planned.content_type)


async def forever() -> NoReturn:
    """Wait until the connection's end cancels this."""
    while True:
        await asyncio.get_running_loop().create_future()


async def refuse(request: web.BaseRequest, answer: Response) -> NoReturn:
    """Answer a request whose body cannot be read to its end, and close."""
    if request.transport is None:
        await forever()
    head = (
        f"HTTP/1.1 {answer.status} Refused\r\nContent-Type: {answer.content_type}\r\n"
        f"Content-Length: {len(answer.body)}\r\nConnection: close\r\n\r\n"
    )
    await _write_and_close(request.transport, head.encode() + answer.body)


def _reset(transport: asyncio.Transport) -> None:
    sock = transport.get_extra_info("socket")
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()


async def _write_and_close(transport: asyncio.Transport, data: bytes) -> NoReturn:
    transport.write(data)
    transport.close()
    await forever()


def _cut(answer: Response, headers: Mapping[str, str]) -> bytes:
    body = answer.body or b"{}"
    head = [f"HTTP/1.1 {answer.status} Cut"]
    head += [f"{name}: {value}" for name, value in headers.items()]
    head += [f"Content-Type: {answer.content_type}", f"Content-Length: {len(body) + 100}"]
    return "\r\n".join([*head, "", ""]).encode() + body[:-1]
